"""A message that somebody said in a story."""

from __future__ import annotations

from dataclasses import dataclass

from harness.contract import protocol


@dataclass(frozen=True, slots=True)
class Message:
    """A message that somebody said: the wire line that every other joined client must see."""

    speaker: str
    text: str

    @property
    def line(self) -> str:
        """``{username}: {message}``."""
        return protocol.chat_line(self.speaker, self.text)
