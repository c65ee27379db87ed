"""A save and Ctrl-C end the work of the main thread, and only the work."""

import contextlib
import os
import signal
import threading
import time

import pytest

from harness.interruptions import NOTICE, Interruptions, Saved
from tests.watching import LONG, ctrl_c

posix = pytest.mark.skipif(os.name != "posix", reason="signals that wake a system call")


def saves_soon(interruptions: Interruptions) -> None:
    threading.Timer(0.05, interruptions.notice_save).start()


@posix
def test_a_save_ends_the_work_at_once():
    interruptions = Interruptions()
    began = time.monotonic()
    with interruptions.heard():
        saves_soon(interruptions)
        with pytest.raises(Saved), interruptions.stoppable():
            threading.Event().wait(LONG)
    assert time.monotonic() - began < LONG / 2


def test_a_save_before_the_work_keeps_it_from_beginning():
    interruptions = Interruptions()
    done = []
    with interruptions.heard():
        interruptions.notice_save()
        with pytest.raises(Saved), interruptions.stoppable():
            done.append("work")
        interruptions.take_save()
        with interruptions.stoppable():
            done.append("after")
    assert done == ["after"]


@posix
def test_a_save_that_the_work_swallows_counts_all_the_same():
    interruptions = Interruptions()
    with interruptions.heard():
        saves_soon(interruptions)
        with pytest.raises(Saved), interruptions.stoppable(), contextlib.suppress(BaseException):
            threading.Event().wait(LONG)


def test_outside_the_work_nothing_is_raised():
    interruptions = Interruptions()
    with interruptions.heard():
        interruptions.notice_save()
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(NOTICE)
        with pytest.raises(KeyboardInterrupt), interruptions.stoppable():
            pass


def test_a_wait_ends_with_a_save_and_with_ctrl_c():
    interruptions = Interruptions()
    with interruptions.heard():
        saves_soon(interruptions)
        interruptions.wait()
        interruptions.take_save()
        threading.Timer(0.05, signal.raise_signal, [signal.SIGINT]).start()
        with pytest.raises(KeyboardInterrupt):
            interruptions.wait()


def test_both_signals_are_put_back():
    before, notice = ctrl_c(), signal.getsignal(NOTICE)
    with Interruptions().heard():
        assert ctrl_c() != before
    assert (ctrl_c(), signal.getsignal(NOTICE)) == (before, notice)


def test_a_process_that_ignores_ctrl_c_goes_on_doing_so():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        interruptions = Interruptions()
        with interruptions.heard(), interruptions.stoppable():
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
