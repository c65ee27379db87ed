"""One self-contained HTML page about a run: a results document in, text out.

The page holds all that it needs: no script, no font, no picture from elsewhere, and a policy that
forbids the browser to load any. What a submission or an actor said stays text: the template
escapes every value, and characters that cannot be seen are spelled out before (`visible`).
Needs Jinja2, the extra `report`.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.contract import sentences
from harness.contract.rubric import LANGUAGES, Language
from harness.contract.symptoms import Failure, Symptom
from harness.grading.results import Outcome
from harness.record.diagram import sequence
from harness.record.journal import Event, What
from harness.record.lane_diagram import is_race, lanes
from harness.reports.bars import bar
from harness.reports.evidence import typed
from harness.reports.page_words import say
from harness.reports.story_table import story_table

TEMPLATES = Path(__file__).parent
TOTAL_BAR, GROUP_BAR = 560.0, 240.0
# Of what a program printed, so many lines.
MOST_CONSOLE = 60
NEEDS = "jinja2"

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """What a run knows beside its results document. An old document is drawn without.

    ``first`` is the check to mend first; ``stderr`` what the program wrote there at last, by check;
    ``saved`` what `replay` calls its saved story, by check; ``places`` where the function of
    each TODO stands ("server.py:112, open_listener"), by its number; ``more_hints`` the hints after
    the first, and ``reading`` the page of docs/id that goes deeper, by check. ``usual_path`` is the
    submission that no command has to name. ``whose`` is the student, where it is one of a class.
    """

    first: str = ""
    stderr: Mapping[str, str] = field(default_factory=dict)
    saved: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[int, str] = field(default_factory=dict)
    more_hints: Mapping[str, Sequence[str]] = field(default_factory=dict)
    reading: Mapping[str, str] = field(default_factory=dict)
    usual_path: str = "modul4/1.contoh"
    whose: str = ""


def is_possible() -> bool:
    """Whether what the page needs is installed."""
    return importlib.util.find_spec(NEEDS) is not None


def page(document: Mapping[str, Any], known: Known | None = None) -> str:
    """The page about the run that ``document`` (SPEC section 4) holds."""
    from markupsafe import Markup

    lang: Language = LANGUAGES[1] if document.get("lang") == LANGUAGES[1] else LANGUAGES[0]
    view = _View(document, known or Known(), lang)
    made: str = template("page.html.jinja").render(
        v=view, lang=lang, draw=Markup, say=lambda key, **facts: say(key, lang, **facts)
    )
    return made


@functools.cache
def template(name: str, folder: Path = TEMPLATES) -> Any:
    """The compiled template. What it prints is escaped, and spelled out where it cannot be seen.

    It may include what lies in ``folder`` or here.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def shown(value: object) -> object:
        is_text = isinstance(value, str) and not isinstance(value, Markup)
        return sentences.visible(str(value)) if is_text else value

    environment = Environment(
        loader=FileSystemLoader((folder, TEMPLATES)),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name)


