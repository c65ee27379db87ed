"""`python -m harness`: from the words of the command line to the command that they ask for.

In: the command line. Out: an exit status, 4 for words that nobody can understand (as pytest), 2 for
what is not built yet. Help and mistakes need no set-up; all else is told to `environment.prepare`,
which may run the same command again elsewhere.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence

from harness import command_line, commands, screen
from harness.command_line import Misuse, Words
from harness.commands import COMMANDS, SELF_CHECK, Command
from harness.setup import environment, installed

INTERRUPTED, NOT_BUILT, UNJUDGED, MISUSED = 2, 2, 3, 4
TESTS = os.path.join(environment.ROOT, "tests")
# What a grading runs in: a process of its own, which nothing in the caller's folder can reach.
SELF_CHECK_FILE = os.path.join(environment.HARNESS, "self_check.py")

# Variables that would make of the grader's own process something else than we know.
STEERING = ("PYTHONWARNINGS", "PYTHONINSPECT", "PYTHONOPTIMIZE", "PYTHONDEVMODE", "PYTHONSTARTUP")

SENTENCES: dict[str, Words] = {
    "not built": {
        "id": "Perintah '{}' belum dibuat dalam versi ini.",
        "en": "The command '{}' is not built yet.",
    },
    "unknown command": {
        "id": "Perintah '{}' tidak dikenal; yang ada: {}.",
        "en": "There is no command '{}'; there are: {}.",
    },
    "no such language": {
        "id": "Bahasa '{}' tidak ada; pilih id atau en.",
        "en": "There is no language '{}'; choose id or en.",
    },
    "no tests": {
        "id": "Perintah ini untuk pengelola: ia membutuhkan folder tests/, yang tidak ada di sini.",
        "en": "This command is for maintainers: it needs the folder tests/, which is not here.",
    },
    "commands": {"id": "Perintah", "en": "Commands"},
    "more": {
        "id": "Tentang satu perintah: python -m harness PERINTAH --help",
        "en": "About one command: python -m harness COMMAND --help",
    },
}


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; returns the exit status, if it returns."""
    screen.escape_what_cannot_be_encoded()
    try:
        screen.raise_on_ctrl_c()
        status = understand(arguments)
        sys.stdout.flush()
        return status
    except Misuse as error:
        sys.stderr.write(f"{error}\n")
        return MISUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader has seen enough (`| head`)
        screen.discard_what_is_left()
        return 0
    except OSError as error:
        sys.stderr.write(f"{error.strerror or error}\n")
        screen.discard_what_is_left()
        return UNJUDGED


def understand(arguments: Sequence[str]) -> int:
    """As `main`. Raises `Misuse`."""
    lang = environment.language(arguments)
    words = without_language(arguments, lang)
    if not words or words[0].startswith("-"):
        return self_check(arguments, words, lang)
    return run(words[0], arguments, words[1:], lang)


def self_check(whole: Sequence[str], words: Sequence[str], lang: str) -> int:
    """Grade the submission, worded for the student."""
    asked = vars(command_line.read("", commands.GRADING, words, lang))
    if asked.pop("help"):
        sys.stdout.write(help_text(lang))
        return 0
    environment.prepare(whole)
    asked["modul4-only"] = asked.pop("k")
    shows_all = asked.pop("all")
    # In one word with its name: a folder in a word of its own pytest would take for tests, and
    # import the submission's conftest.py.
    options = [f"--{name}={value}" for name, value in asked.items() if value is not None]
    for name in STEERING:
        os.environ.pop(name, None)
    options += ["--modul4-all"] * bool(shows_all)
    # Not taken before the other process can tell what it means: then it is stopped.
    screen.hold_back_ctrl_c()
    with_lang = [SELF_CHECK_FILE, f"--lang={lang}", *options]
    return environment.run_instead([sys.executable, "-P", *with_lang])


