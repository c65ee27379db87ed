"""Which `.venv` is used, added to, made anew or refused. pip and venv are played here."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness import own_venv

REQUIRED, OPTIONAL = ["pytest>=9.0,<10"], ["pyte>=0.8.2,<0.9"]
COMPLETE = [own_venv.COMPLETE, *REQUIRED, *OPTIONAL]


@dataclass
class Machine:
    """Plays every process that `own_venv` starts, on a `.venv` in a folder of the test's."""

    venv: Path
    works: bool = True  # whether venv can be made
    has_pip: bool = True
    installed: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)  # what pip cannot install
    useless: set[str] = field(default_factory=set)  # what pip believes to be there and is not
    did: list[str] = field(default_factory=list)

    @property
    def python(self) -> Path:
        return self.venv / "python"

    def has_venv(self, stamp: list[str] | None = None, installed: list[str] | None = None) -> None:
        """Put a `.venv` there, with our stamp or without."""
        self.venv.mkdir()
        self.python.touch(0o755)
        self.installed = set(REQUIRED if installed is None else installed)
        if stamp:
            own_venv.write_stamp(*stamp)

    def run(self, *command: str) -> tuple[int, str]:
        if "venv" in command:
            self.did.append("make")
            self.installed, self.useless, self.has_pip = set(), set(), True
            self.python.touch(0o755)
            return (0, "") if self.works else (1, "ensurepip is not available")
        if "pip" in command:
            wanted = {each for each in command if ">=" in each}
            self.did.append(f"install {' '.join(sorted(wanted))}")
            if not self.has_pip:
                return 1, f"{self.python}: No module named pip"
            if wanted & self.refused:
                return 1, "WARNING: x\nERROR: No matching distribution found for it\n"
            self.installed |= wanted - self.useless
            return 0, ""
        asked = {each for each in command if ">=" in each}
        return (71 if asked <= self.installed else 72), ""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path / ".venv")
    monkeypatch.setattr(own_venv, "VENV", str(machine.venv))
    monkeypatch.setattr(own_venv, "PYTHON", str(machine.python))
    monkeypatch.setattr(own_venv, "STAMP", str(machine.venv / "modul4-setup.txt"))
    monkeypatch.setattr(own_venv, "output_of", machine.run)
    return machine


def set_up() -> None:
    own_venv.set_up(REQUIRED, OPTIONAL, "en")


MADE = ["make", f"install {REQUIRED[0]}", f"install {OPTIONAL[0]}"]


def test_none_is_made(machine: Machine, capsys: pytest.CaptureFixture[str]):
    set_up()
    assert machine.did == MADE
    assert own_venv.stamp() == COMPLETE
    assert own_venv.looks_ready(REQUIRED + OPTIONAL)
    assert capsys.readouterr().err.count("\n") == 1


def test_a_complete_one_is_left_alone(machine: Machine, capsys: pytest.CaptureFixture[str]):
    machine.has_venv(COMPLETE)
    set_up()
    assert machine.did == []
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("stamp", [None, COMPLETE], ids=["no stamp", "complete"])
def test_one_without_its_python_is_made_anew(machine: Machine, stamp: list[str] | None):
    machine.has_venv(stamp)
    machine.python.unlink()
    (machine.venv / "rest").touch()
    assert not own_venv.looks_ready(REQUIRED)
    set_up()
    assert machine.did == MADE
    assert not (machine.venv / "rest").exists()


def test_one_whose_python_went_elsewhere_is_made_anew(machine: Machine):
    machine.has_venv(COMPLETE)
    machine.python.unlink()
    machine.python.symlink_to("/nowhere/python3.9")
    set_up()
    assert machine.did == MADE


def test_one_left_in_the_middle_is_made_anew(machine: Machine):
    machine.has_venv([own_venv.MAKING])
    assert not own_venv.looks_ready(REQUIRED)
    set_up()
    assert machine.did == MADE


def test_one_left_before_its_stamp_is_made_anew(machine: Machine):
    machine.venv.mkdir()
    set_up()
    assert machine.did == MADE


def test_ours_is_added_to_when_more_is_required(machine: Machine):
    machine.has_venv([own_venv.COMPLETE, *REQUIRED])
    assert not own_venv.looks_ready(REQUIRED + OPTIONAL)
    set_up()
    assert machine.did == MADE[1:]
    assert own_venv.stamp() == COMPLETE


