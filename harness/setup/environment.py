"""See that the kit runs where its dependencies are, with nothing but the standard library.

`prepare` returns when the running interpreter has the dependencies. Otherwise it runs the same
command again in `.venv`, and makes that first if need be. What it cannot do it says in one
sentence, status 3. The rules:

- A new environment is built in a folder beside, checked, and then renamed to `.venv`. So `.venv`
  is never half-made. Of two set-ups at once the first to rename wins, and the other uses that.
- Before `.venv` is used, its interpreter is asked whether it runs, and what is on its path.
- A marker file tells our own environments. One of ours that is broken or lacks a package is
  replaced. To one that a person made, packages are added. If it cannot be run at all, or is of an
  old Python, it is renamed and kept.
- What a killed set-up left behind is removed by the next one.

These modules must parse on Python 3.6, to say there what is too old: no walrus, no match,
annotations in quotes. What is slow to import is imported where it is used.
"""

import contextlib
import errno
import os
import re
import sys
import time
from typing import TYPE_CHECKING

from harness.setup import installed
from harness.setup.installed import can_make, lacking, listed, package, python_in, state
from harness.setup.messages import LOST_WITHOUT, SetupProgress, cause_of, sentence, tell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

SETUP_FAILED = 3  # the kit could not judge, as pytest's "internal error"
INTERRUPTED = 2  # as for every command: a Ctrl-C just before this one has no other status

ROOT = installed.ROOT
HARNESS = os.path.join(ROOT, "harness")
VENV = os.path.join(ROOT, ".venv")
MARKER = "modul4-setup.txt"
MARKER_TEXT = "Made by `python -m harness`, which may replace this folder at any time.\n"
# Set for the command that is run again, so that it does not do so for ever.
RESTARTED = "MODUL4_RESTARTED"
# Windows keeps a folder from being renamed while a virus scanner reads what was just written.
SCANNED_WITHIN = 10.0  # seconds
INTERRUPTED_WITHIN = 5.0  # seconds
STILL_RUNNING = 0x102  # WAIT_TIMEOUT of WaitForSingleObject


class SetupError(Exception):
    """What stands in the way: the name of a sentence, and what to put into it."""


def language(arguments: "Sequence[str]") -> str:
    """The language asked for on the command line, else by MODUL4_LANG, else Indonesian."""
    asked = os.environ.get("MODUL4_LANG", "")
    for i, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            asked = argument[len("--lang=") :]
        elif argument == "--lang":
            asked = "".join(arguments[i + 1 : i + 2])
    return "en" if asked == "en" else "id"


def refuse_old_python(arguments: "Sequence[str]") -> None:
    """End with a sentence where the interpreter is older than the kit."""
    if sys.version_info[:2] < installed.OLDEST:
        stop(sentence("too old", language(arguments), sys.version.split()[0]))


def prepare(arguments: "Sequence[str]") -> None:
    """Return if the dependencies are here, else run `arguments` again where they are."""
    is_again = os.environ.pop(RESTARTED, "")
    lang = language(arguments)
    required, optional = listed()
    if not lacking(required, sys.path):
        return
    try:
        if is_again:
            raise SetupError("of no use")
        set_up(required, optional, lang)
        os.environ[RESTARTED] = "1"
        run_instead([python_in(VENV), HARNESS, *arguments])
    except SetupError as error:
        stop(sentence(error.args[0], lang, *error.args[1:]))
    except (OSError, RuntimeError) as error:  # RuntimeError: no thread can be started
        number = getattr(error, "errno", None)
        if number in (errno.EROFS, errno.EACCES, errno.EPERM):
            stop(sentence("not written", lang, ROOT, os.strerror(number)))
        is_full = number in (errno.ENOSPC, errno.EDQUOT)
        stop(sentence("disk" if is_full else "other", lang, error))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def run_instead(command: "list[str]") -> "NoReturn":
    """Become `command`; on Windows, where no process can, wait for it and take its status."""
    for stream in filter(None, (sys.stdout, sys.stderr)):
        stream.flush()
    if os.name == "posix":
        os.execv(command[0], command)
    import subprocess

    child = subprocess.Popen(command)
    while True:
        try:
            sys.exit(child.wait())
        except KeyboardInterrupt:
            continue  # the child got the same Ctrl-C and decides


def stop(text: str) -> "NoReturn":
    """Say why nothing could be judged, and end."""
    tell(text)
    sys.exit(SETUP_FAILED)


def set_up(required: "list[str]", optional: "list[str]", lang: str) -> None:
    """Leave a complete `.venv` behind by the least work that does it, or raise SetupError."""
    remove_abandoned()
    found = state(VENV, required)
    if found == "ready":
        return
    if found == "lacking" and not is_ours(VENV):
        tell(sentence("adding", lang))
        fill(VENV, required, optional, SetupProgress(1 + len(optional), lang))
        return
    if not can_make():
        raise SetupError("no venv", "{}.{}".format(*sys.version_info))
    new = f"{VENV}.new-{os.getpid()}"
    try:
        os.mkdir(new)
        tell(sentence("making" if found == "nothing" else found, lang))
        progress = SetupProgress(2 + len(optional), lang)
        progress.next("stage venv")
        # The running interpreter may be the very one in the `.venv` that is to be replaced.
        base: str = getattr(sys, "_base_executable", None) or sys.executable
        run(progress, base, "-I", "-m", "venv", "--without-pip", new)
        # venv would do this too, and keep to itself what went wrong.
        run(progress, python_in(new), "-I", "-m", "ensurepip", "--upgrade", "--default-pip")
        fill(new, required, optional, progress)
        mark(new)
        put_in_place(new, required, lang)
    except (SetupError, OSError):
        if state(VENV, required) != "ready":  # else another set-up was quicker
            raise
    finally:
        remove(new)


