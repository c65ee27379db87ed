"""The page about a class: what is counted, what leads where, and that nothing in it is markup."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from harness.classroom.class_drawn import spread
from harness.classroom.class_page import ClassFacts, class_page
from harness.classroom.class_words import CLASS_WORDS
from harness.classroom.handed_in import HandedIn
from harness.classroom.one import CONSOLE, PAGE, ClassEntry
from harness.classroom.overrides import Override
from harness.classroom.programs import Problem
from harness.classroom.similar import SimilarPair
from harness.contract.rubric import LANGUAGES, Language, load
from tests.hostile import TEXTS

pytest.importorskip("jinja2")
RUBRIC = load()
FACTS = ClassFacts(7, "bubblewrap", "1.0")


def entry(key: str, name: str, *failed: str, unsure: str = "") -> ClassEntry:
    """One that failed these checks; `unsure` could not be judged."""
    rows: list[dict[str, Any]] = []
    for check in RUBRIC:
        is_lost = check.id in (*failed, unsure)
        outcome = "failed" if check.id in failed else "inconclusive" if is_lost else "passed"
        blame = [f"TODO {number}" for number in check.blame]
        points = 0 if is_lost else check.points
        rows.append({"id": check.id, "outcome": outcome, "points": points, "blame": blame})
    score = sum(float(row["points"]) for row in rows)
    document = {"state": "complete", "score": score, "max_score": 100, "checks": rows}
    return ClassEntry(HandedIn(key, name, key[-1], Path()), document)


CLASS = (
    entry("ani-1", "Ani"),
    entry("budi-2", "Budi", "broadcast.order", "broadcast.format"),
    entry("citra-3", "Citra", "broadcast.order", unsure="nickname.race"),
    replace(entry("dewi-4", "Dewi"), results=None, problem=Problem("broken_zip")),
)


def told(rows: tuple[ClassEntry, ...], out: Path, lang: Language = "en", **more: Any) -> str:
    return class_page(RUBRIC, rows, more.get("pairs", ()), FACTS, out, lang)


def section(text: str, key: str) -> str:
    """One part of the page as plain text."""
    found = re.search(rf'<section aria-labelledby="{key}">(.*?)</section>', text, re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def test_it_says_how_many_and_how_well(tmp_path: Path):
    text = told(CLASS, tmp_path)
    scores = sorted(row.score for row in CLASS[:3])
    assert f"3 submissions graded, 1 with a problem. Mean {sum(scores) / 3:.1f}" in text
    assert f"median {scores[1]:.1f}" in text
    assert "Seed 7 · box: bubblewrap · kit 1.0" in text


def test_each_check_has_its_share_of_those_that_came_to_it(tmp_path: Path):
    text = section(told(CLASS, tmp_path), "checks")
    assert re.search(r"broadcast\.order .*? 1 of 3 broadcast", text) or "1 of 3" in text
    race = re.search(r"nickname\.race .*?(\d) of (\d)", text)
    assert race
    assert race.groups() == ("2", "2"), "what could not be judged does not count"


def test_the_todos_that_hold_the_class_up_come_first(tmp_path: Path):
    text = section(told(CLASS, tmp_path), "held")
    first = RUBRIC.checks["broadcast.format"].blame[0]
    assert f"TODO {first}" in text
    assert text.rstrip().endswith(("1", "2"))


def test_what_failed_most_is_asked_in_class(tmp_path: Path):
    text = section(told(CLASS, tmp_path), "ask")
    order = text.index("broadcast.order (2)")
    assert order < text.index("broadcast.format (1)")
    assert RUBRIC.checks["broadcast.order"].hint["en"] in text.replace("&#39;", "'")


def test_what_could_not_be_judged_is_listed_with_its_reason(tmp_path: Path):
    text = section(told(CLASS, tmp_path), "open")
    assert "Citra nickname.race" in text
    assert "Dewi The zip is broken" in text
    assert "All could be judged" in section(told(CLASS[:1], tmp_path), "open")


def test_each_row_leads_to_the_students_page(tmp_path: Path):
    for key, name in (("ani-1", PAGE), ("budi-2", CONSOLE)):
        (tmp_path / key).mkdir()
        (tmp_path / key / name).write_text("x")
    text = told(CLASS, tmp_path, pairs=[SimilarPair("ani-1", "budi-2", 0.83, 90)])
    assert f'<a href="ani-1/{PAGE}"><bdi>Ani</bdi></a>' in text
    assert f'<a href="budi-2/{CONSOLE}"><bdi>Budi</bdi></a>' in text
    assert '<th scope="row"><bdi>Citra</bdi></th>' in text
    assert "Ani · Budi 83 %" in section(text, "similar")


def test_a_change_by_hand_is_marked(tmp_path: Path):
    row = replace(CLASS[1], changes=(Override("budi-2", "total", 88, "banding"),))
    text = section(told((row,), tmp_path), "all")
    assert "88 / 100" in text
    assert "changed by hand: total = 88 (banding)" in text


class Tags(HTMLParser):
    """All elements of a page, and what they load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.loaded += [value or "" for name, value in attrs if name in ("src", "srcset", "data")]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hostile_names_stay_text(tmp_path: Path, lang: Language):
    plain = Tags(told((entry("a-1", "x"),) * len(TEXTS), tmp_path, lang))
    rows = tuple(entry(f"a-{at}", text) for at, text in enumerate(TEXTS))
    hostile = Tags(told(rows, tmp_path, lang))
    assert hostile.names == plain.names
    assert hostile.loaded == []
    assert hostile.names.count("script") == 1


def test_an_empty_class_is_a_page_too(tmp_path: Path):
    assert "0 submissions graded" in told((), tmp_path)


def test_the_distribution_is_told_in_words_as_well():
    text = spread([100, 99.5, 0, 42], "en")
    assert "0 to 9: 1; 40 to 49: 1; 90 to 99: 1; 100 to 100: 1" in text


def test_every_sentence_is_in_both_languages():
    assert all(set(row) == set(LANGUAGES) for row in CLASS_WORDS.values())


def test_who_has_undecided_checks_is_told_in_the_row_too(tmp_path: Path):
    assert "checks that are not decided: 1" in section(told(CLASS, tmp_path), "all")
    decided = replace(CLASS[2], changes=(Override("citra-3", "nickname.race", 1),))
    text = told((decided,), tmp_path)
    assert "not decided" not in section(text, "all")
    assert "All could be judged" in section(text, "open")