def test_ours_is_made_anew_when_pip_sees_nothing_wrong(machine: Machine):
    machine.has_venv(COMPLETE, installed=[])
    machine.useless = set(REQUIRED)
    set_up()
    assert machine.did == [*MADE[1:], *MADE]
    assert own_venv.stamp() == COMPLETE


def test_ours_is_made_anew_when_its_python_changed_underneath(machine: Machine):
    machine.has_venv(COMPLETE, installed=[])
    machine.has_pip = False
    set_up()
    assert machine.did == [MADE[1], *MADE]


def test_ours_is_kept_when_nothing_can_be_added(machine: Machine):
    machine.has_venv([own_venv.COMPLETE, "other>=1,<2"], installed=[])
    machine.refused = set(REQUIRED)
    with pytest.raises(own_venv.SetupError, match="No matching distribution"):
        set_up()
    assert own_venv.stamp() == [own_venv.COMPLETE, "other>=1,<2"]


def test_somebody_elses_is_used_as_it_is(machine: Machine):
    machine.has_venv()
    assert own_venv.looks_ready(REQUIRED + OPTIONAL)
    set_up()
    assert machine.did == []


def test_somebody_elses_is_added_to_and_stays_theirs(machine: Machine):
    machine.has_venv(installed=[])
    (machine.venv / "theirs").touch()
    set_up()
    assert machine.did == MADE[1:]
    assert (machine.venv / "theirs").exists()
    assert own_venv.stamp() == []


def test_somebody_elses_that_cannot_be_added_to_is_refused(machine: Machine):
    machine.has_venv(installed=[])
    machine.has_pip = False
    with pytest.raises(own_venv.SetupError, match="not made by Modul 4"):
        set_up()
    assert machine.python.exists()


def test_what_is_optional_may_fail(machine: Machine, capsys: pytest.CaptureFixture[str]):
    machine.refused = set(OPTIONAL)
    set_up()
    assert own_venv.stamp() == [own_venv.COMPLETE, *REQUIRED, f"without {OPTIONAL[0]}"]
    assert "the checks of the client's screen are not run" in capsys.readouterr().err
    assert own_venv.looks_ready(REQUIRED + OPTIONAL), "it would be tried again in every run"


def test_nothing_is_left_when_nothing_can_be_installed(machine: Machine):
    machine.refused = set(REQUIRED)
    with pytest.raises(own_venv.SetupError, match=r"check the network.*No matching distribution"):
        set_up()
    assert not machine.venv.exists()


def test_nothing_is_left_when_none_can_be_made(machine: Machine):
    machine.works = False
    with pytest.raises(own_venv.SetupError, match="python3-venv"):
        set_up()
    assert not machine.venv.exists()


def test_nothing_is_left_by_ctrl_c(machine: Machine, monkeypatch: pytest.MonkeyPatch):
    def interrupted(*command: str) -> tuple[int, str]:
        raise KeyboardInterrupt

    monkeypatch.setattr(own_venv, "output_of", interrupted)
    with pytest.raises(KeyboardInterrupt):
        set_up()
    assert not machine.venv.exists()


def test_a_link_is_removed_and_not_what_it_leads_to(machine: Machine, tmp_path: Path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").touch()
    machine.venv.symlink_to(tmp_path / "precious")
    set_up()
    assert (tmp_path / "precious" / "file").exists()
    assert not machine.venv.is_symlink()


def test_one_set_up_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    project = tmp_path / "pyproject.toml"
    project.write_text("[project]")
    monkeypatch.setattr(own_venv, "PROJECT", str(project))
    with project.open("r+b") as file:
        with own_venv.alone("en"):
            assert not own_venv.is_locked(file.fileno(), wait=False)
        assert own_venv.is_locked(file.fileno(), wait=False)
    assert project.read_text() == "[project]"
    assert [each.name for each in tmp_path.iterdir()] == ["pyproject.toml"]


def test_who_has_to_wait_is_told_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    answers = iter([False, False, False, True])
    monkeypatch.setattr(own_venv, "is_locked", lambda descriptor, wait: next(answers))
    with own_venv.alone("en"):
        assert list(answers) == []
    assert capsys.readouterr().err == "Waiting: another command is setting up .venv ...\n"


@pytest.mark.parametrize(
    ("said", "last"),
    [
        ("", "-"),
        ("one\ntwo\n\n", "two"),
        ("WARNING: a\nERROR: b\nERROR: c\n[notice] d\n", "ERROR: c"),
        ("x" * 1000, "x" * 300),
    ],
)
def test_the_last_words_of_pip(said: str, last: str):
    assert own_venv.last_words(said) == last
