"""Keys of a terminal, one at a time, without Enter: POSIX and Windows."""

from __future__ import annotations

import contextlib
import os
import select
import sys
from collections.abc import Iterator

if sys.platform == "win32":
    import msvcrt
else:
    import termios
    import tty

CLEAR, OTHER_SCREEN, BACK_AGAIN = "\x1b[H\x1b[2J", "\x1b[?1049h", "\x1b[?1049l"
# Seconds within which the rest of an arrow key's sequence comes.
SEQUENCE = 0.03


def can_read_keys() -> bool:
    """Whether both ends are a terminal that takes keys and moves its cursor."""
    if os.environ.get("TERM") == "dumb" or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    return sys.platform == "win32" or bool(os.environ.get("TERM"))


@contextlib.contextmanager
def raw_terminal() -> Iterator[None]:
    """Keys come one by one and unseen, on a screen of our own; at the end all is as it was."""
    if sys.platform == "win32":
        os.system("")  # switches an older console to understand escape sequences
        restore = None
    else:
        number = sys.stdin.fileno()
        before = termios.tcgetattr(number)
        tty.setcbreak(number)
        settings = termios.tcgetattr(number)
        # Ctrl-Z would leave the shell with our settings.
        settings[6][termios.VSUSP] = b"\x00"
        termios.tcsetattr(number, termios.TCSANOW, settings)

        def restore() -> None:
            termios.tcsetattr(number, termios.TCSADRAIN, before)

    sys.stdout.write(OTHER_SCREEN)
    sys.stdout.flush()
    try:
        yield
    finally:
        sys.stdout.write(BACK_AGAIN)
        sys.stdout.flush()
        if restore is not None:
            restore()


def show(lines: list[str]) -> None:
    """Put these lines on the screen, in place of what was there."""
    sys.stdout.write(CLEAR + "\r\n".join(lines))
    sys.stdout.flush()


def read_key() -> str:
    """The next key; empty at the end of input. Raises `KeyboardInterrupt`."""
    if sys.platform == "win32":
        key = msvcrt.getwch()
        if key == "\x03":
            raise KeyboardInterrupt
        if key in "\x00\xe0":
            msvcrt.getwch()
            return " "
        return "" if key in "\x04\x1a" else key
    return _key_of_posix()


def _key_of_posix() -> str:
    number = sys.stdin.fileno()
    data = os.read(number, 1)
    if data in (b"", b"\x04"):
        return ""
    if data == b"\x1b":
        # An arrow or its like is no key of ours.
        return " " if _rest_of_sequence(number) else "\x1b"
    while len(data) < 4:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.reason != "unexpected end of data":
                return " "
            data += os.read(number, 1)
    return " "


def _rest_of_sequence(number: int) -> bytes:
    rest = b""
    while select.select([number], [], [], SEQUENCE)[0]:
        rest += os.read(number, 16)
    return rest
