"""Standard input: a keyboard at which nobody types. Whoever reads it waits for ever."""

from __future__ import annotations

import io
import os
import sys
from typing import Any

from .world import scheduler

STDIN = 0


def wait_for_a_key(*args: Any, **kwargs: Any) -> Any:
    """No key is pressed: the thread waits, and the others go on."""
    scheduler.block(lambda: False, ("stdin", None), None)


class SilentInput(io.TextIOBase):
    """`sys.stdin`, and its buffer. `input()` reads it line by line, as it is not the real one."""

    name = "<stdin>"
    mode = "r"
    encoding = "utf-8"

    read = readline = readlines = read1 = readinto = wait_for_a_key
    __next__ = wait_for_a_key

    def __iter__(self) -> Any:
        return self

    @property
    def buffer(self) -> SilentInput:
        return self

    def reconfigure(self, **options: Any) -> None:
        """Whatever its encoding: nothing comes."""

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return STDIN

    def isatty(self) -> bool:
        return False

    def close(self) -> None:
        """It is there until the process ends."""


def install() -> None:
    keyboard: Any = SilentInput()
    sys.stdin = sys.__stdin__ = keyboard  # type: ignore[misc]
    system: Any = os
    really = os.read

    def read(number: int, length: int) -> bytes:
        if number == STDIN:
            wait_for_a_key()
        return really(number, length)

    system.read = read
