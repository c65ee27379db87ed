"""A small model of the room: who is in, what each must have seen. Pure; the truth of a session.

A session is a list of steps, values that can be written down, shrunk and played again. ``who`` and
``count`` choose among those who can take the step now, so that every list of steps means something.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens: its kind, whom it concerns, and how many."""

    kind: str
    who: int = 0
    count: int = 1

    def as_json(self) -> list[object]:
        """The step as JSON values."""
        return [self.kind, self.who, self.count]


# What a step stands on: it is left out of the sessions of a program that failed one of these.
NEEDS: dict[str, tuple[str, ...]] = {
    "join": (),
    "say": (),
    "claim": ("nickname.unique", "nickname.retry", "disconnect.before_nickname"),
    "silent": (
        "concurrency.silent_newcomer",
        "broadcast.joined_only",
        "disconnect.before_nickname",
    ),
    "together": ("broadcast.framing", "broadcast.order"),
    "half": ("broadcast.framing", "disconnect.mid_line"),
    "finish": ("broadcast.framing", "disconnect.mid_line"),
    "leave": ("disconnect.leave", "disconnect.mid_broadcast"),
    "reset": ("disconnect.reset", "disconnect.mid_broadcast"),
    "return": ("disconnect.nickname_freed", "disconnect.leave", "disconnect.mid_broadcast"),
    "sleep": ("concurrency.slow_reader",),
}
MOST_MEMBERS = 5


def vocabulary(failed: Iterable[str]) -> tuple[str, ...]:
    """The kinds of step that are fair for a program that failed the checks ``failed``."""
    wrong = set(failed)
    return tuple(kind for kind, needs in NEEDS.items() if not wrong & set(needs))


@dataclass(slots=True)
class Member:
    """One who is in the room. ``due`` are the messages it must have seen, in order."""

    name: str
    awake: bool = True
    half: str = ""
    due: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Model:
    """The room as it must be. ``gone`` are the names that were left and are free again."""

    members: list[Member] = field(default_factory=list)
    silent: int = 0
    gone: list[str] = field(default_factory=list)

    def can(self, kind: str) -> bool:
        """Whether a step of this kind makes sense now."""
        crowded = len(self.members) >= MOST_MEMBERS
        return {
            "join": not crowded,
            "claim": bool(self.members) and not crowded,
            "return": bool(self.gone) and not crowded,
            "silent": self.silent < 2,
            "sleep": len(self.awake()) > 2,
            # Somebody must see it: a line that nobody awaits may still be on its way later on.
            **dict.fromkeys(("say", "together"), len(self.awake()) > 1 and bool(self.speakers())),
            "half": len(self.awake()) > 1 and bool(self.speakers()),
            "finish": len(self.awake()) > 1 and bool(self.halved()),
        }.get(kind, bool(self._those_who_can(kind)))

    def awake(self) -> list[Member]:
        """Those who read what comes."""
        return [member for member in self.members if member.awake]

    def speakers(self) -> list[Member]:
        """Those who read and have no half line pending."""
        return [member for member in self.awake() if not member.half]

    def halved(self) -> list[Member]:
        """Those in the middle of a line."""
        return [member for member in self.members if member.half]

    def chosen(self, step: Step) -> Member:
        """Whom the step concerns."""
        some = self._those_who_can(step.kind)
        return some[step.who % len(some)]

    def _those_who_can(self, kind: str) -> list[Member]:
        if kind == "claim":
            return self.members
        if kind == "finish":
            return self.halved()
        return self.awake() if kind in ("leave", "reset", "sleep") else self.speakers()

    def joined(self, name: str) -> None:
        """``name`` is in from now on."""
        self.members.append(Member(name))
        if name in self.gone:
            self.gone.remove(name)

    def said(self, speaker: Member, text: str) -> None:
        """Every other member must see it."""
        for member in self.members:
            if member is not speaker:
                member.due.append((speaker.name, text))

    def left(self, member: Member) -> None:
        """It is out, its half line dropped, its name free."""
        self.members.remove(member)
        self.gone.append(member.name)
