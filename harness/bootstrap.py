"""See that the kit runs where its dependencies are, with nothing but the standard library.

In: the command line. Out: `prepare` returns when the running interpreter has the
dependencies; otherwise it finds or makes `.venv` in the repository, starts the same command
again in it, and does not return. What it cannot do it says in one sentence, status 3.

This file and what it imports must parse on Python 3.6, to say there what is too old: no
walrus, no match, annotations in quotes.
"""

import contextlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from harness import own_venv, requirements
from harness.bootstrap_words import sentence, tell

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

OLDEST = (3, 11)
SETUP_FAILED = 3  # the kit could not judge, as pytest's "internal error"

ROOT = own_venv.ROOT
HARNESS = os.path.join(ROOT, "harness")
# How often this command has started itself again: a guard against doing so for ever.
RESTARTS = "MODUL4_RESTARTS"


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
    if sys.version_info[:2] < OLDEST:
        stop(sentence("too old", language(arguments), sys.version.split()[0]))


def prepare(arguments: "Sequence[str]", extras: "Sequence[str]") -> None:
    """Return if the dependencies are here, else run `arguments` again where they are.

    `extras` are installed along when `.venv` is made, but never worth making one.
    """
    restarts = int(os.environ.pop(RESTARTS, "0"))
    lang = language(arguments)
    required, optional = requirements.listed(extras)
    if restarts and own_venv.is_running() and own_venv.is_stamped_with(required):
        # The stamp vouches for the versions, which take 40 ms to look up.
        lacking = requirements.unimportable(required)
    else:
        lacking = requirements.lacking(required)
    if not lacking:
        return
    if restarts > 1:
        stop(sentence("of no use", lang))
    os.environ[RESTARTS] = str(restarts + 1)
    again = [own_venv.PYTHON, HARNESS, *arguments]
    if not restarts and own_venv.looks_ready(required + optional):
        with contextlib.suppress(OSError):  # it was made for another machine, say
            run_instead(again)
    try:
        with own_venv.alone(lang):
            own_venv.set_up(required, optional, lang)
    except own_venv.SetupError as error:
        stop(str(error))
    except OSError as error:
        stop(sentence("not written", lang, ROOT, error.strerror))
    except KeyboardInterrupt:
        sys.exit(130)
    run_instead(again)


def run_instead(command: "list[str]") -> "NoReturn":
    """Become `command`; on Windows, where no process can, wait for it and take its status."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        os.execv(command[0], command)
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
