"""Each way of leaving by itself: what is not cleaned up after just one of them is found and named.

Every faulty program here cleans up after all ways of leaving but one kind.
"""

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.actors.departures import DEPARTURES
from harness.actors.known_facts import KnownFacts
from harness.actors.patience import Patience
from harness.actors.room import Room
from harness.actors.stage import Setting
from harness.contract import sentences
from harness.contract.symptoms import NotReached, StoryFailed, Symptom
from tests.tiny import SERVER, edited

linux = pytest.mark.skipif(sys.platform != "linux", reason="threads and sockets are seen in /proc")
SHORT = Patience(step=0.5, start=10)
Tiny = Callable[..., Room]


@pytest.fixture
def tiny(play: Callable[..., Room], submission: Callable[..., Path]) -> Tiny:
    """A room with the tiny server, edited; one member is there."""

    def make(*edits: tuple[str, str], patience: Patience = SHORT) -> Room:
        room = play(submission(edited(*edits)), patience=patience, known_facts=KnownFacts())
        room.join("ani")
        return room

    return make


def after_what(promise: Callable[[], None]) -> tuple[Symptom, object]:
    """Which promise was broken, and after what."""
    with pytest.raises(StoryFailed) as caught:
        promise()
    facts = caught.value.failure.facts
    return caught.value.failure.symptom, facts["after_what"]


@linux
def test_a_server_that_cleans_up_keeps_every_promise(tiny: Tiny):
    room = tiny(*LONG_AND_BAD)
    room.cleanup.names_are_free()
    room.cleanup.threads_end()
    room.cleanup.sockets_close()
    room.cleanup.cpu_is_idle()


@linux
def test_the_others_go_on_after_every_departure(tiny: Tiny):
    tiny(*LONG_AND_BAD).cleanup.others_go_on(*DEPARTURES)


# The tiny server leaves a line too long, and bytes that are no text, as they are.
LONG_AND_BAD = (
    ("    except OSError:\n        pass\n    finally:\n        leave(name)",
     "    except (OSError, UnicodeDecodeError):\n        pass\n    finally:\n        leave(name)"),
)  # fmt: skip
STUCK = "time.sleep(600)"
LOOP = "        for raw in conn.makefile("
# What is done wrong, and the first departure in which it shows.
CLEANS = """    except OSError:
        pass
    finally:
        leave(name)"""
READS = "            text = raw.decode().strip()\n"
SAYS = "                say(name, text)\n"


def at_the_end(handlers: str) -> tuple[str, str]:
    """What the tiny server does when a connection ends."""
    return CLEANS, f"{handlers}    finally:\n        leave(name)"


def on_a_line(condition: str) -> tuple[str, str]:
    """Where the tiny server gets stuck: on a line for which ``condition`` holds."""
    return READS, f"            {condition} and {STUCK}\n{READS}"


IGNORED = "    except {kind}:\n        pass\n"
FAULTS: dict[str, tuple[tuple[str, str], ...]] = {
    "in order": (
        (SAYS, f"{SAYS}        name and raw.endswith(b'\\n') and {STUCK}\n"),
        *LONG_AND_BAD,
    ),
    "reset": (
        at_the_end(
            IGNORED.format(kind="UnicodeDecodeError")
            + f"    except OSError:\n        name and {STUCK}\n"
        ),
    ),
    "before a name": (
        (
            CLEANS,
            IGNORED.format(kind="(OSError, UnicodeDecodeError)")
            + f"    finally:\n        name or {STUCK}\n        leave(name)",
        ),
    ),
    "mid line": (on_a_line("name and not raw.endswith(b'\\n')"), *LONG_AND_BAD),
    "bad bytes": (
        at_the_end(
            IGNORED.format(kind="OSError") + f"    except UnicodeDecodeError:\n        {STUCK}\n"
        ),
    ),
    "too long a line": (on_a_line("len(raw) > 4097"), *LONG_AND_BAD),
}


@linux
@pytest.mark.parametrize("departure", FAULTS)
def test_a_thread_that_stays_is_told_with_the_departure_that_left_it(tiny: Tiny, departure: str):
    room = tiny(*FAULTS[departure])
    assert after_what(room.cleanup.threads_end) == (
        Symptom.THREADS_LEFT,
        DEPARTURES[departure].told,
    )


