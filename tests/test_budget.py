"""The time of a run, and how work that takes too long is ended."""

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from harness import run
from harness.contract.rubric import load
from harness.grading.budget import CALM, MOST, PART, Budget, OutOfTime, bounded
from harness.program import ports
from tests.watching import LONG

posix = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="signals of POSIX")


def never() -> None:
    raise AssertionError("the main thread can be stopped")


def test_a_slow_machine_has_more_time_but_not_for_ever():
    assert [Budget(scale).limit for scale in (1, 1.5, 8)] == [CALM, CALM * 1.5, MOST]
    assert Budget().left == pytest.approx(CALM, abs=LONG)


@posix
def test_work_that_hangs_is_stopped_even_where_it_catches_everything():
    caught = []
    began = time.monotonic()
    with pytest.raises(OutOfTime), bounded(0.05, never):
        try:
            threading.Event().wait(LONG)
        except Exception as error:
            caught.append(error)
    assert not caught
    assert time.monotonic() - began < LONG


@posix
def test_waiting_for_a_port_is_not_counted():
    """0.2 s of waiting, with 0.05 s to spend: it is over after the wait, not in it."""
    budget = Budget()
    done = False
    with pytest.raises(OutOfTime), bounded(0.05, never):
        with ports._waiting():
            time.sleep(0.2)
        done = True
        while True:
            time.sleep(0.01)
    assert done
    assert budget.spent < time.monotonic() - budget.began - 0.19


def test_beside_the_main_thread_waiting_for_a_port_is_not_counted_either():
    """As on Windows: whoever is told is not told in the wait, though it takes long, but after."""
    told, told_in_the_wait = threading.Event(), []

    def work() -> None:
        with bounded(0.05, told.set):
            with ports._waiting():
                told_in_the_wait.append(told.wait(0.3))
            told.wait(LONG)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert told_in_the_wait == [False]
    assert told.is_set()


def test_two_that_wait_at_once_wait_once():
    before, began = ports.waited(), time.monotonic()
    with ports._waiting():
        with ports._waiting():
            time.sleep(0.02)
        time.sleep(0.02)
        waits = ports.waited() - before
    assert 0.04 <= waits <= ports.waited() - before <= time.monotonic() - began


def test_work_that_ends_in_time_is_left_alone():
    with bounded(LONG, never):
        pass
    done = threading.Event()
    # Nothing of the clock is left: what comes later is not stopped.
    assert not done.wait(0.01)


def test_beside_the_main_thread_somebody_is_told():
    told, done = threading.Event(), threading.Event()

    def work() -> None:
        with bounded(0.01, told.set):
            told.wait(LONG)
        done.set()

    threading.Thread(target=work).start()
    assert done.wait(LONG)
    assert told.is_set()


def test_the_first_check_has_as_much_time_as_the_others(monkeypatch: pytest.MonkeyPatch):
    """How slow the machine is becomes known before the bound of the first check is set."""
    bounds: list[float] = []

    @contextlib.contextmanager
    def noting(seconds: float, give_up: object) -> Iterator[None]:
        bounds.append(seconds)
        yield

    budget = Budget()
    grading = SimpleNamespace(
        budget=budget,
        calibrate=lambda: setattr(budget, "scale", 1.5),
        judge=lambda check, story: "verdict",
    )
    monkeypatch.setattr(run, "bounded", noting)
    grading_run = run.GradingRun(load(), "en", None)
    grading_run._grading = grading  # type: ignore[assignment]
    monkeypatch.setattr(grading_run, "keep_results", lambda: None)
    check = grading_run.rubric.checks["start.listens"]
    assert grading_run.judge(check, lambda room: None, never) == "verdict"
    measuring, judging = bounds
    assert measuring == pytest.approx(MOST * PART, abs=1.0), "as on the slowest machine"
    assert judging == pytest.approx(1.5 * CALM * PART, abs=1.0)
