"""How many chat lines have come: counted as they come, for a large crowd asks a thousand times."""

from __future__ import annotations

from harness.contract import protocol


class ChatCount:
    """Counts whole lines that are no notices. Each byte is looked at once."""

    def __init__(self) -> None:
        self._start = self._end = self._count = 0

    def of(self, raw: bytearray, start: int) -> int:
        """The count in ``raw`` from byte ``start`` on; ``raw`` may have grown since the last time.

        With another ``start``, or where ``raw`` has become shorter, it is counted anew.
        """
        if start != self._start or len(raw) < self._end:
            self._start, self._end, self._count = start, start, 0
        end = raw.rfind(b"\n") + 1
        if end > self._end:
            is_first = self._end == start
            begin = protocol.next_line(bytes(raw[: start + 2]), start) if is_first else self._end
            new = bytes(raw[begin:end])
            self._count += new.count(b"\n") - new.count(b"\n* ") - new.startswith(b"* ")
            self._end = end
        return self._count