class _View:
    """What the template asks for: rows by outcome, pictures, commands."""

    def __init__(self, document: Mapping[str, Any], known: Known, lang: Language) -> None:
        self._document, self._known, self._lang = document, known, lang
        self.rows: list[Row] = list(document.get("checks", ()))
        self._stories = {id(row): list(_events(row.get("story", ()))) for row in self.rows}
        submission = document.get("submission", {})
        self.path = str(submission.get("path", ""))
        self.whose = known.whose or self.path
        self.digests: Mapping[str, str] = submission.get("sha256", {})
        self.score, self.most = _number(document, "score"), _number(document, "max_score")
        self.state = str(document.get("state", "complete"))
        self.plays: Sequence[Row] = document.get("crossplay", ())
        self.facts = {key: str(document.get(key, "–")) for key in ("seed", "python", "kit")}
        self.seconds = f"{_number(document, 'duration_s'):.1f}"
        self.first = self._first()
        self.others = [row for row in self.of("failed") if row is not self.first]

    def of(self, outcome: str | None) -> list[Row]:
        """The checks with that outcome, in the order of the document."""
        return [row for row in self.rows if row.get("outcome") == outcome]

    def is_open(self, row: Row) -> bool:
        """Whether it failed since a TODO is not done yet."""
        todos = [str(todo).removeprefix("TODO ") for todo in row.get("blame", ())]
        if len(todos) != 1:
            return False
        failure = Failure("", Symptom.TODO_OPEN, {"todo": todos[0]})
        return sentences.seen(failure, self._lang) == row.get("seen")

    def _first(self) -> Row | None:
        """The failure to look at first: what the run says, else the first that was tried."""
        failed = self.of("failed")
        chosen = [row for row in failed if row["id"] == self._known.first]
        tried = [row for row in failed if not self.is_open(row)]
        # Open TODOs in the order of work; the shorter number is the smaller one.
        todo = sorted(failed, key=lambda row: (len(str(row["blame"])), str(row["blame"])))
        return next(iter([*chosen, *tried, *todo]), None)

    @property
    def is_all(self) -> bool:
        """Whether everything that could be run here passed."""
        settled = {row.get("outcome") for row in self.rows}
        return bool(self.of("passed")) and settled <= {Outcome.PASSED, Outcome.NOT_RUN}

    def waiting(self) -> dict[str, list[Row]]:
        """The checks that were not reached, by the sentence that says what they wait for."""
        found: dict[str, list[Row]] = {}
        for row in self.of("not_reached"):
            found.setdefault(str(row.get("seen", "")), []).append(row)
        return found

    def groups(self) -> list[dict[str, Any]]:
        """The groups with their passed checks, points and bars."""
        groups = self._document.get("groups", ())
        scale = max((_number(group, "max_score") for group in groups), default=0.0)
        return [
            {
                **group,
                "score": f"{_number(group, 'score'):g}",
                "max_score": f"{_number(group, 'max_score'):g}",
                "passed": [row for row in self.of("passed") if row.get("group") == group["id"]],
                "bar": bar(
                    f"bar-{at}", str(group["title"]), _number(group, "score"),
                    _number(group, "max_score"), GROUP_BAR, self._lang, scale,
                ),
            }
            for at, group in enumerate(groups)
        ]  # fmt: skip

    def total_bar(self) -> str:
        """The bar of all points together."""
        title = say("total", self._lang)
        return bar("bar-all", title, self.score, self.most, TOTAL_BAR, self._lang, self.most)

    # -- one failed check

    def anchor(self, row: Row) -> str:
        """Its name in the page; from the place in the document, as an id may hold anything."""
        return f"check-{next(at for at, each in enumerate(self.rows) if each is row)}"

    def events(self, row: Row) -> list[Event]:
        """Its story; what no version of the kit wrote is left out."""
        return self._stories[id(row)]

    def is_race(self, row: Row) -> bool:
        """Whether its story is told thread by thread."""
        return is_race(self.events(row))

    def picture(self, row: Row) -> str:
        """Its sequence diagram, or the lanes of a race."""
        draw = lanes if self.is_race(row) else sequence
        name, check = f"{self.anchor(row)}-picture", str(row["id"])
        return draw(self.events(row), self._lang, name, check, str(row.get("seen", "")))

    def story(self, row: Row) -> list[dict[str, object]]:
        """Its story as the rows of a table."""
        return story_table(self.events(row), self._lang)

    def steps(self, row: Row) -> int:
        """How many steps its story has."""
        return sum(event.what is not What.END for event in self.events(row))

    def console(self, row: Row) -> str:
        """What the program printed in its story, and its last words on stderr."""
        said = [e.text for e in self.events(row) if e.what is What.PRINT]
        last = self._known.stderr.get(str(row["id"]), "").splitlines()
        fresh = [line for line in last if line not in said]
        lines = [sentences.visible(line.expandtabs(4)) for line in [*said, *fresh]]
        return "\n".join(lines[-MOST_CONSOLE:])

    def todos(self, row: Row) -> list[str]:
        """The TODOs it is about that the files have, with their places; what is certain always."""
        places = {f"TODO {number}": place for number, place in self._known.places.items()}
        todos = [str(todo) for todo in row.get("blame", ())]
        if not (row.get("blame_is_shown") or self.is_open(row)):
            todos = [todo for todo in todos if todo in places]
        return [f"{todo} ({places[todo]})" if todo in places else todo for todo in todos]

    def is_blamed(self, row: Row) -> bool:
        """Whether its TODOs were shown to be the cause, and are not only suspected."""
        return bool(row.get("blame_is_shown")) and not self.is_open(row)

    def more_hints(self, row: Row) -> Sequence[str]:
        """The hints after the first, where they are known."""
        return self._known.more_hints.get(str(row["id"]), ())

    def reading(self, row: Row) -> str:
        """The page that goes deeper, from the top of the repository; empty where there is none."""
        return self._known.reading.get(str(row["id"]), "")

    def again(self, row: Row | None) -> str:
        """What to type to run it again, or everything, with the same random choices."""
        words = ["python", "-m", "harness", "--seed", self.facts["seed"]]
        if row is not None:
            words[3:3] = ["-k", str(row["id"])]
        return self._command(words)

    def replay(self, row: Row) -> str:
        """What to type to see its story again, where it was saved."""
        saved = self._known.saved.get(str(row["id"]))
        return self._command(["python", "-m", "harness", "replay", saved]) if saved else ""

    def _command(self, words: list[str]) -> str:
        if self.path != self._known.usual_path:
            words = [*words, f"--submission={self.path}"]
        return typed(words)


def _events(story: Iterable[Row]) -> Iterable[Event]:
    for each in story:
        if each.get("what") in set(What):
            who, to, text = (str(each.get(key, "")) for key in ("who", "to", "text"))
            yield Event(_number(each, "t"), who, to, What(each["what"]), text)


def _number(values: Mapping[str, Any], key: str) -> float:
    value = values.get(key, 0)
    return float(value) if isinstance(value, int | float) else 0.0
