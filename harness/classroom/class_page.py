"""`class.html`: one self-contained page about a whole class. Rows in, text out.

Nothing is loaded from elsewhere. One short script sorts the tables; the page's own policy allows
that one by its digest, and all can be read without it. Names and texts of students stay text.
Needs Jinja2, the extra `report`.
"""

from __future__ import annotations

import base64
import hashlib
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.classroom import problems
from harness.classroom.class_drawn import share_bar, spread
from harness.classroom.class_words import class_say
from harness.classroom.one import CONSOLE, PAGE, ClassEntry
from harness.classroom.overrides import in_a_line
from harness.classroom.similar import SimilarPair
from harness.contract.rubric import Language, Rubric
from harness.reports import page

CLASS_PAGE = "class.html"
HERE = Path(__file__).parent
TEMPLATE, SCRIPT = "class_page.html.jinja", "class_page.js"
# So many checks are told as questions for the class.
MOST_QUESTIONS = 5


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """What is told of the grading itself."""

    seed: int
    box: str
    kit: str


def class_page(
    rubric: Rubric,
    rows: Sequence[ClassEntry],
    pairs: Sequence[SimilarPair],
    facts: ClassFacts,
    out: Path,
    lang: Language,
) -> str:
    """The page about ``rows``, which lies in ``out`` beside a folder for each of them."""
    from markupsafe import Markup

    script = (HERE / SCRIPT).read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    made: str = page.template(TEMPLATE, HERE).render(
        v=_ClassView(rubric, rows, pairs, out, lang),
        lang=lang,
        facts=facts,
        draw=Markup,
        script=Markup(script),
        digest=digest,
        say=lambda key, **values: class_say(key, lang, **values),
    )
    return made


class _ClassView:
    """What the template asks for."""

    def __init__(
        self,
        rubric: Rubric,
        rows: Sequence[ClassEntry],
        pairs: Sequence[SimilarPair],
        out: Path,
        lang: Language,
    ) -> None:
        self._rubric, self._rows, self._pairs = rubric, rows, pairs
        self._out, self._lang = out, lang
        self._graded = [row for row in rows if row.is_complete and row.problem is None]
        self._by_key = {row.sent.key: row for row in rows}
        self._checks = [
            {str(each["id"]): each for each in (row.results or {})["checks"]}
            for row in self._graded
        ]

    def numbers(self) -> dict[str, object]:
        """How many, and the middle of their points."""
        shares = self._shares()
        return {
            "graded": len(self._graded),
            "problems": len(self._rows) - len(self._graded),
            "mean": f"{statistics.fmean(shares):.1f}" if shares else "–",
            "median": f"{statistics.median(shares):.1f}" if shares else "–",
        }

    def _shares(self) -> list[float]:
        """The points of each in per cent of what could be earned."""
        return [100 * row.score / row.most for row in self._rows if row.has_grade and row.most]

    def spread(self) -> str:
        """The distribution, drawn."""
        return spread(self._shares(), self._lang)

    def _first(self, checks: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any] | None:
        """The first check that failed, in the order of the rubric."""
        failed = (checks[each.id] for each in self._rubric if each.id in checks)
        return next((each for each in failed if each["outcome"] == "failed"), None)

    def held(self) -> list[dict[str, object]]:
        """How many are held up by which TODO, most first."""
        count: Counter[str] = Counter()
        for checks in self._checks:
            if (first := self._first(checks)) is not None:
                count.update(str(todo) for todo in first.get("blame", ()))
        most = len(self._graded)
        return [
            {
                "todo": todo,
                "count": n,
                "bar": share_bar(f"todo-{at}", todo, n, most, self._lang),
            }
            for at, (todo, n) in enumerate(count.most_common())
        ]

    def checks(self) -> list[dict[str, object]]:
        """Each check: how many passed it, of those that came to it."""
        found: list[dict[str, object]] = []
        for at, check in enumerate(self._rubric):
            outcomes = Counter(
                str(each[check.id]["outcome"]) for each in self._checks if check.id in each
            )
            passed, failed = outcomes["passed"], outcomes["failed"]
            title = check.title[self._lang]
            bar = share_bar(f"check-{at}", title, passed, passed + failed, self._lang)
            found.append(
                {
                    "id": check.id,
                    "title": title,
                    "passed": passed,
                    "failed": failed,
                    "waiting": outcomes["not_reached"],
                    "bar": bar,
                    "hint": check.hint[self._lang],
                }
            )
        return found

    def questions(self) -> list[dict[str, object]]:
        """The checks that failed most often."""
        failed = [each for each in self.checks() if each["failed"]]
        return sorted(failed, key=lambda each: -int(str(each["failed"])))[:MOST_QUESTIONS]

    def pairs(self) -> list[dict[str, object]]:
        """The similar pairs, with names and links."""
        return [
            {
                "one": self._who(pair.one),
                "other": self._who(pair.other),
                "share": round(100 * pair.share),
            }
            for pair in self._pairs
            if pair.one in self._by_key and pair.other in self._by_key
        ]

    def _who(self, key: str) -> dict[str, str]:
        return {"name": self._by_key[key].sent.name or key, "href": self._href(key)}

    def _href(self, key: str) -> str:
        """The student's own page, from this one; empty where there is none."""
        names = (name for name in (PAGE, CONSOLE) if (self._out / key / name).is_file())
        name = next(names, "")
        return f"{key}/{name}" if name else ""

    def open(self) -> list[dict[str, str]]:
        """What could not be judged: a problem with the whole submission, or single checks."""
        found = []
        for row in self._rows:
            why = ", ".join(row.undecided)
            if row.problem is not None:
                why = problems.sentence(row.problem.key, row.problem.facts, self._lang)
            if why:
                found.append({**self._who(row.sent.key), "why": why})
        return found

    def all(self) -> list[dict[str, object]]:
        """A row for each student."""
        found: list[dict[str, object]] = []
        for row in self._rows:
            checks = {str(each["id"]): each for each in (row.results or {}).get("checks", ())}
            first = self._first(checks) if row.is_complete else None
            remark = []
            if row.problem is not None:
                facts = row.problem.facts
                remark.append(problems.sentence(row.problem.key, facts, self._lang))
            if row.undecided:
                remark.append(class_say("undecided", self._lang, count=len(row.undecided)))
            if row.changes:
                remark.append(class_say("by_hand", self._lang, what=in_a_line(row.changes)))
            for student in row.students:
                found.append(
                    {
                        "name": student.name or row.sent.key,
                        "href": self._href(row.sent.key),
                        "number": student.number,
                        "points": f"{row.score:g}" if row.has_grade else "",
                        "most": f"{row.most:g}",
                        "first": str(first["id"]) if first else "",
                        "remark": " · ".join(remark),
                    }
                )
        return found
