"""The page about a run: a results document in, one self-contained HTML page out."""

import html
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from harness.contract.rubric import LANGUAGES, Language, load
from harness.contract.symptoms import Failure, Symptom
from harness.grading.results import Outcome, Run, State, Verdict, document
from harness.record.journal import Event, What
from harness.reports import page as page_module
from harness.reports.evidence import typed
from harness.reports.page import Known, page
from harness.reports.page_words import HAPPENED, WORDS
from harness.reports.story_table import MOST_ROWS
from tests.hostile import TEXTS
from tests.test_diagram import ECHO, LOST, RACE, START, said

pytest.importorskip("jinja2", reason="the page needs Jinja2 (pip install jinja2)")

RUBRIC = load()
VOID = {"meta", "link", "br", "img", "hr"}
NOTHING_CAME = Failure("budi", Symptom.NOTHING_CAME, {"line": "ani: halo", "seconds": 2.5})
ECHOED = Failure("ani", Symptom.ECHO, {"line": "ani: halo", "seen": "ani: halo", "who": "ani"})
OPEN = Failure("server.py", Symptom.TODO_OPEN, {"todo": 3})


def failed(check: str, failure: Failure, story: tuple[Event, ...], stderr: str = "") -> Verdict:
    return Verdict(check, Outcome.FAILED, failure, story=story, stderr=stderr)


def verdicts() -> dict[str, Verdict]:
    found = [
        Verdict("start.listens", Outcome.PASSED),
        Verdict("start.banner", Outcome.NOT_RUN, reason="tidak bisa"),
        Verdict("start.restart", Outcome.INCONCLUSIVE, reason="terlalu sibuk"),
        failed("nickname.request", OPEN, (START,)),
        failed("broadcast.delivers", NOTHING_CAME, LOST, "Traceback\nKeyError: 'ani'"),
        failed("broadcast.not_to_sender", ECHOED, ECHO),
        failed("exploration.schedules", ECHOED, RACE),
        Verdict("broadcast.format", Outcome.NOT_REACHED, reason="tunggu broadcast.delivers"),
        Verdict("broadcast.order", Outcome.NOT_REACHED, reason="tunggu broadcast.delivers"),
    ]
    return {verdict.check: verdict for verdict in found}


def results(
    lang: Language = "id",
    of: dict[str, Verdict] | None = None,
    state: State = State.COMPLETE,
    path: str = "modul4/1.contoh",
) -> dict[str, Any]:
    run = Run(path, {"server.py": "ab" * 32}, 7, lang)
    values = document(RUBRIC, run, verdicts() if of is None else of, 1.5, state)
    # As an old file would give it.
    return json.loads(json.dumps(values))


