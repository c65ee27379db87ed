"""The process in which a self-check runs: `python -P self_check.py OPTIONS`, started by `cli`.

Apart from the kit and the standard library nothing has a part in it: with -P no file of the
caller's folder passes for a module.
"""

from __future__ import annotations

import os
import signal
import sys

# The status of a run that was stopped, before there was anything to report.
INTERRUPTED = 2


def _stop(*_: object) -> None:
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    # Until the grader can tell what it knows, Ctrl-C ends it without a word of Python's.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _stop)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    from harness import plugin, screen

    screen.escape_what_cannot_be_encoded()
    sys.exit(plugin.main(sys.argv[1:]))