def is_ours(venv: str) -> bool:
    """Whether the set-up made this environment."""
    return os.path.isfile(os.path.join(venv, MARKER))


def fill(venv: str, required: "list[str]", optional: "list[str]", progress: SetupProgress) -> None:
    """Install into the environment. What is optional may fail, and is named."""
    pip(venv, required, progress)
    for each in optional:
        try:
            pip(venv, [each], progress)
        except SetupError as error:
            lost = LOST_WITHOUT[package(each)][progress.lang]
            about = (package(each), lost, error.args[1])
            tell(sentence("without", progress.lang, *about))
    if state(venv, required) != "ready":
        raise SetupError("elsewhere")
    progress.end()


def pip(venv: str, wanted: "list[str]", progress: SetupProgress) -> None:
    """Install `wanted` with the environment's pip, set up as the system's environment says.

    An older version that comes as a wheel is better than a newer one that must be compiled.
    """
    progress.next("stage pip", ", ".join(package(each) for each in wanted))
    options = ["--no-input", "--no-user", "--disable-pip-version-check", "--no-color"]
    options += ["--progress-bar=off", "--prefer-binary"]
    run(progress, python_in(venv), "-I", "-m", "pip", "install", *options, *wanted)


def run(progress: SetupProgress, *command: str) -> None:
    """Run `command`, showing what it says last; SetupError with the cause if it fails."""
    import subprocess
    import threading

    said: list[str] = []
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )

    try:
        reader = threading.Thread(target=said.extend, args=[child.stdout], daemon=True)
        reader.start()
        while reader.is_alive():
            reader.join(0.5)
            progress.show(next((line.strip() for line in said[::-1] if "WARNING" not in line), ""))
        status = child.wait()
    except BaseException:
        # It got the same Ctrl-C, and ends what it started itself.
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(INTERRUPTED_WITHIN)
        raise
    finally:
        child.kill()
        progress.clear()
    if status:
        raise SetupError(*cause_of("".join(said)))


def mark(venv: str) -> None:
    """Mark the environment as ours, and write the name that it will have into its scripts.

    The kit itself runs nothing but `python -m`, which needs no such name; a person may want
    `activate`. On Windows pip.exe and the like, which are no text, keep the old one.
    """
    with open(os.path.join(venv, MARKER), "w", encoding="utf-8") as file:
        file.write(MARKER_TEXT)
    for entry in os.scandir(os.path.dirname(python_in(venv))):
        if entry.is_file(follow_symlinks=False):
            with open(entry.path, "rb") as script:
                text = script.read()
            if b"\0" not in text:
                with open(entry.path, "wb") as script:
                    script.write(text.replace(os.fsencode(venv), os.fsencode(VENV)))


def put_in_place(new: str, required: "Sequence[str]", lang: str) -> None:
    """Rename `new` to `.venv`, unless another set-up has put a good one there meanwhile."""
    old = f"{VENV}.old-{os.getpid()}"
    while True:
        try:
            rename(new, VENV)
            break
        except OSError:
            if not os.path.lexists(VENV):
                raise
        if state(VENV, required) == "ready":
            return
        rename(VENV, old)
    if is_ours(old):
        remove(old)
    elif os.path.lexists(old):
        tell(sentence("kept", lang, os.path.basename(old)))


def rename(source: str, target: str) -> None:
    """Rename; on Windows wait for whoever has the folder open just now."""
    deadline = time.monotonic() + (SCANNED_WITHIN if os.name == "nt" else 0)
    while True:
        try:
            return os.rename(source, target)
        except PermissionError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.1)


def remove(folder: str) -> None:
    """Remove a folder, as far as it can be; of a link, the link alone."""
    import shutil

    if os.path.islink(folder):
        os.unlink(folder)
    else:
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned() -> None:
    """Remove what set-ups left behind that were killed."""
    for name in os.listdir(ROOT):
        found = re.match(r"\.venv\.new-(\d{1,9})$", name)
        if found and not is_alive(int(found.group(1))):
            remove(os.path.join(ROOT, name))


def is_alive(pid: int) -> bool:
    """Whether another process of that number exists."""
    if pid == os.getpid():
        return False  # we have not begun
    if sys.platform == "win32":
        import ctypes

        kernel, may_wait = ctypes.windll.kernel32, 0x00100000
        handle = kernel.OpenProcess(may_wait, False, pid)
        # One that has ended can be opened too, as long as somebody else holds a handle of it.
        is_running = bool(handle) and kernel.WaitForSingleObject(handle, 0) == STILL_RUNNING
        kernel.CloseHandle(handle)
        return is_running
    try:
        os.kill(pid, 0)
    except OSError as error:
        return error.errno == errno.EPERM
    return True