def run(name: str, whole: Sequence[str], words: Sequence[str], lang: str) -> int:
    """Run the command called ``name``. Raises `Misuse`."""
    if name in commands.TO_COME:
        sys.stderr.write(SENTENCES["not built"][lang].format(name) + "\n")
        return NOT_BUILT
    if name not in COMMANDS:
        known = ", ".join(offered())
        raise Misuse(SENTENCES["unknown command"][lang].format(name, known))
    command = COMMANDS[name]
    if command.needs_tests and not os.path.isdir(TESTS):
        sys.stderr.write(SENTENCES["no tests"][lang] + "\n")
        return NOT_BUILT
    asks_help = bool({"-h", "--help"} & set(words))
    if command.arguments is not None and not asks_help:
        command_line.read(f"{name} ", command.arguments, words, lang)
    if asks_help:
        text = command_line.help_of(f"{name} ", command.arguments or (), command.purpose, lang)
        sys.stdout.write(text)
        return 0
    if command.needs_setup:
        environment.prepare(whole)
    if name == "selftest":
        return selftest(words)
    # Imported when asked for: no other command needs it.
    do: Callable[[Sequence[str], str], int] = importlib.import_module(command.module).main
    return do(words, lang)


def selftest(words: Sequence[str]) -> int:
    """Run the kit's own tests: those in the files given, or all of them, several at once."""
    # A path that pytest is given must not hold `[`, so it is best the one from here.
    try:
        tests = os.path.relpath(TESTS)
    except ValueError:  # another drive of Windows
        tests = TESTS
    everything = [] if any(map(is_test_file, words)) else [tests]
    at_once = workers(words) if everything else []
    return environment.run_instead(
        [sys.executable, "-P", "-m", "pytest", *everything, *at_once, *words],
    )


def workers(words: Sequence[str]) -> list[str]:
    """How many tests at once: two for each core and one more, as most of their time is waiting.

    None where ``words`` say so themselves, want to talk with one test, or pytest-xdist is not here.
    """
    says_so = ("-n", "--numprocesses", "--dist", "-p", "--pdb", "--trace", "--co", "--collect-only")
    is_here = "pytest-xdist" in dict(installed.distributions(sys.path))
    if not is_here or any(word.startswith(says_so) for word in words):
        return []
    return ["-n", str(2 * (os.cpu_count() or 1) + 1)]


def is_test_file(word: str) -> bool:
    """Whether ``word`` names a test file, a folder of them, or something in one."""
    path = word.partition("::")[0]
    is_inside = os.path.abspath(path).startswith(os.path.join(TESTS, ""))
    return not word.startswith("-") and is_inside and os.path.exists(path)


def offered() -> dict[str, Command]:
    """The commands that there are here."""
    has_tests = os.path.isdir(TESTS)
    return {name: each for name, each in COMMANDS.items() if has_tests or not each.needs_tests}


def without_language(arguments: Sequence[str], lang: str) -> list[str]:
    """The words of the command line but `--lang`, which may stand anywhere. Raises `Misuse`."""
    rest: list[str] = []
    left = list(arguments)
    while left:
        name, has_value, value = left.pop(0).partition("=")
        if name != "--lang":
            rest.append(name + has_value + value)
            continue
        if not has_value:
            value = left.pop(0) if left else ""
        if value not in ("id", "en"):
            raise Misuse(SENTENCES["no such language"][lang].format(value))
    return rest


def help_text(lang: str) -> str:
    """The self-check with its options, and all commands that there are here."""
    options = (*commands.GRADING, commands.LANG)
    rows = [f"  {name:<28}{each.purpose[lang]}" for name, each in offered().items()]
    return "\n".join(
        [
            command_line.help_of("", options, SELF_CHECK.purpose, lang),
            f"{SENTENCES['commands'][lang]}:",
            *rows,
            "",
            SENTENCES["more"][lang],
            "",
        ]
    )
