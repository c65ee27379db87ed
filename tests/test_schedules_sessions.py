"""Random sessions: they find what no written story shows, shrink it, keep it, and replay."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.actors.known_facts import KnownFacts
from harness.actors.patience import Patience
from harness.actors.stage import Setting
from harness.contract.rubric import load as load_rubric
from harness.contract.symptoms import NotReached, StoryFailed, Symptom
from harness.grading.judge import REPO
from harness.program.sandbox import Sandbox
from harness.record.journal import Journal
from harness.schedules import sessions
from harness.schedules.model import KINDS, Step
from harness.schedules.session_world import STRICT, cycle_of
from harness.schedules.sessions import (
    OPENING,
    SCHEMA,
    STEPS,
    Explorer,
    Found,
    Session,
    World,
    as_story_file,
    explored,
    is_fair,
    session_from,
)
from harness.schedules.standing import Standing
from tests.proof.chaff import load
from tests.slow import slow_but

WHEAT = REPO / "tests" / "wheat"
CHAFF = {chaff.name: chaff for chaff in load(REPO, load_rubric().checks)}
ALL = tuple(KINDS)
# Steps of a session that was made as short as it can be. Where no process can fork, each attempt
# starts a Python, and the time for them is over earlier.
SHORT = 2 if hasattr(os, "fork") else STEPS

# What ends the connection without a word, and what then takes the member off the list.
_DEAF = "    except (OSError, UnicodeDecodeError):\n"
_OFF = (
    "        with member[1]:  # nobody is inside",
    "        with console_lock:  # nobody is inside",
)
_ON_EOF = (_DEAF, f"    except EOFError:\n        member = None\n{_DEAF}")
_ON_BAD = (_DEAF, "    except UnicodeDecodeError:\n        member = None\n    except OSError:\n")
# Faults of one kind each, as edits of tests/wheat/lock_dict: some are not taken off any more.
FAULTS: dict[str, tuple[tuple[str, str], ...]] = {
    "bad bytes": (_OFF, _ON_BAD),
    "too long": (_OFF, _ON_EOF, ("+ 1:\n            return", "+ 1:\n            raise EOFError")),
    "mid line": (
        _OFF,
        _ON_EOF,
        (
            "        if not chunk:\n",
            "        if not chunk and rest:\n            raise EOFError\n        if not chunk:\n",
        ),
    ),
    "splitlines": (
        (
            """            yield line.removesuffix(b"\\r").decode()\n""",
            """            yield from line.decode().splitlines() or [""]\n""",
        ),
    ),
}  # fmt: skip


def server(folder: Path, fault: str) -> Path:
    """A server with that fault, a row of chaff or one of `FAULTS`."""
    if fault in CHAFF:
        CHAFF[fault].write(REPO, folder)
        return folder / "server.py"
    text = (WHEAT / "lock_dict" / "server.py").read_text(encoding="utf-8")
    for old, new in FAULTS[fault]:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    folder.mkdir()
    (folder / "server.py").write_text(text, encoding="utf-8")
    return folder / "server.py"


@pytest.fixture
def found(tmp_path: Path) -> Iterator[object]:
    """Explores a server in the deterministic world: the shortest session that breaks it."""
    some: list[Standing] = []

    def find(path: Path, seed: int = 1, memory: Path | None = None) -> Session | None:
        some.append(Standing(path))
        several = explored(World(some[-1], seed, STRICT), ALL, seed, memory, sessions=60)
        return several[0] if several else None

    yield find
    for standing in some:
        standing.close()


@pytest.mark.parametrize(
    ("fault", "kinds"),
    slow_but(
        3,
        [
            ("three-refusals-hang-up", set()),
            ("bad bytes", {"bad_bytes"}),
            ("splitlines", {"separator"}),
            ("refused-claimant-takes-the-holder-along", set()),
            ("a-refused-name-stays-refused", set()),
            ("returner-is-not-heard", {"return", "heir"}),
            ("too long", {"too_long"}),
            ("mid line", {"half", "half_and_leave"}),
        ],
    ),
)
def test_a_fault_of_one_kind_is_found_and_its_session_is_short(
    fault: str, kinds: set[str], tmp_path: Path, found
):
    session = found(server(tmp_path / "submission", fault))
    assert session is not None
    steps = session.steps[len(OPENING) :]
    assert len(steps) <= SHORT
    assert not kinds or kinds & {step.kind for step in steps}


@pytest.mark.parametrize("wheat", ["lock_dict", "selectors_loop"])
def test_a_correct_server_agrees_with_the_model(wheat: str, found):
    assert found(WHEAT / wheat / "server.py") is None


def test_one_seed_finds_one_session(tmp_path: Path, found):
    path = server(tmp_path / "submission", "three-refusals-hang-up")
    assert found(path, 5) == found(path, 5)


def test_what_was_found_is_tried_first_the_next_time(tmp_path: Path):
    path = server(tmp_path / "submission", "three-refusals-hang-up")
    told: list[Session] = []

    class Watched(World):
        def breaks(self, session: Session) -> bool:
            told.append(session)
            return super().breaks(session)

    for seed in (1, 2):
        told.clear()
        standing = Standing(path)
        first, *_ = explored(Watched(standing, seed, STRICT), ALL, seed, tmp_path / "memory")
        standing.close()
    assert told[0] == first


def test_every_session_meets_a_fresh_server(found):
    standing = Standing(WHEAT / "lock_dict" / "server.py")
    try:
        # The name stays taken in the first, as nobody leaves: in the second it is free.
        world = World(standing, 1, STRICT)
        assert not world.breaks(Session(OPENING, ("join", "say")))
        assert not world.breaks(Session((*OPENING, Step("say")), ("join", "say")))
    finally:
        standing.close()


def test_of_a_program_that_computes_long_fewer_are_told(monkeypatch):
    monkeypatch.setattr(sessions, "MOST_CPU", 0.0)
    monkeypatch.setattr(sessions, "FEWEST", 4)
    heard: list[int] = []

    class Watched(World):
        told = 0

        def _tell(self, session: Session):
            self.told += 1
            return super()._tell(session)

    standing = Standing(WHEAT / "lock_dict" / "server.py")
    try:
        world = Watched(standing, 1, STRICT)
        assert explored(world, ALL, 1, sessions=9, counts=lambda done, _: heard.append(done)) == []
        assert (world.told, heard[-1]) == (4, 9)
        assert 0 < world.cpu < 60
    finally:
        standing.close()


@pytest.mark.parametrize("most", [0.0, 60.0])
def test_what_was_found_is_made_shorter_as_long_as_there_is_time(
    most: float, tmp_path: Path, monkeypatch
):
    monkeypatch.setattr(sessions, "MOST_CPU", most)
    standing = Standing(server(tmp_path / "submission", "three-refusals-hang-up"))
    try:
        found = explored(World(standing, 1, STRICT), ALL, 1, sessions=60)
    finally:
        standing.close()
    assert found
    assert (len(found[0].steps) > len(OPENING) + 2) is (most == 0.0)


@pytest.mark.slow
def test_a_thread_that_spins_is_told_from_one_that_waits_for_ever(tmp_path: Path):
    text = (WHEAT / "lock_dict" / "server.py").read_text(encoding="utf-8")
    path = tmp_path / "server.py"
    marker = "        hang_up(conn)\n        with member[1]:"
    assert text.count(marker) == 1
    path.write_text(
        text.replace(marker, f"        while name:\n            pass\n{marker}"), "utf-8"
    )
    standing = Standing(path)
    try:
        told = Session((*OPENING, Step("leave"), Step("join"), Step("say"))).told(1)
        (cycle,) = standing.run([cycle_of(told.acts)]).cycles
    finally:
        standing.close()
    # Not "stalled": it was given as many turns as a program gets.
    assert cycle["end"] == "budget"


@pytest.fixture
def explorer(tmp_path: Path) -> Iterator[object]:
    """An explorer of the server in a folder, in a sandbox of its own."""
    sandbox = Sandbox()

    def make(folder: Path, failed: frozenset[str] = frozenset()) -> Explorer:
        known = KnownFacts()
        # Windows does not tell when a program did not get to run: on a busy machine it needs more.
        patience = Patience(step=1.0 if os.name == "posix" else 5.0)
        return Explorer(Setting(sandbox, folder, patience, known, failed=failed), 1)

    yield make
    sandbox.close()


def test_what_is_found_is_played_over_real_sockets(tmp_path: Path, explorer):
    folder = tmp_path / "submission"
    server(folder, "three-refusals-hang-up")
    found = explorer(folder).search(())
    assert found is not None
    assert isinstance(found.failed, StoryFailed)
    assert found.journal.events
    document = json.loads(as_story_file(found, 1))
    assert document["schema"] == SCHEMA
    assert session_from(document) == found.session
    assert explorer(folder).play(found.session) is not None
    # Mended, it ends well.
    assert explorer(WHEAT / "lock_dict").play(found.session) is None


def test_a_message_answered_as_a_nickname_is_told_as_such(tmp_path: Path, explorer):
    folder = tmp_path / "submission"
    server(folder, "second-question-without-return")
    found = explorer(folder).play(Session((*OPENING, Step("claim"), Step("say", 2))))
    failure = found.failed.failure
    assert failure.symptom is Symptom.MESSAGE_TAKEN_FOR_NAME
    assert str(failure.facts["seen"]).startswith("ERR ")
    # A line that came to nobody, and was not answered, is a line that is missing.
    deaf = tmp_path / "deaf"
    server(deaf, "only-to-sender")
    found = explorer(deaf).play(Session((*OPENING, Step("say"))))
    assert found.failed.failure.symptom is Symptom.NOTHING_CAME


FORKS = "import os\nif hasattr(os, 'fork') and os.fork() == 0:\n    os._exit(0)\n"


@pytest.mark.parametrize(
    ("fault", "is_found"),
    [("three-refusals-hang-up", True), ("", False)],
    ids=["faulty", "correct"],
)
def test_a_program_that_cannot_live_in_the_world_is_told_tours(
    fault: str, is_found: bool, tmp_path: Path, explorer
):
    folder = tmp_path / "submission"
    path = server(folder, fault) if fault else folder / "server.py"
    text = (path if fault else WHEAT / "lock_dict" / "server.py").read_text(encoding="utf-8")
    folder.mkdir(exist_ok=True)
    path.write_text(text.replace("import argparse\n", f"import argparse\n{FORKS}"), "utf-8")
    found = explorer(folder).search(())
    assert (found is not None) is is_found


def test_too_little_is_left_to_tell_of_a_program_that_failed_much(explorer):
    failed = frozenset(need for kind in KINDS.values() for need in kind.needs)
    with pytest.raises(NotReached):
        explorer(WHEAT / "lock_dict", failed).search(failed)


# -- the story file


SESSION = Session((*OPENING, Step("claim", 1, 2)), tuple(kind for kind in ALL if kind != "reset"))
FOUND = Found(SESSION, StoryFailed.__new__(StoryFailed), Journal())


def test_a_session_can_be_written_down_and_read_again():
    assert session_from(json.loads(as_story_file(FOUND, 3))) == SESSION


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"steps": 1},
        *({"steps": [step]} for step in (["dance", 0, 0], ["join"], ["join", "x", 0])),
    ],
)
def test_what_is_no_session_is_refused(document: dict):
    with pytest.raises(ValueError):
        session_from(document)


def test_a_session_is_fair_while_nothing_in_it_stands_on_a_failed_check():
    assert is_fair(SESSION, ())
    assert is_fair(SESSION, ("start.banner",))
    assert not is_fair(SESSION, ("nickname.unique",))
    short = Session(OPENING, ("join", "say"))
    assert is_fair(short, ("nickname.unique",))
