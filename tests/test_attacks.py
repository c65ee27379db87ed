"""The attacks: each is written down in full, some are tried, and what would harm is seen.

All of them in every box take half an hour: `python3 -m harness attacks`, or `-m slow` here.
"""

import sys
from pathlib import Path

import pytest

from harness.classroom import box
from harness.grading.judge import REPO
from tests.proof import attacks
from tests.proof.attack_cases import FOLDER, Attack, AttackError, chosen_attacks, read_attacks
from tests.proof.attack_trial import Trial
from tests.slow import slow_but

ALL = read_attacks(REPO)
# What hostile programs were seen to do, and what was seen to be held; each by its first words.
ROWS = (
    "finds the kit by its parent's command line",
    "the same with another student's submission",
    "overwrites a file of the kit",
    "a daemon that escaped rewrites the results",
    "changes the pristine copy or the interpreter",
    "a daemon left behind disturbs the next submission",
    'plants a "kept failure"',
    "reads or changes the grader's memory",
    "stops itself after accept",
    "removes the folder of the results",
    "endless stderr, endless notices, one endless line",
    "kills the guardian",
    "holds port 55555",
    "200 children per start",
    'prints "TODO" and 5,000 digits',
    "sees the launcher",
    "garbage or deeply nested JSON from the launcher",
    "1,500 nested folders",
    "a link to a 2 GB file",
    "answers each send after 0.45 s",
    "ESC, C1 and bidi characters",
    "Held: links, folders, FIFOs, devices",
    "Held: shadowing of",
    "Held: conftest",
    "Held: sitecustomize",
    "Held: daemons with our mark",
    "Held: ignored signals",
    "Held: 10,000 descriptors",
    "Held: terminal escapes",
    "Held: eight busy loops",
)
# Seconds each; of what is read, written, left, forged.
FAST = ("borrow-by-the-path", "overwrite-the-kit", "daemon-without-a-trace", "limit-the-grader")
linux = pytest.mark.skipif(sys.platform != "linux", reason="boxes are made on Linux")
CELLS = sorted(
    ((each, kind) for each in ALL for kind in each.boxes if box.is_possible(kind)),
    key=lambda cell: (cell[0].name not in FAST or cell[1] == box.PROCESS, cell[0].name),
)
MOST_FAST = sum(each.name in FAST and kind != box.PROCESS for each, kind in CELLS)


def complaints(attack: Attack, kind: str = box.PROCESS) -> list[str]:
    return Trial(attack, kind, attacks.BASES).complaints()


def test_each_says_what_it_tries_and_why_it_succeeds_where_it_does():
    assert len(ALL) >= 40
    assert len({each.tries for each in ALL}) == len(ALL)
    for each in ALL:
        assert each.tries.endswith(".") and all(each.open.values()), each.name
        assert {*each.open} <= {*each.boxes}, each.name


@pytest.mark.parametrize("row", ROWS)
def test_what_was_seen_once_has_an_attack(row: str):
    assert any(row in each.row for each in ALL)


def test_nothing_kills_at_random_outside_of_a_box_that_keeps_it_from_other_processes():
    for each in ALL:
        if "os.kill(-1" in each.code or "fork(depth" in each.code:
            assert each.boxes == (box.BUBBLEWRAP, box.USER)


@linux
@pytest.mark.parametrize(
    ("attack", "kind"),
    slow_but(MOST_FAST, CELLS),
    ids=lambda value: value.name if isinstance(value, Attack) else value,
)
def test_an_attack_comes_out_as_it_is_written_down(attack: Attack, kind: str):
    word, seen = attacks.tried(attack, kind)
    assert word in (attacks.HELD, attacks.OPEN), seen


@linux
def test_an_attack_that_succeeds_is_told():
    change = 'open(OUT + "/dewi/results.json", "a").write(" ")\nattempt("a grade", lambda: True)\n'
    told = complaints(Attack("x", "It tries.", code=change))
    assert told == ["reached: a_grade", "changed: out/dewi/results.json"]


@linux
def test_points_that_are_not_earned_and_those_that_are_lost_are_told():
    assert "it has 12 points instead of 0" in complaints(
        Attack("x", "It tries.", base="server", honest=0)
    )
    lost = complaints(Attack("x", "It tries.", base="ends", honest=12, same=True, code=""))
    assert lost[0].startswith("it lost points: 0 of 12")


@linux
def test_what_harms_a_neighbour_and_what_is_left_is_told():
    code = 'open(CLASS + "/zaki/server.py", "w").write("x(")\nopen("/tmp/" + MARK, "w").close()\n'
    told = complaints(Attack("x", "It tries.", code=code))
    assert any(each.startswith("zaki has 0 of 12") for each in told)
    assert "changed: class/zaki/server.py" in told
    assert any(each.startswith("left: modul4-attack-") for each in told)
    assert not list(Path("/tmp").glob(told[-1].removeprefix("left: ")))


@pytest.mark.parametrize(
    "text",
    [
        "[[attack]]\nname = 'A b'\ntries = 'It.'",
        "[[attack]]\nname = 'a'\ntries = 'It.'\nboxes = ['iron']",
        "[[attack]]\nname = 'a'\ntries = 'It.'\nbase = 'other'",
        "[[attack]]\nname = 'a'\ntries = 'It.'\nodd = 1",
        "[[attack]]\nname = 'a'\ntries = 'It.'\n[[attack]]\nname = 'a'\ntries = 'It.'",
        "no = 'attack'",
    ],
)
def test_an_attack_that_makes_no_sense_is_told(tmp_path: Path, text: str):
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / FOLDER / "x.toml").write_text(text)
    with pytest.raises(AttackError):
        read_attacks(tmp_path)


def test_some_can_be_chosen_by_a_word():
    assert {each.name for each in chosen_attacks(ALL, ["nohup", "squat"])} == {
        "nohup",
        "squat-on-ports",
    }
