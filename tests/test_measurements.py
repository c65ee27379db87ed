"""What a long measurement keeps, so that one broken off goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proof.measurements import Record


def never() -> float:
    raise AssertionError("it is known already")


def test_a_figure_is_measured_once(tmp_path: Path) -> None:
    file = tmp_path / "figures"
    record = Record(file)
    assert record.kept(("whole", "dict", 1), lambda: 1.5) == 1.5
    assert record.kept(("whole", "dict", 1), never) == 1.5
    assert Record(file).kept(("whole", "dict", 1), never) == 1.5


@pytest.mark.parametrize(
    "other", [("graded", "dict", 1), ("whole", "list", 1), ("whole", "dict", 2)]
)
def test_a_figure_with_another_key_is_measured(tmp_path: Path, other: tuple[str, str, int]) -> None:
    Record(tmp_path / "figures").kept(("whole", "dict", 1), lambda: 1.5)
    assert Record(tmp_path / "figures").kept(other, lambda: 2.5) == 2.5


def test_a_line_cut_off_spoils_no_other(tmp_path: Path) -> None:
    file = tmp_path / "figures"
    Record(file).kept(("whole", "dict", 1), lambda: 1.5)
    file.write_text(file.read_text() + '\n["whole", "dict", 2, 2.')
    assert Record(file).kept(("whole", "dict", 2), lambda: 2.5) == 2.5
    assert Record(file).kept(("whole", "dict", 1), never) == 1.5
    assert Record(file).kept(("whole", "dict", 2), never) == 2.5


def test_without_a_file_nothing_is_kept(tmp_path: Path) -> None:
    assert Record().kept(("whole", "dict", 1), lambda: 1.5) == 1.5
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file", ["", "no/such/folder/figures"])
def test_what_cannot_be_written_is_told_before_the_work(tmp_path: Path, file: str) -> None:
    with pytest.raises(OSError, match=r"irectory|Permission denied"):
        Record(tmp_path / file)
