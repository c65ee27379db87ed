"""Which earlier events of a story explain one that is wrong: who said the line, what was asked."""

from __future__ import annotations

from collections.abc import Sequence

from harness.record.journal import Event, What

# How the server's answers begin.
ANSWERS = ("OK", "ERR")
# The pieces of one line went out within so many events.
PIECES = 12
# Who was let in so many events ago or fewer may be taken for one who was not yet there.
LATELY = 40


def explaining(story: Sequence[Event], wrong: int) -> list[int]:
    """The places of those that explain what is wrong at ``wrong``, what says most first."""
    finds = (_said_at, _came_at, _left_at, _asked_at, _twin_at, _pressed_at, _let_in_at)
    return [at for find in finds for at in find(story, wrong)]


def _said_at(story: Sequence[Event], wrong: int) -> list[int]:
    """Where the line was said that is wrong at ``wrong``: in one event, or in pieces."""
    line = story[wrong].text
    meant = [at for at in range(wrong) if _is_part(story[at], line)]
    if not meant:
        return []
    best = max(meant, key=lambda at: (len(story[at].text), at))
    if story[best].what is not What.PIECE:
        return [best]
    return [at for at in meant if story[at].who == story[best].who and abs(at - best) < PIECES]


def _came_at(story: Sequence[Event], wrong: int) -> list[int]:
    """Where the same message had come to the same reader, if it came once more at ``wrong``."""
    again = story[wrong]
    if again.what is not What.UNWANTED or ": " not in again.text:
        return []
    same = (again.who, again.to, again.text)
    seen = (at for at in range(wrong) if story[at].what is What.SEE)
    return [at for at in seen if (story[at].who, story[at].to, story[at].text) == same][:1]


def _asked_at(story: Sequence[Event], wrong: int) -> list[int]:
    """What somebody sent last that got the wrong answer at ``wrong``."""
    answer = story[wrong]
    if answer.what is not What.UNWANTED or not answer.text.startswith(ANSWERS):
        return []
    mine = (at for at in range(wrong - 1, -1, -1) if story[at].who == answer.to)
    return [at for at in mine if story[at].what in (What.SAY, What.PIECE)][:1]


def _twin_at(story: Sequence[Event], wrong: int) -> list[int]:
    """Where another joined whose name differs in case only from the one refused at ``wrong``."""
    own = [story[at].text for at in _asked_at(story, wrong)]
    return [
        at
        for at in range(wrong)
        for name in own
        if story[at].what is What.SAY
        and story[at].text != name
        and story[at].text.casefold() == name.casefold()
    ][-1:]


def _left_at(story: Sequence[Event], wrong: int) -> list[int]:
    """Where somebody of the same name left, for whom something is missing at ``wrong``."""
    missed = story[wrong]
    is_refused = missed.what is What.UNWANTED and missed.text.startswith(ANSWERS)
    if missed.what is not What.MISSING and not is_refused:
        return []
    going = (What.LEAVE, What.RESET, What.HALF_CLOSE)
    left = [at for at in range(wrong) if story[at].what in going and story[at].who == missed.to]
    return left[-1:]


def _pressed_at(story: Sequence[Event], wrong: int) -> list[int]:
    """The key that was to end the program of ``wrong``, and what its screen showed last."""
    if story[wrong].what is not What.AMISS:
        return []
    mine = [at for at in range(wrong) if story[at].who == story[wrong].to]
    pressed = [at for at in mine if story[at].what in (What.TYPE, What.INTERRUPT)]
    return [*pressed[-1:], *[at for at in mine if story[at].what is What.SHOW][-1:]]


def _let_in_at(story: Sequence[Event], wrong: int) -> list[int]:
    """Where somebody got OK, a short while ago, to whom a message did not come at ``wrong``."""
    missed = story[wrong]
    if missed.what is not What.MISSING or ": " not in missed.text:
        return []
    lately = range(max(0, wrong - LATELY), wrong)
    seen = [at for at in lately if story[at].what is What.SEE and story[at].to == missed.to]
    return [at for at in seen if story[at].text.strip() == "OK"][-1:]


def _is_part(event: Event, line: str) -> bool:
    """Whether what was said there, a nickname apart, is in ``line``."""
    if event.what not in (What.SAY, What.PIECE, What.TYPE):
        return False
    parts = [part.strip() for part in event.text.split("\n")]
    return any(part and part in line and part != event.who for part in parts)
