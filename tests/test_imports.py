"""What an import brings along: no test in a student's run, no effect on another module."""

import os
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from harness.grading.judge import REPO
from tests.test_layers import imports, sources_in

# Imports the modules on standard input one after the other and looks around before and after each:
# at every module of the grader that is there already, and at what the interpreter shares.
SEEN_FROM_OUTSIDE = """
import importlib, os, signal, socket, sys, threading, types

def shared():
    return {
        "sys.path": list(sys.path),
        "sys.excepthook": sys.excepthook,
        "os.environ": dict(os.environ),
        "working folder": os.getcwd(),
        "threads": threading.active_count(),
        "Ctrl-C": signal.getsignal(signal.SIGINT),
        "socket time limit": socket.getdefaulttimeout(),
        "socket.socket": socket.socket,
        "threading.Thread": threading.Thread,
        "open": open,
    }

def frozen(value):
    if isinstance(value, (dict, list, set)):
        return repr(value)
    if isinstance(value, type):
        return {name: id(each) for name, each in vars(value).items() if name[:2] != "__"}
    return id(value)

def state():
    found = shared()
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "harness":
            for key, value in vars(module).items():
                if not key.startswith("__") and not isinstance(value, types.ModuleType):
                    found[f"{name}.{key}"] = frozen(value)
    return found

sys.path.insert(0, os.getcwd())
before = state()
for module in sys.stdin.read().split():
    try:
        importlib.import_module(module)
    except Exception as error:
        print(f"{module}: {error!r}")
    after = state()
    # Names that came along only now are its own: only what was there can have been changed.
    if changed := [key for key in before if before[key] != after.get(key)]:
        print(f"{module}: {', '.join(changed)}")
    before = after
"""


def with_effects(root: Path) -> str:
    """The modules of `harness/` below `root` whose import changes something else, and what.

    Each is imported after all that it imports itself.
    """
    sources = sources_in(root / "harness")
    needs = {module: imports(module, sources) & sources.keys() for module in sources}
    order = [
        module.removesuffix(".__init__")
        for module in TopologicalSorter(needs).static_order()
        if module not in ("harness.__main__", "harness.conftest")
    ]
    done = subprocess.run(
        [sys.executable, "-P", "-c", SEEN_FROM_OUTSIDE],
        cwd=root,
        input="\n".join(order),
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    return done.stdout


def test_importing_a_module_changes_no_other():
    assert with_effects(REPO) == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from harness.kinds import KINDS\nKINDS['a'] = 1", "harness.kinds.KINDS"),
        ("from harness.kinds import Kind\nKind.size = 1", "harness.kinds.Kind"),
        ("import harness.kinds\nharness.kinds.KINDS = {'a'}", "harness.kinds.KINDS"),
        ("import os\nos.environ['SOME'] = '1'", "os.environ"),
        ("import sys\nsys.path.append('some')", "sys.path"),
        ("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)", "Ctrl-C"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_an_import_with_an_effect_is_found(tmp_path: Path, text: str, found: str):
    folder = tmp_path / "harness"
    folder.mkdir()
    (folder / "kinds.py").write_text("KINDS = {}\n\n\nclass Kind:\n    size = 0\n")
    (folder / "guilty.py").write_text(text + "\n")
    said = with_effects(tmp_path)
    assert said.startswith("harness.guilty: ")
    assert found in said


def test_a_self_check_imports_nothing_from_the_tests(tmp_path: Path):
    """Students' copies do not have them."""
    done = subprocess.run(
        [sys.executable, "-m", "harness", "-k", "start.listens"],
        cwd=REPO,
        env=os.environ | {"PYTHONPROFILEIMPORTTIME": "1", "TMPDIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    lines = [each for each in done.stderr.splitlines() if each.startswith("import time:")]
    imported = {each.rpartition("|")[2].strip() for each in lines}
    assert "harness.schedules.fixtures" in imported, done.stdout
    assert [each for each in imported if each.partition(".")[0] == "tests"] == []
