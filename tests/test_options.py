"""The options of a run, understood without pytest."""

from pathlib import Path

import pytest

from harness import options
from harness.command_line import Misuse
from harness.contract.rubric import Language, load
from harness.grading import machine
from harness.reports import page


@pytest.mark.parametrize(
    ("words", "count"),
    [("nickname.unique", 1), ("nickname.", 7), ("UNIQUE", 1), ("zzz", 0), (",", 0)],
)
def test_a_word_chooses_what_contains_it(words: str, count: int):
    assert sum(options.is_chosen(check, words) for check in load()) == count


@pytest.mark.parametrize("words", ["start.banner,nickname.race", "start.banner or nickname.race"])
def test_several_words_choose_what_contains_any(words: str):
    chosen = [check.id for check in load() if options.is_chosen(check, words)]
    assert chosen == ["start.banner", "nickname.race"]


def test_too_many_clients_for_this_system_are_told_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(machine, "make_room", lambda clients: 256)
    with pytest.raises(Misuse) as refused:
        options.understood("en", str(tmp_path), clients="300")
    said = str(refused.value)
    assert "Choose --clients=192" in said or "choose --clients=192" in said
    assert "ulimit -n 364" in said


def test_what_was_given_is_taken_and_the_rest_is_drawn(tmp_path: Path):
    first, second = (options.understood("id", str(tmp_path)) for _ in range(2))
    assert (first.folder, first.path, first.clients) == (tmp_path, str(tmp_path), 20)
    assert first.seed != second.seed or first.seed != options.understood("id", str(tmp_path)).seed
    assert options.understood("id", str(tmp_path), seed="7", clients="5").seed == 7


@pytest.mark.parametrize("lang", ["id", "en"])
def test_a_page_without_what_writes_it_is_refused_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: Language
):
    assert options.understood(lang, str(tmp_path)).lang == lang
    monkeypatch.setattr(page, "NEEDS", "no_such_module_as_this")
    with pytest.raises(Misuse) as refused:
        options.understood(lang, str(tmp_path), report="page.html")
    assert "-m pip install jinja2" in str(refused.value)
    assert options.understood(lang, str(tmp_path)).lang == lang
