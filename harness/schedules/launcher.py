"""Run a student's server under control: `python launcher.py server.py [ARGS...]`.

Plans come on standard input, one a line, each for a fresh process; the reports go to the output,
one a line. A plan is JSON: the stories to tell and the seeds of the schedules. Nothing here is
imported by the grader.
"""

import sys

# What every Python has loaded before the program itself: no file of the submission takes its place.
AT_START = frozenset(sys.modules)
# Our own folder is no place to find modules in: neither for the submission nor for us.
if __name__ == "__main__":
    sys.path[:1] = []

import importlib.util  # noqa: E402
import os  # noqa: E402
from pathlib import Path  # noqa: E402

NAME = "_modul4_inside"


def load_inside() -> None:
    """Load the folder `inside` as a package with a private name, leaving sys.path alone."""
    folder = Path(__file__).resolve().parent / "inside"
    spec = importlib.util.spec_from_file_location(
        NAME, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None and spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = package
    spec.loader.exec_module(package)


def with_fixed_hashes() -> None:
    """The order of a set of strings belongs to the schedule: start again with hashes fixed."""
    if os.name == "posix" and os.environ.get("PYTHONHASHSEED") != "0":
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


if __name__ == "__main__":
    with_fixed_hashes()
    load_inside()
    importlib.import_module(f"{NAME}.serve").serve(sys.argv[1:], AT_START)
