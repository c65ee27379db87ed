"""The acts that a session's steps come to, made beside the model of the room. Pure."""

from __future__ import annotations

from harness.contract.message import Message
from harness.contract.replies import Answer
from harness.record.draw import Draw
from harness.schedules.acts import Act, Verb
from harness.schedules.model import KINDS, WAYS, Member, Model, Step, twin
from harness.schedules.words import bad_bytes, disguised, edge_name, invalid_name, separated

# Bytes: the longest line that must pass, and lines that need not.
LONG = (4096, 4095, 2049)
TOO_LONG = (70_000, 5000, 100_000)
# Refusals in a row that nobody may be cut off for: more than people are used to.
MOST_REFUSALS = 3


class Expansion:
    """Takes steps one by one; ``model`` is the room as it must be by now, ``acts`` what happened.

    The same seed and the same steps give the same acts.
    """

    def __init__(self, seed: int) -> None:
        self.model = Model()
        self.acts: list[Act] = []
        self.steps: list[Step] = []
        self._draw = Draw(seed, "session")
        self._count = 0
        self._names: set[str] = set()

    def take(self, step: Step) -> None:
        """Take the step; where it makes no sense now nothing happens."""
        if self.model.can(step.kind):
            self.steps.append(step)
            variants = KINDS[step.kind].variants
            getattr(self, f"_{step.kind}")(step, step.variant % variants)

    def end(self, kinds: tuple[str, ...] = tuple(KINDS)) -> None:
        """What the steps have spoilt shows now, as far as the vocabulary ``kinds`` is fair.

        Everybody says a line: who is heard, and by whom? Each name is asked for once more: is it
        held? All leave: does anybody notice? Each name is asked for again: is it free?
        """
        model, fair = self.model, set(kinds)
        if len(model.listeners()) > 1:
            for member in model.listeners():
                self._finishes(member) if member.half else self._says(member, self._text())
        if "claim_and_leave" in fair and model.holders():
            self._asks_who_holds_a_name()
        if "return" not in fair:
            return
        ways = [way for way in WAYS if way in fair]
        for number, member in enumerate(list(model.members)):
            self._leaves(member, ways[number % len(ways)])
        for name in list(model.gone):
            self._leaves(self._returns(name), "leave")

    def _asks_who_holds_a_name(self) -> None:
        """One claims a name and goes; another claims all of them, three at least, and goes."""
        names = [member.name for member in self.model.holders()]
        self._claims_and_leaves([names[0]], "leave")
        self._claims_and_leaves((names * MOST_REFUSALS)[: max(len(names), MOST_REFUSALS)], "reset")

    # -- coming in

    def _join(self, step: Step, variant: int) -> None:
        self._joins(self._connects(), self._name())

    def _edge_name(self, step: Step, variant: int) -> None:
        while (name := edge_name(variant, self._draw.random)) in self._names:
            pass
        self._names.add(name)
        self._joins(self._connects(), name)

    def _case_twin(self, step: Step, variant: int) -> None:
        self._joins(self._connects(), twin(self.model.chosen(step).name))

    def _join_in_pieces(self, step: Step, variant: int) -> None:
        key, name = self._connects(), self._name()
        half = len(name) // 2
        self._act(key, Verb.SEND, name[:half].encode())
        self._joins(key, name, data=name[half:].encode() + b"\n")

    def _join_with_cr(self, step: Step, variant: int) -> None:
        key, name = self._connects(), self._name()
        self._joins(key, name, data=name.encode() + b"\r\n")

    def _join_and_say(self, step: Step, variant: int) -> None:
        key, name, text = self._connects(), self._name(), self._text()
        self._joins(key, name, text, data=f"{name}\n{text}\n".encode())

    def _claim(self, step: Step, variant: int) -> None:
        key = self._connects()
        holders = self.model.holders()
        for number in range(variant + 1):
            self._is_refused(key, holders[(step.who + number) % len(holders)].name)
        self._joins(key, self._name())

    def _claim_and_leave(self, step: Step, variant: int) -> None:
        name = self.model.chosen(step).name
        self._claims_and_leaves([name] * (1 + variant // 3), WAYS[variant % 3])

    def _claims_and_leaves(self, names: list[str], way: str) -> None:
        key = self._connects()
        for name in names:
            self._is_refused(key, name)
        self._act(key, Verb(way))

    def _invalid(self, step: Step, variant: int) -> None:
        key = self._connects()
        self._is_refused(key, invalid_name(variant, self._draw.random))
        self._joins(key, self._name())

    def _return(self, step: Step, variant: int) -> None:
        self._returns(self.model.gone[step.who % len(self.model.gone)])

    def _returns(self, name: str) -> Member:
        return self._joins(self._connects(), name, is_return=True)

    def _heir(self, step: Step, variant: int) -> None:
        """Refused while the holder is there, and no longer once it has left."""
        holder = self.model.chosen(step)
        key = self._connects()
        self._is_refused(key, holder.name)
        self._leaves(holder, WAYS[variant])
        self._joins(key, holder.name, is_return=True)

    # -- at the door

    def _silent(self, step: Step, variant: int) -> None:
        self.model.silent.append(self._connects())

    def _visit(self, step: Step, variant: int) -> None:
        """Somebody goes without a name: at once, in the middle of it, after bytes of no text."""
        key = self._connects()
        sent = (b"", self._name()[:-1].encode(), b"\xff\xfe\x80\n")[variant // 3]
        if sent:
            self._act(key, Verb.SEND, sent, is_risky=variant // 3 == 2)
        self._act(key, Verb(WAYS[variant % 3]))

    # -- talking

    def _say(self, step: Step, variant: int) -> None:
        self._says(self.model.chosen(step), self._text())

    def _disguised(self, step: Step, variant: int) -> None:
        speaker = self.model.chosen(step)
        other = next(each.name for each in self.model.members if each is not speaker)
        self._says(speaker, disguised(variant, speaker.name, other, self._text()))

    def _separator(self, step: Step, variant: int) -> None:
        self._says(self.model.chosen(step), separated(variant, self._text()))

    def _wide(self, step: Step, variant: int) -> None:
        self._says(self.model.chosen(step), self._draw.wide_text())

    def _long(self, step: Step, variant: int) -> None:
        self._says(self.model.chosen(step), self._draw.long_text(LONG[variant]))

    def _say_with_cr(self, step: Step, variant: int) -> None:
        self._says(self.model.chosen(step), self._text(), end="\r\n")

    def _together(self, step: Step, variant: int) -> None:
        self._says(self.model.chosen(step), *(self._text() for _ in range(variant + 2)))

    def _half(self, step: Step, variant: int) -> None:
        speaker = self.model.chosen(step)
        speaker.half = self._text()
        self._act(speaker.key, Verb.SEND, speaker.half.encode())

    def _half_and_leave(self, step: Step, variant: int) -> None:
        speaker = self.model.chosen(step)
        self._half(step, 0)
        self._leaves(speaker, WAYS[variant])

    def _finish(self, step: Step, variant: int) -> None:
        self._finishes(self.model.chosen(step))

    def _finishes(self, speaker: Member) -> None:
        rest = self._text()
        said = Message(speaker.name, f"{speaker.half} {rest}")
        speaker.half = ""
        self._speaks(speaker, (said,), f" {rest}\n".encode())

    def _empty(self, step: Step, variant: int) -> None:
        self._act(self.model.chosen(step).key, Verb.SEND, (b"\n", b"\r\n")[variant])

    def _bad_bytes(self, step: Step, variant: int) -> None:
        self._risks(self.model.chosen(step), bad_bytes(variant))

    def _too_long(self, step: Step, variant: int) -> None:
        self._risks(self.model.chosen(step), b"x" * TOO_LONG[variant] + b"\n")

    def _risks(self, speaker: Member, data: bytes) -> None:
        """What may cost it its connection, and nobody else anything."""
        speaker.doubtful = True
        self._act(speaker.key, Verb.SEND, data, name=speaker.name, is_risky=True)

    # -- going

    def _leave(self, step: Step, variant: int) -> None:
        self._leaves(self.model.chosen(step), step.kind)

    _reset = _half_close = _leave

    def _stop_reading(self, step: Step, variant: int) -> None:
        member = self.model.chosen(step)
        member.awake = False
        self._act(member.key, Verb.STOP_READING)

    # -- acts

    def _name(self) -> str:
        self._count += 1
        name = self._draw.name(f"orang {self._count}")
        self._names.add(name)
        return name

    def _text(self) -> str:
        self._count += 1
        return self._draw.text(f"pesan {self._count}")

    def _connects(self) -> str:
        self._count += 1
        key = f"tamu {self._count}"
        self._act(key, Verb.CONNECT)
        return key

    def _is_refused(self, key: str, name: str) -> None:
        data = name.encode() + b"\n"
        self._act(key, Verb.ANSWER, data, name=name, answer=Answer.REFUSED)

    def _joins(
        self, key: str, name: str, *texts: str, data: bytes = b"", is_return: bool = False
    ) -> Member:
        said = tuple(Message(name, text) for text in texts)
        self._act(
            key,
            Verb.ANSWER,
            data or name.encode() + b"\n",
            name=name,
            answer=Answer.ACCEPTED,
            said=said,
            is_return=is_return,
        )
        return self.model.joined(key, name)

    def _says(self, speaker: Member, *texts: str, end: str = "\n") -> None:
        said = tuple(Message(speaker.name, text) for text in texts)
        self._speaks(speaker, said, "".join(text + end for text in texts).encode())

    def _speaks(self, speaker: Member, said: tuple[Message, ...], data: bytes) -> None:
        self._act(speaker.key, Verb.SAY, data, said=said)

    def _leaves(self, member: Member, way: str) -> None:
        self._act(member.key, Verb(way))
        self.model.left(member)

    def _act(
        self,
        who: str,
        verb: Verb,
        data: bytes = b"",
        *,
        name: str = "",
        answer: Answer | None = None,
        said: tuple[Message, ...] = (),
        is_return: bool = False,
        is_risky: bool = False,
    ) -> None:
        members = self.model.members
        due = {each.key: said for each in members if said and each.key != who and each.awake}
        doubtful = frozenset(each.key for each in members if each.doubtful)
        if is_risky:
            doubtful |= {who}
        act = Act(who, verb, data, name, answer, said, due, doubtful, is_risky, is_return)
        self.acts.append(act)
