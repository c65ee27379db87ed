"""What a cycle's journal proves: the first thing that no correct server can do, or nothing.

Pure: a report in, a Violation or None out. Where a correct server has a choice (lines around a
leave, whether a slow reader is dropped) nothing is claimed.

Longer than 300 lines because the promises share one walk over the journal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Violation:
    """One broken promise: its kind, the client concerned, and the position in the journal."""

    kind: str
    who: str = ""
    expected: str = ""
    seen: str = ""
    at: int = 0
    phase: int = 0
    detail: dict[str, Any] = field(default_factory=dict)


# Kinds that need no comparison with a calm run: the launcher itself can never cause them.
CERTAIN = frozenset({"deadlock", "exception"})


@dataclass
class Participant:
    """What one actor did and got, by position in the journal."""

    key: str
    claims: list[tuple[int, int, str]] = field(default_factory=list)
    joined: int | None = None
    name: str = ""
    # Names that it claimed and was refused.
    refused: set[str] = field(default_factory=set)
    left_phase: int | None = None
    way: str = ""
    deaf: bool = False
    # Whether the server dropped it while it did not read, as a server may.
    dropped: bool = False
    said: list[tuple[int, int, str]] = field(default_factory=list)
    heard: dict[str, int] = field(default_factory=dict)

    def leaves_by(self, phase: int) -> bool:
        return self.left_phase is not None and self.left_phase <= phase

    def breaks_off_by(self, phase: int) -> bool:
        """Whether what it still says in this phase may be lost with its connection."""
        return self.dropped or (self.leaves_by(phase) and self.way != "half_close")


def judge(cycle: dict[str, Any]) -> Violation | None:
    """The first violation of the cycle, None when it kept every promise (or cannot be judged)."""
    return next(violations(cycle), None)


def violations(cycle: dict[str, Any]) -> Iterator[Violation]:
    """What went wrong in the cycle: a thread that died, what was seen, what was missing.

    The first says most; a later one may be its consequence, or another's.
    """
    if is_judgeable(cycle):
        people: dict[str, Participant] = {}
        found = _walk(cycle["journal"], people)
        if found is not None:
            found = _or_deadlock(cycle, found)
        yield from filter(None, (_exception(cycle, people), found, _aftermath(cycle, people)))


def certain_so_far(cycle: dict[str, Any]) -> Violation | None:
    """What is already certain while threads still go on: nothing that may come yet is missed."""
    people: dict[str, Participant] = {}
    found = _walk(cycle["journal"], people)
    return _exception(cycle, people) or found


def is_judgeable(cycle: dict[str, Any]) -> bool:
    """False for a cycle that was cut off for a reason that is not the program's fault."""
    return cycle["end"] in ("done", "stuck", "ended")


def _walk(journal: list[list[Any]], people: dict[str, Participant]) -> Violation | None:
    # Who said a text, as which of their lines.
    author: dict[str, tuple[Participant, int]] = {}
    for at, (phase, who, what, text) in enumerate(journal):
        if not who:
            # The next phase begins.
            continue
        person = people.setdefault(who, Participant(who))
        if what == "claim":
            person.claims.append((at, phase, text))
        elif what == "say":
            author[text] = (person, len(person.said))
            person.said.append((at, phase, text))
        elif what == "stop_reading":
            person.deaf = True
        elif what in ("half_close", "leave", "reset"):
            person.left_phase, person.way = phase, what
        elif what in ("end_by_server", "reset_by_server"):
            person.dropped = person.left_phase is None
            if person.dropped and not person.deaf:
                return Violation("dropped", who, "koneksi tetap ada", what, at, phase)
        elif what == "got":
            found = _line(at, phase, text, person, people, author)
            if found is not None:
                return found
    return None


def _line(
    at: int,
    phase: int,
    text: str,
    person: Participant,
    people: dict[str, Participant],
    author: dict[str, tuple[Participant, int]],
) -> Violation | None:
    if text.startswith("* ") or text == "*":
        return None
    # A blank line beside a refusal is wrong in any order of the threads: another check's matter.
    if text in ("NICK", "") and person.joined is None:
        return None
    if text == "OK" and person.joined is None and person.claims:
        return _joins(at, phase, person, people)
    if (text == "ERR" or text.startswith("ERR ")) and person.joined is None and person.claims:
        return _refused(at, phase, text, person, people)
    return _chat(at, phase, text, person, author)


def _joins(
    at: int, phase: int, person: Participant, people: dict[str, Participant]
) -> Violation | None:
    name = person.claims[-1][2]
    for other in people.values():
        is_in = other.left_phase is None and not other.dropped
        if other is not person and other.name == name and is_in:
            return Violation("two_holders", person.key, "ERR", "OK", at, phase, {"name": name})
    person.joined, person.name = at, name
    return None


def _refused(
    at: int, phase: int, text: str, person: Participant, people: dict[str, Participant]
) -> Violation | None:
    name = person.claims[-1][2]
    for other in people.values():
        if other is person or all(claim[2] != name for claim in other.claims):
            continue
        # Somebody has it, or wants it in this very phase, or had it and left in this phase.
        if other.left_phase is None or other.left_phase >= phase:
            person.refused.add(name)
            return None
    return Violation("refused_free", person.key, "OK", text, at, phase, {"name": name})


