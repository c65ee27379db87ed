"""The commands of `python -m harness`: one table, from names to what they do.

In: the command line. Out: an exit status, 4 for a command line that nobody can understand (as
pytest), 2 for what is not built yet. A command that needs more than the standard library says
so to `environment.prepare`, which may run it again elsewhere; help and mistakes need no set-up.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.setup import environment

FAILED, NOT_BUILT, MISUSED = 1, 2, 4
# The maintainer's commands; students' copies come without them.
PROOF = os.path.join(environment.ROOT, "tests", "proof")

# Our own progress and report instead of pytest's, and nothing between them and the terminal.
FRIENDLY = ("--modul4-friendly", "-p", "no:terminal", "-s")

Words = dict[str, str]


@dataclass(frozen=True, slots=True)
class Call:
    """A command line: all of it, what follows the command, and the language to answer in."""

    whole: tuple[str, ...]
    rest: tuple[str, ...]
    lang: str


@dataclass(frozen=True, slots=True)
class Command:
    """What a command takes, what it is for, and what it does."""

    takes: str
    purpose: Words
    run: Callable[[Call], int]


class UsageError(Exception):
    """The command line makes no sense; the text is the sentence that says why."""


OPTIONS: dict[str, tuple[str, Words]] = {
    "--submission": (
        "DIR",
        {
            "id": "folder berisi server.py dan client.py; bawaannya modul4/1.contoh",
            "en": "folder with server.py and client.py; default modul4/1.contoh",
        },
    ),
    "-k": (
        "NAMA",
        {
            "id": "hanya pemeriksaan atau kelompok ini, misalnya nickname.unique",
            "en": "only this check or group, nickname.unique for one",
        },
    ),
    "--results": ("FILE", {"id": "tulis hasil sebagai JSON", "en": "write the results as JSON"}),
    "--report": (
        "FILE",
        {"id": "tulis satu halaman HTML bergambar", "en": "write one HTML page with pictures"},
    ),
    "--lang": ("id|en", {"id": "bahasa umpan balik", "en": "language of feedback"}),
    "--seed": (
        "N",
        {"id": "ulangi pilihan acak yang sama", "en": "make the same random choices again"},
    ),
    "--clients": (
        "N",
        {"id": "banyaknya client dalam keramaian", "en": "simulated clients in the crowd checks"},
    ),
}

SENTENCES: dict[str, Words] = {
    "not built": {
        "id": "Perintah '{}' belum dibuat dalam versi ini.",
        "en": "The command '{}' is not built yet.",
    },
    "unknown command": {
        "id": "Perintah '{}' tidak dikenal; yang ada: {}.",
        "en": "There is no command '{}'; there are: {}.",
    },
    "unknown option": {
        "id": "Opsi '{}' tidak dikenal di sini; lihat: python -m harness --help",
        "en": "The option '{}' is not known here; see: python -m harness --help",
    },
    "no value": {
        "id": "Opsi '{0}' membutuhkan nilai: {0} {1}",
        "en": "The option '{0}' needs a value: {0} {1}",
    },
    "no such language": {
        "id": "Bahasa '{}' tidak ada; pilih id atau en.",
        "en": "There is no language '{}'; choose id or en.",
    },
    "no proof": {
        "id": "Perintah ini untuk pengelola: ia membutuhkan folder tests/, yang tidak ada di sini.",
        "en": "This command is for maintainers: it needs the folder tests/, which is not here.",
    },
    "up to date": {
        "id": "modul4/ sesuai dengan solutions/.",
        "en": "modul4/ agrees with solutions/.",
    },
    "derived": {"id": "Diturunkan dari solutions/: {}.", "en": "Derived from solutions/: {}."},
    "stale": {
        "id": "Tidak sesuai dengan solutions/: {}; jalankan: python -m harness skeleton",
        "en": "Does not agree with solutions/: {}; run: python -m harness skeleton",
    },
    "help": {
        "id": "Pemakaian: python -m harness ...\n{}\n\nOPSI:\n{}\n",
        "en": "Usage: python -m harness ...\n{}\n\nOPSI (options):\n{}\n",
    },
}


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; returns the exit status, if it returns."""
    lang = environment.language(arguments)
    try:
        rest = without_language(arguments, lang)
        name = rest.pop(0) if rest and not rest[0].startswith("-") else ""
        return command(name, lang).run(Call(tuple(arguments), tuple(rest), lang))
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        return MISUSED


def self_check(call: Call) -> int:
    """Grade the submission, worded for the student."""
    if {"-h", "--help"} & set(call.rest):
        sys.stdout.write(help_text(call.lang))
        return 0
    options = options_in(call)
    environment.prepare(call.whole)
    if "-k" in options:
        options["--modul4-only"] = options.pop("-k")
    # In one word with its name: a folder in a word of its own pytest would take for tests, and
    # import the submission's conftest.py.
    words = [f"{name}={value}" for name, value in options.items()]
    return run_pytest(environment.HARNESS, *FRIENDLY, f"--lang={call.lang}", *words)


def selftest(call: Call) -> int:
    """Run the kit's own tests."""
    environment.prepare(call.whole)
    return run_pytest(os.path.join(environment.ROOT, "tests"), *call.rest)


# Doors that students use; the others speak to maintainers, in English.
BILINGUAL = ("harness.replay",)


