"""The environment of the kit's own: `.venv` in the repository, known by a stamp in it.

The stamp is written first as "making" and last as "complete", so what was left in the middle
is known by it and made anew. A `.venv` without a stamp is somebody else's: it is added to, and
never cleared while its interpreter runs.

Parses on Python 3.6, as bootstrap.py does and for the same reason.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from harness.bootstrap_words import LOST_WITHOUT, sentence, tell
from harness.requirements import PROJECT, package

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = os.path.dirname(PROJECT)
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))
STAMP = os.path.join(VENV, "modul4-setup.txt")
MAKING, COMPLETE, WITHOUT = "making", "complete", "without "
# Asked of the interpreter in `.venv`, which may be broken: neither answer is a usual status.
SELF_TEST = (
    "import sys; sys.path.insert(0, sys.argv[1]); from harness.requirements import lacking; "
    "sys.exit(72 if lacking(sys.argv[2:]) else 71)"
)
ANSWERS = {71: "ready", 72: "lacking"}


class SetupError(Exception):
    """The machine stands in the way; the text is the one sentence that says what to do."""


class PipError(Exception):
    """pip ended with an error; the text is pip's own last word."""


def stamp() -> "list[str]":
    """The lines of our stamp in `.venv`; empty when there is none."""
    try:
        with open(STAMP, encoding="utf-8") as file:
            return file.read().splitlines()
    except OSError:
        return []


def write_stamp(*lines: str) -> None:
    """Set the stamp, whole or not at all."""
    with open(STAMP + ".new", "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    os.replace(STAMP + ".new", STAMP)


def is_stamped_with(wanted: "Sequence[str]") -> bool:
    """Whether the stamp says that all `wanted` was installed, or tried in vain."""
    settled = {line[len(WITHOUT) :] if line.startswith(WITHOUT) else line for line in stamp()}
    return COMPLETE in settled and settled.issuperset(wanted)


def looks_ready(wanted: "Sequence[str]") -> bool:
    """Whether running in `.venv` is worth a try. One that is not ours finds out for itself."""
    return os.access(PYTHON, os.X_OK) and (is_stamped_with(wanted) or not stamp())


def is_running() -> bool:
    """Whether the interpreter that runs this is the one in `.venv`."""
    return os.path.abspath(sys.prefix) == VENV


def state(required: "Sequence[str]") -> str:
    """What the interpreter of `.venv` finds: "ready", "lacking"; or it is "broken"."""
    if not os.access(PYTHON, os.X_OK):
        return "broken"
    try:
        status, _ = output_of(PYTHON, "-I", "-c", SELF_TEST, ROOT, *required)
    except OSError:
        return "broken"
    return ANSWERS.get(status, "broken")


def set_up(required: "list[str]", optional: "list[str]", lang: str) -> None:
    """Leave a complete `.venv` behind by the least work that does it, or raise SetupError."""
    ours = stamp()
    found = "broken" if MAKING in ours else state(required)
    if found == "ready" and (is_stamped_with(required + optional) or not ours):
        return  # while we waited, somebody else did it
    if found == "broken" and not can_make():
        raise SetupError(no_venv(lang))
    tell(sentence("making", lang, ", ".join(package(each) for each in required + optional)))
    if found != "broken" and is_mended(required, optional, lang):
        return
    clear()
    try:
        make(lang)
        write_stamp(COMPLETE, *install(required, optional, lang))
    except PipError as error:
        clear()
        raise SetupError(sentence("no packages", lang, error)) from None
    except BaseException:
        clear()
        raise


def is_mended(required: "list[str]", optional: "list[str]", lang: str) -> bool:
    """Add to the `.venv` that is there; False if it is ours, and better made anew."""
    ours = stamp()
    if ours:
        write_stamp(MAKING)
    try:
        installed = install(required, optional, lang)
    except PipError as error:
        if ours and "No module named pip" in str(error):
            return False  # as when the system's Python 3.11 became 3.12 underneath it
        if ours:
            write_stamp(*ours)
        raise SetupError(sentence("no packages" if ours else "not ours", lang, error)) from None
    if not ours:
        return True
    if state(required) == "ready":
        write_stamp(COMPLETE, *installed)
        return True
    return False


def can_make() -> bool:
    """Whether this Python has all that venv needs; Debian's own has not, out of the box."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return False
    return True


def make(lang: str) -> None:
    """Make `.venv` with pip in it and nothing else, marked as unfinished."""
    os.mkdir(VENV)
    write_stamp(MAKING)
    # The running interpreter may be the very one in the `.venv` that was just cleared.
    base: str = getattr(sys, "_base_executable", None) or sys.executable
    status, said = output_of(base, "-I", "-m", "venv", VENV)
    # venv itself puts a full disk into words only.
    if status and "No space left" in said:
        raise OSError(status, last_words(said))
    if status:
        raise SetupError(no_venv(lang))


def no_venv(lang: str) -> str:
    """What to do about a Python that cannot make environments."""
    return sentence("no venv", lang, "{}.{}".format(*sys.version_info))


def install(required: "list[str]", optional: "list[str]", lang: str) -> "list[str]":
    """Install into `.venv`; returns the stamp's lines. What is optional may fail, and is named."""
    pip(required)
    lines = list(required)
    for each in optional:
        try:
            pip([each])
            lines.append(each)
        except PipError:
            name = package(each)
            tell(sentence("without", lang, name, LOST_WITHOUT[name][lang]))
            lines.append(WITHOUT + each)
    return lines


def pip(wanted: "list[str]") -> None:
    """Install `wanted` with the pip in `.venv`, set up as the system's environment says."""
    options = ["--quiet", "--no-input", "--no-user", "--disable-pip-version-check"]
    status, said = output_of(PYTHON, "-I", "-m", "pip", "install", *options, *wanted)
    if status:
        raise PipError(last_words(said))


def clear() -> None:
    """Remove `.venv`; what cannot be removed is marked as unfinished."""
    if os.path.islink(VENV):
        os.unlink(VENV)
    shutil.rmtree(VENV, ignore_errors=True)
    if os.path.isdir(VENV):
        write_stamp(MAKING)


def output_of(*command: str) -> "tuple[int, str]":
    """The exit status of `command` and all it said. It inherits the lock, see `alone`."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        close_fds=False,
    )
    return done.returncode, done.stdout


def last_words(said: str) -> str:
    """The last error in what pip or venv said, else its last line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["-"]
    errors = [line for line in lines if line.startswith("ERROR:")] or lines
    return errors[-1][:300]


@contextlib.contextmanager
def alone(lang: str) -> "Iterator[None]":
    """Keep every other set-up of this copy waiting meanwhile.

    What is locked is a file that is always there: no lock file can be left behind. The system
    unlocks it when we end, however we end, and not before a pip that outlives us has ended too.
    """
    with open(PROJECT, "r+b") as file:
        os.set_inheritable(file.fileno(), True)
        if not is_locked(file.fileno(), wait=False):
            tell(sentence("waiting", lang))
            while not is_locked(file.fileno(), wait=True):
                pass
        yield


def is_locked(descriptor: int, wait: bool) -> bool:
    """Lock the open file, or say that another holds it. Where nothing can be locked: True."""
    if sys.platform == "win32":
        import msvcrt

        # Far beyond the end: on Windows nobody else may even read the byte that is locked.
        os.lseek(descriptor, 1 << 30, os.SEEK_SET)
        try:
            # Waiting ends after ten seconds with the same error as not waiting at once.
            msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
    else:
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True  # some network drives know no locks
    return True
