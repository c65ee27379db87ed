"""Colour and signs only where they can be seen."""

import io
import sys

import pytest

from harness.reports import paint
from harness.reports.paint import Paint, has_good_font, paint_for


class Stream(io.StringIO):
    """A stream with the encoding and the nature that a test wants."""

    def __init__(self, encoding: str | None = "utf-8", is_terminal: bool = True) -> None:
        super().__init__()
        self._encoding, self._is_terminal = encoding, is_terminal

    @property
    def encoding(self) -> str | None:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    if sys.platform == "win32":
        monkeypatch.setattr(paint.windows, "understands_escapes", lambda stream: True)


def test_a_terminal_has_colour_a_file_has_none():
    assert paint_for(Stream()).colour
    assert not paint_for(Stream(is_terminal=False)).colour


@pytest.mark.parametrize(
    ("name", "value", "is_terminal", "colour"),
    [
        ("NO_COLOR", "1", True, False),
        ("NO_COLOR", "", True, True),
        ("FORCE_COLOR", "1", False, True),
        ("TERM", "dumb", True, False),
    ],
)
def test_the_environment_can_force_or_forbid_colour(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, is_terminal: bool, colour: bool
):
    monkeypatch.setenv(name, value)
    assert paint_for(Stream(is_terminal=is_terminal)).colour is colour


def test_no_colour_wins_over_any_colour(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert not paint_for(Stream()).colour


@pytest.mark.parametrize(
    ("encoding", "can"),
    [("utf-8", True), ("cp1252", False), ("ascii", False), (None, False), ("x-unknown", False)],
)
def test_signs_that_the_stream_can_show(encoding: str | None, can: bool):
    assert paint_for(Stream(encoding)).unicode is can


@pytest.mark.parametrize("kind", ["passed", "failed", "open", "waiting", "unsure"])
def test_plain_signs_are_ascii_and_tell_apart(kind: str):
    plain, rich = Paint(unicode=False), Paint()
    assert plain.sign(kind).isascii()
    assert len(plain.sign(kind)) == len(rich.sign(kind)) == 1
    others = {"passed", "failed", "open", "waiting", "unsure"} - {kind}
    assert plain.sign(kind) not in {plain.sign(other) for other in others}


@pytest.mark.parametrize("style", ["good", "bad", "open", "dim", "strong", "warn"])
def test_a_style_ends_where_its_text_does(style: str):
    assert Paint(colour=False)(style, "x") == "x"
    coloured = Paint(colour=True)(style, "x")
    assert coloured.startswith("\x1b[")
    assert coloured.endswith("x\x1b[0m")


@pytest.mark.parametrize(
    ("variables", "is_good"),
    [({}, False), ({"PATH": "C:"}, False), ({"WT_SESSION": "1"}, True), ({"TERM": "xterm"}, True)],
)
def test_a_window_of_windows_has_plain_signs_unless_it_names_itself(
    variables: dict[str, str], is_good: bool
):
    assert has_good_font(variables) is is_good
