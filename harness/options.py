"""The options of a grading run, understood: words in, values or one sentence out."""

from __future__ import annotations

import os
import random
import sys
from dataclasses import dataclass
from pathlib import Path

from harness.command_line import Misuse
from harness.contract.rubric import LANGUAGES, Bilingual, Check, Language
from harness.grading import machine
from harness.grading.judge import REPO
from harness.grading.submission import NoSubmission, folder_of
from harness.reports import page

DEFAULT_SUBMISSION = "modul4/1.contoh"
FEWEST_CLIENTS, USUAL_CLIENTS, MOST_CLIENTS = 2, 20, 1000

_SAID: dict[str, Bilingual] = {
    "seed": {
        "id": "Seed '{value}' bukan bilangan bulat; contoh: --seed 1234.",
        "en": "The seed '{value}' is not a whole number; an example: --seed 1234.",
    },
    "clients": {
        "id": "--clients '{value}' harus bilangan dari 2 sampai 1000.",
        "en": "--clients '{value}' must be a number from 2 to 1000.",
    },
    "descriptors": {
        "id": "--clients {value} terlalu banyak di sini: paling banyak {most} file dan socket "
        "boleh terbuka. Pilih --clients={fewer}, atau jalankan dulu: ulimit -n {needed}",
        "en": "--clients {value} are too many here: at most {most} files and sockets may be open; "
        "choose --clients={fewer}, or run this first: ulimit -n {needed}",
    },
    "lang": {
        "id": "Bahasa '{value}' tidak ada; pilih id atau en.",
        "en": "There is no language '{value}'; choose id or en.",
    },
    "no page": {
        "id": "--report membutuhkan Jinja2, yang tidak ada di Python ini; pasanglah dengan: "
        "{value} -m pip install jinja2",
        "en": "--report needs Jinja2, which this Python does not have; install it with: "
        "{value} -m pip install jinja2",
    },
}


def from_here(folder: Path) -> Path:
    """``folder``, an absolute path, as somebody in the current folder would write it."""
    return Path(os.path.relpath(folder)) if folder.is_relative_to(Path.cwd()) else folder


def as_words(folder: Path) -> str:
    """What a command about the submission in ``folder`` says besides: empty for the usual one."""
    if folder == (REPO / DEFAULT_SUBMISSION).resolve():
        return ""
    return f" --submission={from_here(folder)}"


@dataclass(frozen=True, slots=True)
class Options:
    """What is graded and how.

    ``is_batch``: it is one of a class. Nothing is remembered from run to run, and the reports call
    the folder what it is called where the student works. ``whose``: what the page calls it instead.
    ``confines``: programs are kept from all
    files that they do not need. ``as_user``: they run as a user of their own.
    """

    path: str
    folder: Path
    seed: int
    lang: Language
    clients: int
    is_batch: bool = False
    confines: bool = False
    as_user: bool = False
    whose: str = ""


def language(given: str | None) -> Language:
    """The language asked for, else the one of MODUL4_LANG, else Indonesian. Raises `Misuse`."""
    value = given or os.environ.get("MODUL4_LANG") or LANGUAGES[0]
    for lang in LANGUAGES:
        if value == lang:
            return lang
    raise _misuse("lang", LANGUAGES[0], value)


def understood(
    lang: Language,
    submission: str | None = None,
    seed: str | None = None,
    clients: str | None = None,
    report: str | None = None,
    *,
    is_batch: bool = False,
    confines: bool = False,
    as_user: bool = False,
    whose: str = "",
) -> Options:
    """The options, from the words of the command line. Raises `Misuse`."""
    if report and not page.is_possible():
        raise _misuse("no page", lang, sys.executable)
    drawn = random.SystemRandom().randrange(1_000_000)
    number = USUAL_CLIENTS if clients is None else _number("clients", clients, lang)
    if not FEWEST_CLIENTS <= number <= MOST_CLIENTS:
        raise _misuse("clients", lang, number)
    if (most := machine.make_room(number)) is not None:
        fewer = max(most - machine.ROOM, FEWEST_CLIENTS)
        facts = {"most": most, "fewer": fewer, "needed": number + machine.ROOM}
        raise _misuse("descriptors", lang, number, **facts)
    try:
        folder = folder_of(submission or str(REPO / DEFAULT_SUBMISSION), lang)
    except NoSubmission as error:
        raise Misuse(str(error)) from None
    return Options(
        path=DEFAULT_SUBMISSION if is_batch or not submission else submission,
        folder=folder,
        seed=drawn if seed is None else _number("seed", seed, lang),
        lang=lang,
        clients=number,
        is_batch=is_batch,
        confines=confines,
        as_user=as_user,
        whose=whose,
    )


def is_chosen(check: Check, words: str) -> bool:
    """Whether its id contains one of these words, which stand between commas or `or`."""
    wanted = words.replace(" or ", ",").lower().split(",")
    return any(word.strip() in check.id.lower() for word in wanted if word.strip())


def _number(key: str, value: str, lang: Language) -> int:
    try:
        return int(value)
    except ValueError:
        raise _misuse(key, lang, value) from None


def _misuse(key: str, lang: Language, value: object, **facts: object) -> Misuse:
    return Misuse(_SAID[key][lang].format(value=value, **facts))