def door(module: str) -> Callable[[Call], int]:
    """A command that is a module of its own, with a `main` that takes the words after its name.

    Imported when asked for: no other command needs it. What proves the kit is in `tests/`, which
    students' copies do not have.
    """

    def run(call: Call) -> int:
        if module.startswith("tests.") and not os.path.isdir(PROOF):
            sys.stderr.write(SENTENCES["no proof"][call.lang] + "\n")
            return NOT_BUILT
        environment.prepare(call.whole)
        main: Callable[..., int] = importlib.import_module(module).main
        spoken = {"lang": call.lang} if module in BILINGUAL else {}
        return main(call.rest, **spoken)

    return run


def run_pytest(*arguments: str) -> int:
    """Become pytest. With -P no file in the folder of the caller passes for a module."""
    return environment.run_instead([sys.executable, "-P", "-m", "pytest", *arguments])


def derive_skeletons(call: Call) -> int:
    """Derive `modul4/` from `solutions/`, or see whether the two agree."""
    if not os.path.isdir(PROOF):
        sys.stderr.write(SENTENCES["no proof"][call.lang] + "\n")
        return NOT_BUILT
    unknown = [each for each in call.rest if each != "--check"]
    if unknown:
        raise UsageError(SENTENCES["unknown option"][call.lang].format(unknown[0]))
    skeleton = importlib.import_module("tests.proof.skeleton")
    is_check = bool(call.rest)
    try:
        stale = skeleton.derive_all(Path(environment.ROOT), check=is_check)
    except (skeleton.SkeletonError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return FAILED
    about = "up to date" if not stale else "stale" if is_check else "derived"
    sys.stdout.write(SENTENCES[about][call.lang].format(", ".join(stale)) + "\n")
    return FAILED if stale and is_check else 0


def not_built(name: str) -> Callable[[Call], int]:
    """What a command does that only has its name yet."""

    def run(call: Call) -> int:
        sys.stderr.write(SENTENCES["not built"][call.lang].format(name) + "\n")
        return NOT_BUILT

    return run


COMMANDS: dict[str, Command] = {
    "": Command(
        "[OPSI]",
        {"id": "memeriksa pekerjaanmu", "en": "check your work"},
        self_check,
    ),
    "watch": Command(
        "",
        {
            "id": "memeriksa lagi setiap kali berkas disimpan",
            "en": "check again whenever a file is saved",
        },
        not_built("watch"),
    ),
    "replay": Command(
        "FILE",
        {"id": "memutar ulang cerita yang gagal", "en": "run a saved failing story again"},
        door("harness.replay"),
    ),
    "grade": Command(
        "DIR_OR_ZIP --out OUT [-j N]",
        {"id": "menilai satu kelas", "en": "grade a whole class"},
        not_built("grade"),
    ),
    "load": Command(
        "[--clients N]",
        {"id": "membebani server, mengukur latensi", "en": "put load on a server"},
        not_built("load"),
    ),
    "skeleton": Command(
        "[--check]",
        {"id": "menurunkan modul4/ dari solutions/", "en": "derive modul4/ from solutions/"},
        derive_skeletons,
    ),
    "selftest": Command(
        "[ARGS]",
        {"id": "menguji perangkat ini sendiri", "en": "run the kit's own tests"},
        selftest,
    ),
    "matrix": Command(
        "[NAMA] [-j N]",
        {
            "id": "menguji penilai dengan program yang sengaja salah",
            "en": "grade programs known to be wrong, and right, and compare",
        },
        door("tests.proof.matrix"),
    ),
    "soak": Command(
        "[--runs N] [--minutes M] [--load] [--pause]",
        {
            "id": "menilai gandum dan sekam berulang kali, menghitung putusan yang salah",
            "en": "grade wheat and chaff again and again, count wrong verdicts",
        },
        door("tests.proof.soak"),
    ),
    "races": Command(
        "[-n N] [--wheat N] [--hammer S] [--load]",
        {
            "id": "mengukur seberapa pasti balapan antar-thread ditemukan",
            "en": "measure how surely races are found, and nothing where there is none",
        },
        door("tests.proof.races"),
    ),
    "bench": Command(
        "[ROUNDS]",
        {"id": "mengukur biaya penilaian", "en": "measure what grading costs"},
        door("tests.proof.bench"),
    ),
}


def command(name: str, lang: str) -> Command:
    """The command of that name."""
    if name not in COMMANDS:
        known = ", ".join(filter(None, COMMANDS))
        raise UsageError(SENTENCES["unknown command"][lang].format(name, known))
    return COMMANDS[name]


def options_in(call: Call) -> dict[str, str]:
    """The values of the options given, each as `--name VALUE` or `--name=VALUE`."""
    found = {}
    left = list(call.rest)
    while left:
        name, has_value, value = left.pop(0).partition("=")
        if name not in OPTIONS:
            raise UsageError(SENTENCES["unknown option"][call.lang].format(name))
        if not has_value:
            if not left or left[0].startswith("--"):
                takes = OPTIONS[name][0]
                raise UsageError(SENTENCES["no value"][call.lang].format(name, takes))
            value = left.pop(0)
        found[name] = value
    return found


def without_language(arguments: Sequence[str], lang: str) -> list[str]:
    """The words of the command line but `--lang`, which may stand anywhere."""
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
            raise UsageError(SENTENCES["no such language"][lang].format(value))
    return rest


def help_text(lang: str) -> str:
    """All options and commands, as the tables above have them."""
    options = [(f"{name} {takes}", words) for name, (takes, words) in OPTIONS.items()]
    commands = [(f"{name} {each.takes}".strip(), each.purpose) for name, each in COMMANDS.items()]

    def table(rows: list[tuple[str, Words]]) -> str:
        return "\n".join(f"  {left:<50}{words[lang]}" for left, words in rows)

    return SENTENCES["help"][lang].format(table(commands), table(options))
