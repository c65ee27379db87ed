"""An exception that nobody caught is told as that, and not as a race."""

from __future__ import annotations

from typing import Any

import pytest

from harness.contract import sentences
from harness.contract.symptoms import Symptom
from harness.schedules import in_sandbox
from harness.schedules.counterexample import Counterexample
from harness.schedules.ended_by import died_in_words, ended_by
from harness.schedules.oracle import Violation

JOURNAL = [
    [0, "c0", "claim", "ani"],
    [0, "c1", "claim", "budi"],
    [0, "c0", "say", "halo"],
]
FRAMES = [["/lib/threading.py", 1, ""], ["/x/server.py", 88, ""], ["/lib/socket.py", 5, ""]]
CYCLE = {"policy": {"kind": "script", "grain": "line", "choices": [[0, "c0", 1]]}, "storm": "x"}


def example(violation: Violation, label: str = "c0", is_os: bool = True) -> Counterexample:
    error: dict[str, Any] = {"type": "BrokenPipeError", "text": "[Errno 32] Broken pipe"}
    error |= {"label": label, "os_error": is_os, "frames": FRAMES}
    return Counterexample(
        seed=1, storm="x", before=[], found=CYCLE, shrunk=CYCLE, violation=violation,
        preemptions=1, choices_found=1, steps=[], waits=[], errors=[error], journal=JOURNAL,
    )  # fmt: skip


LOST = Violation("lost", "c1", expected="ani: halo")
DROPPED = Violation("dropped", "c0", seen="end_by_server")


@pytest.mark.parametrize("broken", [LOST, DROPPED])
def test_it_ended_the_thread_of_who_spoke_or_of_who_was_dropped(broken: Violation):
    found = ended_by(example(broken))
    assert found == {"error": "BrokenPipeError: [Errno 32] Broken pipe", "place": "server.py:88"}
    failure = in_sandbox.failure(example(broken))
    assert failure.symptom is Symptom.THREAD_DIED
    assert "server.py:88: BrokenPipeError" in sentences.seen(failure, "en")
    assert "at any time" not in sentences.seen(failure, "en")


def test_the_end_of_anybody_elses_thread_explains_nothing():
    assert ended_by(example(LOST, label="c5")) is None
    assert ended_by(example(LOST, is_os=False)) is None
    assert ended_by(example(Violation("garbled", "c0", seen="x"))) is None


@pytest.mark.parametrize("broken", [LOST, DROPPED])
def test_an_exception_that_came_of_the_order_of_threads_is_told_beside_what_it_broke(
    broken: Violation,
):
    """As where `socketserver` catches it: what is seen is that a connection ended."""
    race = example(broken, is_os=False)
    failure = in_sandbox.failure(race)
    assert failure.symptom is Symptom.SCHEDULE_BREAKS
    said = sentences.seen(failure, "en")
    assert "Thread ani ended by BrokenPipeError: [Errno 32] Broken pipe, at line 88" in said
    assert "Thread ani berakhir karena BrokenPipeError" in sentences.seen(failure, "id")
    for other in (example(broken, label="c5", is_os=False), example(broken)):
        assert died_in_words(other, {}) == {}