class Outline(HTMLParser):
    """What a page is made of; complains where tags do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.headings: list[int] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def with_attribute(self, name: str) -> list[str]:
        return [str(attributes[name]) for _, attributes in self.tags if name in attributes]

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for each, attributes in self.tags if each == tag]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_is_well_formed_and_says_its_language(lang: Language):
    outline = Outline(page(results(lang)))
    assert outline.all("html") == [{"lang": lang}]
    ids = outline.with_attribute("id")
    assert len(ids) == len(set(ids))
    for name in ("aria-labelledby", "href"):
        for value in outline.with_attribute(name):
            targets = [each.removeprefix("#") for each in value.split()]
            assert value == "data:," or set(targets) <= set(ids), value


def test_nothing_is_loaded_and_nothing_runs():
    text = page(results())
    outline = Outline(text)
    assert "http://" not in text and "https://" not in text and "@import" not in text
    assert not outline.with_attribute("src")
    assert not {"script", "iframe", "object", "embed", "form"} & {tag for tag, _ in outline.tags}
    assert not [name for _, found in outline.tags for name in found if name.startswith("on")]
    policy = next(each["content"] for each in outline.all("meta") if "http-equiv" in each)
    assert str(policy).startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert re.findall(r"url\(", text) == []


def test_headings_come_in_order_and_landmarks_are_there():
    outline = Outline(page(results()))
    assert outline.headings[0] == 1 and outline.headings.count(1) == 1
    steps = zip(outline.headings, outline.headings[1:], strict=False)
    assert all(after - before <= 1 for before, after in steps)
    assert {"header", "nav", "main", "footer"} <= {tag for tag, _ in outline.tags}


def test_every_failed_check_has_its_picture_and_its_table():
    outline = Outline(page(results()))
    count = sum(verdict.outcome is Outcome.FAILED for verdict in verdicts().values())
    pictures = [each for each in outline.all("svg") if "-picture" in str(each["aria-labelledby"])]
    assert len(pictures) == count
    assert outline.all("table").count({"class": "story"}) == count
    assert len(outline.all("caption")) == len(outline.all("table"))
    assert all("scope" in each for each in outline.all("th"))
    assert all(each["role"] == "img" for each in outline.all("svg"))


def test_a_race_is_drawn_as_lanes():
    text = page(results())
    assert text.count('class="lane"') == len({event.who for event in RACE})


def test_what_a_person_needs_is_there():
    known = Known(first="broadcast.delivers", places={4: "server.py:95-102, split_lines"})
    text = "".join(Outline(page(results(), known)).text)
    first, rest = text.split("Juga gagal (3)")[1:2], text
    del first
    for said_ in (
        "Perbaiki ini dulu",
        "budi melihat 'ani: halo'",
        "python -m harness -k broadcast.delivers --seed 7",
        "TODO 4 (server.py:95-102, split_lines)",
        "tunggu broadcast.delivers",
        "terlalu sibuk",
        "SHA-256 server.py",
        "ab" * 32,
        "✗ tidak datang",
        "! datang, padahal seharusnya tidak",
    ):
        assert said_ in rest, said_


def test_what_the_run_says_comes_first_else_what_was_tried():
    def first(of: dict[str, Verdict], known: Known) -> str:
        text = page(results(of=of), known)
        return re.search(r'class="card first.*?class="id">([\w.]+)', text, re.DOTALL)[1]  # type: ignore[index]

    every = verdicts()
    assert first(every, Known(first="broadcast.not_to_sender")) == "broadcast.not_to_sender"
    assert first(every, Known()) == "broadcast.delivers"
    todos = {
        name: failed(name, Failure("server.py", Symptom.TODO_OPEN, {"todo": n}), (START,))
        for name, n in (("nickname.request", 10), ("nickname.accept", 9))
    }
    assert first(todos, Known()) == "nickname.accept"
    assert "Kerjakan ini dulu" in page(results(of=todos))


def test_what_the_program_printed_is_shown_once():
    known = Known(stderr={"broadcast.delivers": "Traceback\nKeyError: 'ani'"})
    text = page(results(), known)
    assert text.count("KeyError: &#39;ani&#39;") == 1


def test_a_todo_is_told_with_its_place():
    text = page(results(), Known(places={4: "server.py:87, split_lines"}))
    assert "TODO 4 (server.py:87, split_lines)" in text


def test_the_hints_after_the_first_are_folded():
    known = Known(
        more_hints={"broadcast.delivers": ("Lihat di sana.", "Coba <ini>.")},
        reading={"broadcast.delivers": "docs/id/race.md"},
    )
    text = page(results(), known)
    folded = re.findall(
        r"<details class=\"inner\">\s*<summary>(.*?)</summary>\s*<p>(.*?)</p>", text
    )
    assert folded == [
        ("Petunjuk kedua: bagian yang perlu dilihat", "Lihat di sana."),
        ("Petunjuk ketiga: percobaan", "Coba &lt;ini&gt;."),
    ]
    assert "Bacaan: docs/id/race.md" in text
    assert "Petunjuk kedua" not in page(results())


def test_a_saved_story_can_be_replayed():
    known = Known(saved={"exploration.schedules": ".modul4/a b.json"})
    command = typed(["python", "-m", "harness", "replay", ".modul4/a b.json"])
    assert command in html.unescape(page(results(), known))


def test_in_a_class_the_page_says_whose_it_is():
    text = page(results(), Known(whose="Ani <b>-12"))
    assert "<h1>Hasil pemeriksaan: <bdi>Ani &lt;b&gt;-12</bdi></h1>" in text
    assert "Modul 4 · Ani &lt;b&gt;-12</title>" in text
    # What a student types is about the folder.
    assert "--submission=Ani" not in text


@pytest.mark.parametrize("path", ["modul4/1.contoh", "nilai/a b"])
def test_a_command_names_the_folder_where_it_must(path: str):
    assert ("--submission=nilai/a b" in page(results(path=path))) is (path == "nilai/a b")


def test_a_run_without_a_fault_is_praised():
    passed = {check.id: Verdict(check.id, Outcome.PASSED) for check in RUBRIC}
    text = page(results(of=passed))
    assert "Semua pemeriksaan lulus" in text
    assert "Perbaiki" not in text
    assert "Semua pemeriksaan lulus" not in page(results(of={}))


@pytest.mark.parametrize("state", list(State))
def test_points_that_are_not_final_say_so(state: State):
    assert ("nilai ini belum akhir" in page(results(state=state))) is (state != State.COMPLETE)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_hostile_text_stays_text_wherever_it_stands(text: str, lang: Language):
    story = (START, said(0.1, text, text), Event(0.2, "server.py", text, What.MISSING, text))
    values = results(
        lang, {"broadcast.delivers": failed("broadcast.delivers", NOTHING_CAME, story)}
    )
    harmless = [tag for tag, _ in Outline(page(values)).tags]
    values["submission"] = {"path": text, "sha256": {text: text}}
    values["python"] = values["kit"] = values["seed"] = text
    values["crossplay"] = [{"title": text, "outcome": "failed", "seen": text}]
    for row in values["checks"]:
        for key in ("title", "expected", "seen", "hint"):
            row[key] = text
        row["blame"] = [text]
    for group in values["groups"]:
        group["title"] = text
    drawn = page(values, Known(stderr={"broadcast.delivers": text}))
    outline = Outline(drawn)
    assert {tag for tag, _ in outline.tags} <= {*harmless, "li", "strong", "pre"}
    assert not [name for _, found in outline.tags for name in found if name.startswith("on")]
    assert drawn.encode("utf-8").decode("utf-8") == drawn
    assert all(each.isprintable() or each == "\n" for each in drawn)


def test_a_long_text_is_whole_in_the_table_up_to_a_limit():
    story = (START, said(0.1, "ani", "a" * 6000), said(0.2, "ani", "b" * 9000))
    text = page(results(of={"broadcast.delivers": failed("broadcast.delivers", ECHOED, story)}))
    assert "a" * 6000 in text
    assert "b" * 6000 in text and "b" * 7000 not in text
    assert "dan 2900 karakter lagi" in text


def test_a_flood_of_steps_is_cut_and_says_so():
    story = (START, *(said(n / 1000, "ani", f"nomor {n}") for n in range(4000)))
    text = page(results(of={"broadcast.crowd": failed("broadcast.crowd", ECHOED, story)}))
    assert text.count('<td class="wire">') <= MOST_ROWS
    assert "langkah lain ada di file hasil" in text
    assert len(text) < 300_000


def test_the_same_results_give_the_same_page():
    assert page(results()) == page(results())


def test_what_an_older_or_newer_kit_wrote_does_not_stop_the_page():
    values = results()
    for key in ("state", "python", "kit", "crossplay", "duration_s"):
        values.pop(key, None)
    values["checks"][0]["story"] = [{"what": "sing", "t": "x"}]
    assert "Hasil pemeriksaan" in page(values)


def test_every_sentence_is_there_in_both_languages():
    for each in [*WORDS.values(), *HAPPENED.values()]:
        assert each.keys() == set(LANGUAGES) and all(each.values())
    gaps = [(each["id"], each["en"]) for each in WORDS.values()]
    assert all(
        sorted(re.findall(r"{\w+}", one)) == sorted(re.findall(r"{\w+}", other))
        for one, other in gaps
    )
    assert HAPPENED.keys() == set(What)


def test_every_sentence_of_the_template_exists():
    template = (page_module.TEMPLATES / "page.html.jinja").read_text(encoding="utf-8")
    assert set(re.findall(r'say\("(\w+)"[,)]', template)) <= set(WORDS)


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2, from "#rrggbb"."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    ]
    return sum(weight * each for weight, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


# What is written on what; the names of the style sheet.
WRITTEN = (
    *(("ink", on) for on in ("ground", "card", "quiet", "blue-quiet", "bad-quiet", "warm-quiet")),
    *(("soft", on) for on in ("ground", "card", "quiet", "blue-quiet", "warm-quiet")),
    *(("blue", on) for on in ("card", "ground")),
    *(("bad", "bad-quiet"), ("bad", "card"), ("warm", "warm-quiet"), ("warm", "card")),
    *(("good", "ground"), ("card", "bad")),
)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), WRITTEN)
def test_every_colour_can_be_read_in_pictures_too(scheme: int, ink: str, ground: str):
    style = (page_module.TEMPLATES / "page.css").read_text(encoding="utf-8")
    roots = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", roots[scheme]))
    lighter, darker = sorted((luminance(colours[each]) for each in (ink, ground)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5