@linux
@pytest.mark.parametrize("departure", FAULTS)
def test_a_socket_that_stays_is_told_with_the_departure_that_left_it(tiny: Tiny, departure: str):
    room = tiny(*FAULTS[departure])
    assert after_what(room.cleanup.sockets_close) == (
        Symptom.SOCKETS_LEFT,
        DEPARTURES[departure].told,
    )


@linux
@pytest.mark.parametrize("departure", [each for each in FAULTS if DEPARTURES[each].is_named])
def test_a_name_that_stays_taken_is_told_with_the_departure(tiny: Tiny, departure: str):
    room = tiny(*FAULTS[departure])
    assert after_what(room.cleanup.names_are_free) == (
        Symptom.NAME_NOT_FREED,
        DEPARTURES[departure].told,
    )


# The tiny server takes no name off, or only that of one who was cut off.
NOBODY = ("        leave(name)\n", "        pass\n")
CUT_OFF_ONLY = (
    CLEANS,
    "    except OSError:\n        leave(name)\n    except UnicodeDecodeError:\n        pass\n"
    "    finally:\n        pass",
)


@linux
@pytest.mark.parametrize(
    ("edit", "symptom"),
    [(NOBODY, Symptom.NAME_NEVER_FREED), (CUT_OFF_ONLY, Symptom.NAME_NOT_FREED)],
)
def test_a_name_that_is_kept_however_its_holder_leaves_is_told_apart(
    tiny: Tiny, edit: tuple[str, str], symptom: Symptom
):
    room = tiny(edit)
    assert after_what(room.cleanup.names_are_free) == (symptom, DEPARTURES["in order"].told)


@linux
def test_a_loop_that_a_later_client_would_end_is_found_before_that_one_comes(tiny: Tiny):
    """A member leaves in order and its thread spins until anybody else leaves."""
    spins = (
        "    finally:\n        leave(name)",
        "    finally:\n        waiting.append(conn)\n"
        "        while name and len(waiting) % 2:\n            pass\n        leave(name)",
    )
    room = tiny(spins, ("members = {}\n", "members = {}\nwaiting = []\n"))
    assert after_what(room.cleanup.cpu_is_idle) == (Symptom.SPINS, DEPARTURES["in order"].told)


@linux
def test_a_departure_whose_own_check_failed_is_left_out(
    play: Callable[..., Room], submission: Callable[..., Path]
):
    room = play(submission(edited(*FAULTS["mid line"])), patience=SHORT)
    stage = room.cleanup._stage
    stage.setting = _failed(room, "disconnect.mid_line")
    room.join("ani")
    room.cleanup.threads_end()
    # It is said what was not tried, and why.
    assert stage.not_asked is not None
    told = sentences.reason(stage.not_asked.reason, stage.not_asked.facts, "en")
    assert told.startswith("2 of 13 ways of leaving") and told.endswith("disconnect.mid_line")


def test_with_no_departure_left_there_is_nothing_to_measure(
    play: Callable[..., Room], submission: Callable[..., Path]
):
    room = play(submission(SERVER), patience=SHORT)
    every = {each.judged_by for each in DEPARTURES.values()}
    room.cleanup._stage.setting = _failed(room, *every)
    with pytest.raises(NotReached):
        room.cleanup.threads_end()


def _failed(room: Room, *checks: str) -> Setting:
    return dataclasses.replace(room.cleanup._stage.setting, failed=frozenset(checks))


@linux
def test_a_pool_may_keep_its_workers(tiny: Tiny):
    """It has them for the next client: a second one adds none."""
    pool = (
        "def accept(listener):\n",
        "from concurrent.futures import ThreadPoolExecutor\n\n"
        "pool = ThreadPoolExecutor(5)\n\n\ndef accept(listener):\n",
    )
    submit = (
        "threading.Thread(target=serve, args=(conn, address), daemon=True).start()",
        "pool.submit(serve, conn, address)",
    )
    tiny(pool, submit, *LONG_AND_BAD).cleanup.threads_end()
