"""The process in which a self-check runs: `python -P self_check.py OPTIONS`, started by `cli`.

It becomes pytest as the kit needs it. Nothing that is installed beside the kit has a part in it, no
variable and, with -P, no file of the caller's folder.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys

# The status of a run that was stopped, before there was anything to report.
INTERRUPTED = 2
OURS = ("--modul4-friendly", "-p", "no:terminal", "-p", "no:cacheprovider", "-s")


def _stop(*_: object) -> None:
    os._exit(INTERRUPTED)


def become_pytest(root: str, options: list[str]) -> None:
    """Run pytest on the stories of the kit in ``root``."""
    for name in [each for each in os.environ if each.startswith(("PYTEST_", "HYPOTHESIS_"))]:
        del os.environ[name]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    settings = (
        f"-c{os.path.join(root, 'pyproject.toml')}",
        "-o",
        "addopts=",
        "-p",
        "pytest_timeout",
    )
    # From here on relative paths are the kit's: pytest takes `[` in a path for a parameter. The
    # plugin goes back.
    home = f"--modul4-home={os.getcwd()}"
    os.chdir(root)
    sys.argv = ["pytest", "harness", *OURS, *settings, home, *options]
    runpy.run_module("pytest", run_name="__main__", alter_sys=True)


def main() -> None:
    """Do it; ends the process."""
    # Until the grader can tell what it knows, Ctrl-C ends it without a word of Python's.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _stop)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path.insert(0, root)
    from harness import screen

    screen.escape_what_cannot_be_encoded()
    try:
        become_pytest(root, sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
