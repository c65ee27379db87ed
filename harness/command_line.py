"""Command lines in two languages: what a command takes, as a value, read with argparse.

A mistake is one sentence (`Misuse`), never argparse's own English. Nothing but the standard
library is needed, so that help and mistakes need no set-up.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

Words = Mapping[str, str]

_SAID: Mapping[str, Words] = {
    "unknown": {
        "id": "Opsi '{name}' tidak dikenal di sini; lihat: python -m harness {command}--help",
        "en": "The option '{name}' is not known here; see: python -m harness {command}--help",
    },
    "no value": {
        "id": "Opsi '{name}' membutuhkan nilai: {name} {takes}",
        "en": "The option '{name}' needs a value: {name} {takes}",
    },
    "no number": {
        "id": "'{value}' bukan bilangan: {takes}",
        "en": "'{value}' is no number: {takes}",
    },
    "no choice": {
        "id": "'{value}' tidak ada untuk {name}; pilih {choices}",
        "en": "There is no '{value}' for {name}; choose {choices}",
    },
    "no flag": {
        "id": "Opsi '{name}' tidak memakai nilai",
        "en": "The option '{name}' takes no value",
    },
    "lacking": {
        "id": "Yang kurang: {name}; lihat: python -m harness {command}--help",
        "en": "Missing: {name}; see: python -m harness {command}--help",
    },
    "other": {"id": "Tidak dimengerti: {value}", "en": "This makes no sense: {value}"},
}
_HEADS: Mapping[str, Words] = {
    "usage": {"id": "Pemakaian: ", "en": "Usage: "},
    "options": {"id": "Opsi", "en": "Options"},
    "arguments": {"id": "Yang diberikan", "en": "What to give"},
    "help": {"id": "tampilkan ini", "en": "show this"},
}


class Misuse(Exception):
    """A command line makes no sense. The text is the sentence that says why."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One option, or with a name without a dash one word by its place.

    ``takes`` is what its value is called, empty for an option without one; ``kind`` makes the value
    of the word; ``count`` is argparse's ``nargs``. What is not built yet is understood, and not
    offered.
    """

    name: str
    purpose: Words
    takes: str = ""
    kind: Callable[[str], Any] = str
    default: Any = None
    count: str | None = None
    is_built: bool = True
    choices: tuple[str, ...] = ()

    @property
    def is_option(self) -> bool:
        """Whether it is told by its name rather than by its place."""
        return self.name.startswith("-")


class _Parser(argparse.ArgumentParser):
    """One that raises where argparse would print and exit."""

    def error(self, message: str) -> NoReturn:
        raise argparse.ArgumentError(None, message)


class _Formatter(argparse.HelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=96)


def read(
    command: str, arguments: Sequence[Argument], words: Sequence[str], lang: str
) -> argparse.Namespace:
    """The values of ``words``, in which ``help`` tells whether help is asked for.

    ``command`` is the name of the command with a blank after it, empty for the self-check. Raises
    `Misuse`.
    """
    by_name = {each.name: each for each in arguments}
    parser = _parser(command, arguments, lang)

    def misuse(why: str, **facts: object) -> Misuse:
        return Misuse(_SAID[why][lang].format(command=command, **facts))

    if {"-h", "--help"} & set(words):
        return argparse.Namespace(help=True)
    try:
        found, unknown = parser.parse_known_args(list(words))
    except argparse.ArgumentError as error:
        name, message = error.argument_name or "", str(error.message)
        takes = by_name[name].takes if name in by_name else name
        quoted = re.search(r"'([^']*)'", message)
        value = quoted.group(1) if quoted else message
        if message.startswith("expected"):
            raise misuse("no value", name=name, takes=takes) from None
        if "invalid choice" in message:
            choices = ", ".join(by_name[name].choices)
            raise misuse("no choice", name=name, value=value, choices=choices) from None
        if message.startswith("invalid"):
            place = f"{name} {takes}" if name in by_name else takes
            raise misuse("no number", takes=place, value=value) from None
        if message.startswith("ignored"):
            raise misuse("no flag", name=name) from None
        if "are required" in message:
            raise misuse("lacking", name=message.partition(": ")[2]) from None
        raise misuse("other", value=message) from None
    if unknown:
        raise misuse("unknown", name=unknown[0].partition("=")[0])
    return found


def help_of(command: str, arguments: Sequence[Argument], purpose: Words, lang: str) -> str:
    """What a command is for and takes."""
    parser = _parser(command, arguments, lang)
    parser.description = purpose[lang]
    return parser.format_help().replace("usage: ", _HEADS["usage"][lang], 1)


def _parser(command: str, arguments: Sequence[Argument], lang: str) -> argparse.ArgumentParser:
    parser = _Parser(
        prog=f"python -m harness {command}".strip(),
        formatter_class=_Formatter,
        add_help=False,
        allow_abbrev=False,
        exit_on_error=False,
    )
    places = parser.add_argument_group(_HEADS["arguments"][lang])
    options = parser.add_argument_group(_HEADS["options"][lang])
    for each in arguments:
        purpose = each.purpose[lang].replace("%", "%%") if each.is_built else argparse.SUPPRESS
        settings: dict[str, Any] = {"help": purpose, "default": each.default}
        if each.is_option and not each.takes:
            settings["action"] = "store_true"
            settings["default"] = False
        else:
            settings |= {"type": each.kind, "choices": each.choices or None, "nargs": each.count}
            settings["metavar"] = each.takes or each.name
        (options if each.is_option else places).add_argument(each.name, **settings)
    options.add_argument(
        "-h", "--help", action="store_true", default=False, help=_HEADS["help"][lang]
    )
    return parser