def _chat(
    at: int, phase: int, text: str, person: Participant, author: dict[str, tuple[Participant, int]]
) -> Violation | None:
    name, colon, rest = text.partition(": ")
    if not colon or rest not in author:
        return Violation("garbled", person.key, "'{nama}: {pesan}'", text, at, phase)
    sender, number = author[rest]
    right = f"{sender.name}: {rest}"
    if name != sender.name:
        return Violation("wrong_name", person.key, right, text, at, phase)
    if sender is person:
        return Violation("echo", person.key, "", text, at, phase)
    if person.joined is None:
        # Nothing but NICK, ERR and notices reaches a connection before its OK (SPEC section 1).
        expected = "OK" if person.claims else "NICK"
        return Violation("not_joined", person.key, expected, text, at, phase)
    if rest in person.heard:
        return Violation("doubled", person.key, right, text, at, phase)
    if any(later in person.heard for _, _, later in sender.said[number + 1 :]):
        return Violation("out_of_order", person.key, right, text, at, phase)
    person.heard[rest] = at
    return None


def _exception(cycle: dict[str, Any], people: dict[str, Participant]) -> Violation | None:
    """A thread that died of anything but a lost connection."""
    for error in cycle["errors"]:
        # An open TODO is no race; whatever it breaks shows in the calm story.
        if not error["os_error"] and error["type"] != "NotImplementedError":
            served = people.get(error["label"])
            had_left = served is not None and served.left_phase is not None
            return Violation(
                "exception",
                error["label"] or error["thread"],
                "",
                f"{error['type']}: {error['text']}".removesuffix(": "),
                detail={"frames": error["frames"], "task": error["task"], "had_left": had_left},
            )
    return None


def _aftermath(cycle: dict[str, Any], people: dict[str, Participant]) -> Violation | None:
    """What should have happened by now and did not: the program is idle."""
    missing = _stuck(cycle) or _lost(cycle, people) or _nobody(people)
    if missing is None:
        return None
    chain = deadlock(cycle["waiting"])
    if any(person.deaf for person in people.values()) and not chain:
        # Waiting for a slow reader without a lock is a fault of its own, and no race.
        return None
    if chain:
        return Violation(
            "deadlock",
            missing.who,
            missing.expected,
            missing.seen,
            missing.at,
            missing.phase,
            {"waits": chain, "instead_of": missing.kind},
        )
    return missing


def _or_deadlock(cycle: dict[str, Any], found: Violation) -> Violation:
    """A name that does not come free because its holder's thread waits for a lock for ever."""
    chain = deadlock(cycle["waiting"]) if found.kind == "refused_free" else []
    if not any(_is_for_ever(link) for link in chain):
        return found
    return replace(found, kind="deadlock", detail={"waits": chain, "instead_of": found.kind})


def _is_for_ever(link: dict[str, Any]) -> bool:
    """Its holder is itself, has ended, or waits for a lock too."""
    stopped = link["holder_waits"]
    return not link["holder_alive"] or (stopped is not None and stopped["what"] == "lock")


def is_over_reading(violation: Violation) -> bool:
    """Whether in a deadlock the holder of the lock only waits for what some client has to say."""
    links = violation.detail.get("waits", [])
    stops = {str((link["holder_waits"] or {}).get("what")) for link in links}
    return bool(stops & {"recv", "select"}) and not any(map(_is_for_ever, links))


def _stuck(cycle: dict[str, Any]) -> Violation | None:
    at = len(cycle["journal"])
    phase = cycle["journal"][-1][0] if cycle["journal"] else 0
    if cycle["end"] == "ended":
        return Violation("ended", "", "server tetap berjalan", "server berhenti", at, phase)
    wanted = {"connect": "diterima", "asked": "NICK", "answered": "OK / ERR"}
    for who, verb, *_ in cycle["stuck"]:
        if verb in wanted:
            return Violation("unanswered", who, wanted[verb], "", at, phase)
    return None


def _lost(cycle: dict[str, Any], people: dict[str, Participant]) -> Violation | None:
    end = len(cycle["journal"])
    rests = {
        phase: at
        for at, (phase, _, what, how) in enumerate(cycle["journal"])
        if (what, how) == ("rest", "quiet")
    }
    for sender in people.values():
        for at, phase, text in sender.said:
            for person in people.values():
                is_due = (
                    person is not sender
                    and person.joined is not None
                    and person.joined < at
                    and not person.deaf
                    and not person.leaves_by(phase)
                    and not sender.breaks_off_by(phase)
                )
                # Nothing could happen by then: a later line came because another client acted.
                until = rests.get(phase, end)
                if is_due and person.heard.get(text, end) >= until:
                    right = f"{sender.name}: {text}"
                    return Violation("lost", person.key, right, "", until, phase)
    return None


def _nobody(people: dict[str, Participant]) -> Violation | None:
    """A name that all who claimed it were refused, and none of them was given."""
    for person in people.values():
        for at, phase, name in person.claims:
            rivals = [p for p in people.values() if any(c[2] == name for c in p.claims)]
            if all(name in rival.refused and rival.name != name for rival in rivals):
                return Violation("nobody", person.key, "OK", "ERR", at, phase, {"name": name})
    return None


def deadlock(waiting: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The threads that wait for a lock nobody will release: each with its holder and the lines."""
    stopped = {entry["task"]: entry for entry in waiting if entry["waits"] is not None}
    chain = []
    for entry in stopped.values():
        waits = entry["waits"]
        if waits["what"] != "lock":
            continue
        holder = stopped.get(waits["holder"])
        chain.append(
            {
                "who": entry["label"] or entry["task"],
                "task": entry["task"],
                "at": entry["at"],
                "holder": waits["holder_label"] or waits["holder"],
                "holder_task": waits["holder"],
                "held_since": waits["held_since"],
                "holder_alive": waits["holder_alive"],
                "holder_at": holder["at"] if holder is not None else None,
                "holder_waits": holder["waits"] if holder is not None else None,
            }
        )
    return chain
