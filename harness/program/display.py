"""What a person has seen on a screen: the bytes that a program wrote in, text and rows out.

Two readings. `plain` is the whole stream as text, for the lenient question whether something was
ever shown. `Display.rows` is the screen as it stands now, drawn by pyte (the extra `terminal`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

try:
    import pyte

    CAN_DRAW = True
except ImportError:
    CAN_DRAW = False

# Wide enough that nothing a story types or says is wrapped, high enough that it does not scroll.
COLUMNS, LINES = 120, 40
# A program may write without end. More bytes than this nobody has seen.
MOST_KEPT = 4_000_000

# A program that ends its lines by CR LF itself gets another CR from the terminal.
_LINE_END = re.compile(r"\r+\n")
_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")
# Whatever moves the cursor or erases ends what stood there: never two pieces read as one.
_MOVE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])|[\r\x08\x0b\x0c]"
)


def plain(raw: bytes) -> str:
    r"""The stream as text: colours taken out, every move of the cursor a new line.

    >>> plain(b">> \r\x1b[K\x1b[32mani\x1b[0m: halo\r\n>> ").split("\n")
    ['>> ', '', 'ani: halo', '>> ']
    """
    text = _LINE_END.sub("\n", raw.decode("utf-8", "replace"))
    return _MOVE.sub("\n", _COLOUR.sub("", text))


def between(raw: bytes, first: bytes, rest: bytes) -> bytes | None:
    r"""The least that ever stood between ``first`` and ``rest`` behind it; None where nothing did.

    >>> between(b"ani: a\x0cb\n", b"a", b"b"), between(b"a\n>> b", b"a", b"b")
    (b'\x0c', b'\n>> ')
    >>> between(b"b a", b"a", b"b")
    """
    found = []
    end = raw.find(rest)
    while end >= 0:
        begin = raw.rfind(first, 0, end)
        if begin >= 0:
            found.append(raw[begin + len(first) : end])
        end = raw.find(rest, end + 1)
    return min(found, key=len, default=None)


def squeezed(text: str, *without: str) -> str:
    """``text`` without blanks, line ends and the strings in ``without``."""
    for each in without:
        text = text.replace(each, "")
    return "".join(text.split())


def first_out_of_order(text: str, wanted: Sequence[str]) -> int | None:
    """The number of the first of ``wanted`` that does not stand in ``text`` behind those before.

    >>> first_out_of_order("satu tiga dua", ["satu", "dua", "tiga"])
    2
    """
    place = 0
    for number, each in enumerate(wanted):
        found = text.find(each, place)
        if found < 0:
            return number
        place = found + len(each)
    return None


def is_question(text: str) -> bool:
    """Whether the last row of ``text`` reads as if somebody was to type behind it.

    >>> is_question("Selamat datang!\\nUsername? "), is_question("Menghubungkan ...")
    (True, False)
    """
    row = text.rpartition("\n")[2].rstrip()
    return row.endswith((":", "?", ">", "»", "$", "#"))


def from_the_difference(wanted: str, seen: str) -> tuple[str, str]:
    """Both screens without the rows at the top that they share, but for one; "…" stands for these.

    >>> from_the_difference("a\\nb\\nc", "a\\nb\\nd")
    ('…\\nb\\nc', '…\\nb\\nd')
    >>> from_the_difference("a\\nb", "a\\nc")
    ('a\\nb', 'a\\nc')
    """
    ours, theirs = wanted.split("\n"), seen.split("\n")
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(ours, theirs, strict=False))
    shared = sum(1 for _ in pairs)
    # Where one ends, its last row is the difference.
    first = min(shared, len(ours) - 1, len(theirs) - 1) - 1
    if first < 1:
        return wanted, seen
    return "\n".join(["…", *ours[first:]]), "\n".join(["…", *theirs[first:]])


def without_greeting(text: str, name_row: str, prompt: str) -> str:
    """The rows of a session without what the client says above and below its ``name_row``.

    Below it a greeting ends where ``prompt`` begins a row for the first time.

    >>> without_greeting("Halo!\\nNama: ani\\nSelamat datang\\n>> hai\\n>> ", "Nama: ani", ">> ")
    'Nama: ani\\n>> hai\\n>> '
    """
    rows = text.split("\n")
    if name_row not in rows:
        return text
    rows = rows[rows.index(name_row) :]
    starts = (at for at, row in enumerate(rows) if at and row.startswith(prompt.rstrip()))
    return "\n".join([name_row, *rows[next(starts, 1) :]])


def sentences(text: str) -> set[str]:
    """The rows of ``text`` in which something is said: of each its letters alone.

    >>> sorted(sentences("Menghubungi 127.0.0.1 ...\\n>> \\nGagal!"))
    ['Gagal', 'Menghubungi']
    """
    rows = ("".join(filter(str.isalpha, row)) for row in text.split("\n"))
    return {row for row in rows if row}


@dataclass(frozen=True, slots=True)
class Picture:
    """The screen at one moment: its rows down to the cursor's, and the cursor's column."""

    rows: tuple[str, ...]
    column: int

    @property
    def text(self) -> str:
        """The rows as one text; the last one is padded up to the cursor."""
        *above, last = self.rows
        return "\n".join([*above, last.ljust(self.column)])

    @property
    def before_cursor(self) -> str:
        """What stands on the cursor's row, left of it: the prompt, when nothing is typed yet."""
        return self.rows[-1].ljust(self.column)[: self.column]


class Display:
    """A screen on which a program writes. ``raw`` is every byte, from the first one on."""

    def __init__(self) -> None:
        self.raw = bytearray()
        self._drawn = 0
        self._done = 0
        self._text = ""
        self._picture: Picture | None = None
        if CAN_DRAW:
            self._screen = pyte.Screen(COLUMNS, LINES)
            self._stream = pyte.ByteStream(self._screen)

    def feed(self, data: bytes) -> None:
        """The program wrote ``data``; of a flood the beginning is kept."""
        self.raw += data[: MOST_KEPT - len(self.raw)]

    @property
    def text(self) -> str:
        """All that was ever shown, as `plain` text."""
        end = self.raw.rfind(b"\n") + 1
        if end > self._done:
            # Nothing that a terminal understands goes on over a line feed.
            self._text += plain(bytes(self.raw[self._done : end]))
            self._done = end
        return self._text + plain(bytes(self.raw[end:]))

    def since(self, offset: int) -> str:
        """What was shown after the first ``offset`` bytes, as `plain` text."""
        return plain(bytes(self.raw[offset:]))

    def picture(self) -> Picture:
        """The screen as it stands now. Only where `CAN_DRAW`."""
        if self._picture is None or self._drawn < len(self.raw):
            self._stream.feed(bytes(self.raw[self._drawn :]))
            self._drawn = len(self.raw)
            cursor = self._screen.cursor
            rows = tuple(self._row(number) for number in range(cursor.y + 1))
            self._picture = Picture(rows, cursor.x)
        return self._picture

    def _row(self, number: int) -> str:
        """One row as text. Of a wide character the second cell is empty.

        `pyte.Screen.display` goes through every cell of the screen, and takes a millisecond.
        """
        cells = self._screen.buffer[number]
        return "".join(cells[at].data for at in range(max(cells, default=-1) + 1)).rstrip()
