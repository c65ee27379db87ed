"""A small model of the room: who is in, who may take a step now. Pure; the truth of a session.

A session is a list of steps, values that can be written down, shrunk and played again. ``who`` and
``variant`` choose among those who can take the step now, and among its forms, so that every list of
steps means something.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens: its kind, whom it concerns, and in which form."""

    kind: str
    who: int = 0
    variant: int = 0

    def as_json(self) -> list[object]:
        """The step as JSON values."""
        return [self.kind, self.who, self.variant]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of step: how many forms it has, and the checks it stands on.

    It is left out of the sessions of a program that failed one of these.
    """

    variants: int = 1
    needs: tuple[str, ...] = ()


# The ways of leaving, in the words of the journal.
WAYS = ("leave", "reset", "half_close")

_LEAVES = ("disconnect.leave", "disconnect.reset", "disconnect.mid_broadcast")
_COMES_BACK = ("disconnect.nickname_freed", *_LEAVES)
_DOOR = ("disconnect.before_nickname",)
_FRAMED = ("broadcast.framing",)
# `\r` before the line feed is dropped: of an empty line, in a name that is shown.
_CR = ("broadcast.empty", "broadcast.format", *_FRAMED)
# Whose name is taken: it is told wrongly where leaving frees another's.
_REFUSED = ("nickname.unique", "disconnect.nickname_freed")
# Who is cut off for it has left.
_RISKY = ("disconnect.mid_line", "disconnect.sockets_freed", *_FRAMED, *_COMES_BACK)

KINDS: Mapping[str, Kind] = {
    # Coming in.
    "join": Kind(),
    "edge_name": Kind(9, ("nickname.accept",)),
    "case_twin": Kind(1, ("nickname.accept", *_REFUSED)),
    "join_in_pieces": Kind(1, _FRAMED),
    "join_with_cr": Kind(1, ("nickname.accept", "nickname.invalid", *_CR)),
    "join_and_say": Kind(1, _FRAMED),
    "claim": Kind(3, (*_REFUSED, "nickname.retry", *_DOOR)),
    "claim_and_leave": Kind(6, (*_REFUSED, "nickname.retry", *_DOOR)),
    "invalid": Kind(14, ("nickname.invalid", "nickname.retry", *_DOOR)),
    "return": Kind(1, _COMES_BACK),
    "heir": Kind(3, (*_REFUSED, "nickname.retry", *_COMES_BACK)),
    # At the door.
    "silent": Kind(1, ("concurrency.silent_newcomer", "broadcast.joined_only", *_DOOR)),
    "visit": Kind(9, (*_DOOR, "disconnect.mid_line", "broadcast.empty", *_FRAMED)),
    # Talking.
    "say": Kind(),
    "disguised": Kind(15, ("broadcast.format",)),
    "separator": Kind(8, ("broadcast.unicode", *_FRAMED)),
    "wide": Kind(1, ("broadcast.unicode",)),
    "long": Kind(3, ("broadcast.long_line", *_FRAMED)),
    "say_with_cr": Kind(1, _CR),
    "together": Kind(3, ("broadcast.order", *_FRAMED)),
    "half": Kind(1, ("disconnect.mid_line", *_FRAMED)),
    "finish": Kind(1, ("disconnect.mid_line", *_FRAMED)),
    "half_and_leave": Kind(3, ("disconnect.mid_line", *_FRAMED, *_LEAVES)),
    "empty": Kind(2, ("broadcast.empty",)),
    "bad_bytes": Kind(3, ("broadcast.empty", *_RISKY)),
    "too_long": Kind(3, ("broadcast.long_line", *_RISKY)),
    # Going.
    "leave": Kind(1, ("disconnect.leave", "disconnect.mid_broadcast")),
    "reset": Kind(1, ("disconnect.reset", "disconnect.mid_broadcast")),
    "half_close": Kind(1, ("disconnect.leave", "disconnect.mid_broadcast")),
    "stop_reading": Kind(1, ("concurrency.slow_reader",)),
}
MOST_MEMBERS = 5
MOST_SILENT = 2

_COMING = frozenset(
    ("join", "edge_name", "join_in_pieces", "join_with_cr", "join_and_say", "invalid")
)
_TALKING = frozenset(
    "say disguised separator wide long say_with_cr together half half_and_leave empty".split()
) | {"bad_bytes", "too_long"}
_ONE_LISTENER_LESS = frozenset(("stop_reading", "bad_bytes", "too_long"))
_ABOUT_A_HOLDER = frozenset(("claim", "claim_and_leave"))


def vocabulary(failed: Iterable[str]) -> tuple[str, ...]:
    """The kinds of step that are fair for a program that failed the checks ``failed``."""
    wrong = set(failed)
    return tuple(name for name, kind in KINDS.items() if not wrong & set(kind.needs))


@dataclass(slots=True)
class Member:
    """One who is in the room.

    ``half`` is the line it has begun. ``doubtful``: it did what may cost it its connection, so
    nobody knows whether it is still there.
    """

    key: str
    name: str
    awake: bool = True
    half: str = ""
    doubtful: bool = False


@dataclass(slots=True)
class Model:
    """The room as it must be. ``gone`` are the names that were left and are free again."""

    members: list[Member] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def can(self, kind: str) -> bool:
        """Whether a step of this kind makes sense now."""
        crowded = len(self.members) >= MOST_MEMBERS
        if kind in _COMING:
            return not crowded
        if kind == "silent":
            return len(self.silent) < MOST_SILENT
        if kind == "visit":
            return True
        if kind == "return":
            return bool(self.gone) and not crowded
        if kind in _ONE_LISTENER_LESS and len(self.listeners()) <= 2:
            return False
        if kind in _TALKING or kind == "finish":
            # Somebody must see it: a line that nobody awaits may still be on its way later on.
            return len(self.listeners()) > 1 and bool(self._those_who_can(kind))
        some = bool(self._those_who_can(kind))
        return some and not (crowded and kind in ("claim", "case_twin"))

    def listeners(self) -> list[Member]:
        """Those who read what comes and are there for certain."""
        return [member for member in self.members if member.awake and not member.doubtful]

    def holders(self) -> list[Member]:
        """Those whose name is taken for certain."""
        return [member for member in self.members if not member.doubtful]

    def chosen(self, step: Step) -> Member:
        """Whom the step concerns."""
        some = self._those_who_can(step.kind)
        return some[step.who % len(some)]

    def _those_who_can(self, kind: str) -> list[Member]:
        if kind in _ABOUT_A_HOLDER:
            return self.holders()
        if kind == "case_twin":
            taken = {member.name for member in self.members}
            return [each for each in self.holders() if twin(each.name) not in {"", *taken}]
        if kind == "heir":
            return [each for each in self.holders() if each.awake]
        if kind == "finish":
            return [each for each in self.members if each.awake and each.half]
        awake = [member for member in self.members if member.awake]
        if kind in _TALKING:
            return [member for member in awake if not member.half]
        return awake

    def joined(self, key: str, name: str) -> Member:
        """``name`` is in from now on."""
        member = Member(key, name)
        self.members.append(member)
        if name in self.gone:
            self.gone.remove(name)
        return member

    def left(self, member: Member) -> None:
        """It is out, its half line dropped, its name free."""
        self.members.remove(member)
        self.gone.append(member.name)


def twin(name: str) -> str:
    """The name in the other case; empty where it has none."""
    other = name.swapcase()
    return other if name.isascii() and other != name else ""
