"""`python -m harness`, or `python DIR/harness` from anywhere.

This file must parse on any Python, so that one too old for the kit gets a sentence.
"""

import os
import signal
import sys

INTERRUPTED = 2


def _stop(*_):  # type: ignore[no-untyped-def]
    os._exit(INTERRUPTED)


# Until there is anything to clean up, Ctrl-C ends it without a word of Python's.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, _stop)

# Run as a folder, the first place to look would be this one, where `harness` is not found.
if not __package__:
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

try:
    from harness.setup import environment
except SyntaxError:  # Python 2, or 3 before 3.6
    sys.exit("Modul 4 membutuhkan Python 3.11 / needs Python 3.11 or newer: python3 -m harness")

environment.refuse_old_python(sys.argv[1:])

from harness import cli  # noqa: E402 - an old interpreter could not read it

if __name__ == "__main__":
    sys.exit(cli.main(sys.argv[1:]))
