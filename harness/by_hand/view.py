"""A game as text: one screen of a terminal, or the same facts as lines for a pipe. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from harness.by_hand.game import CLIENTS, OWN_TEXT, Choice, Game
from harness.by_hand.hand_words import HELP, PROMISES, SAID
from harness.by_hand.position import ClientView, Done, Move, Position, ThreadView
from harness.contract.rubric import Language
from harness.reports.paint import Paint
from harness.schedules.in_sandbox import in_words
from harness.schedules.lanes import waits_in_words

# Moves shown at the end of the screen, at most.
LAST = 4
# How a line begins that is to be copied.
TYPED = "python -m harness "


def width_of(text: str) -> int:
    """Columns that ``text`` takes on a terminal."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def safe(text: str) -> str:
    """``text`` without anything that a terminal would obey."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def cut(text: str, columns: int) -> str:
    """As much of ``text`` as fits into ``columns``, with dots where something is missing."""
    text = safe(text)
    if width_of(text) <= columns:
        return text
    kept = ""
    for c in text:
        if width_of(kept + c) > max(columns - 3, 0):
            break
        kept += c
    return (kept + "...")[:columns]


def screen(game: Game, title: str, paint: Paint, columns: int = 80, rows: int = 24) -> list[str]:
    """The whole screen, at most ``rows`` lines of ``columns`` columns."""
    lang = game.lang
    if game.shows_help:
        return [cut(line, columns) for line in HELP[lang].split("\n")][:rows]
    position = game.position
    foot = footer(game)
    broken = fault(position, lang)
    # What must be there, then the rest as far as it fits.
    threads = [thread_line(each, lang) for each in position.threads]
    room = [client_line(each, lang) for each in position.clients] or ["  " + _t("nobody", lang)]
    shared = [*lock_lines(position, lang)[:3], *shared_line(position, lang)]
    left = rows - 3 - len(broken) - _height(foot, columns) - len(shared)
    threads = _fitting(threads, max(left - len(room) - 3, 2))
    room = _fitting(room, max(left - len(threads) - 1, 1))
    last = log_lines(position.log, lang)[
        -max(min(left - len(threads) - len(room) - 1, LAST), 0) or 99 :
    ]
    if left - len(threads) - len(room) - 1 < 1:
        last = []
    head = f"{_t('title', lang)} · {title} · {_t('moves', lang, n=len(game.moves))}"
    out = [paint("strong", cut(head, columns)), paint("dim", cut(_t("threads", lang), columns))]
    out += [
        paint("good", cut(line, columns)) if each.can_go else cut(line, columns)
        for line, each in zip(threads, position.threads, strict=False)
    ]
    out += [cut(line, columns) for line in threads[len(position.threads) :]]
    out += [cut(line, columns) for line in shared]
    out.append(paint("dim", cut(_t("room", lang), columns)))
    out += [cut(line, columns) for line in room]
    if last:
        out.append(paint("dim", cut(_t("last", lang), columns)))
        out += [cut(line, columns) for line in last]
    out += [paint("bad", cut(line, columns)) for line in broken]
    most = rows - _height(foot, columns) + len(foot)
    return [*out, *(_cut_unless_typed(line, columns) for line in foot)][:most]


def _height(lines: Sequence[str], columns: int) -> int:
    """Rows of a terminal that ``lines`` of a footer take: it wraps a command itself."""
    return sum(
        max(-(-width_of(line) // columns), 1) if line.startswith(TYPED) else 1 for line in lines
    )


def _cut_unless_typed(line: str, columns: int) -> str:
    """A command is whole, so that it can be copied."""
    return safe(line) if line.startswith(TYPED) else cut(line, columns)


def _fitting(lines: Sequence[str], most: int) -> list[str]:
    if len(lines) <= most:
        return list(lines)
    return [*lines[: most - 1], f"  ... (+{len(lines) - most + 1})"]


def plain(game: Game, title: str, columns: int = 80) -> list[str]:
    """What changed, for somebody who reads line by line: no more than is needed to go on."""
    lang = game.lang
    if game.shows_help:
        return HELP[lang].split("\n")
    position = game.position
    out = [f"{title} · {_t('moves', lang, n=len(game.moves))}"]
    out += log_lines(position.log[-1:], lang)
    out += [_t("threads", lang), *(thread_line(each, lang) for each in position.threads)]
    out += [*lock_lines(position, lang), *shared_line(position, lang)]
    room = [client_line(each, lang) for each in position.clients] or ["  " + _t("nobody", lang)]
    out += [_t("room", lang), *room, *fault(position, lang), *footer(game)[:-1]]
    return [_cut_unless_typed(line, columns) for line in out]


def footer(game: Game) -> list[str]:
    """What is said, what is asked for, and the keys."""
    lang = game.lang
    message, _, typed = game.message.partition("\n")
    lines = _wrapped(message, 79) if message else []
    lines += [typed] if typed else []
    if game.wants_text:
        act = next(act for act in game.acts() if act.key == OWN_TEXT)
        what = _t(f"act {act.move[2]}", lang, text="...")
        return [*lines, _t("ask text", lang, who=game.chosen, act=what, text=game.text)]
    if game.chosen:
        acts = "  ".join(f"{act.key} {_act(act, lang)}" for act in game.acts())
        return [*lines, *_wrapped(_t("ask act", lang, who=game.chosen, acts=acts), 79)]
    if game.pending == "c":
        which = "  ".join(f"{at} {who}" for at, who in enumerate(CLIENTS, start=1))
        return [*lines, _t("ask client", lang, which=which)]
    if game.pending == "r":
        return [*lines, _t("ask thread", lang)]
    if game.way:
        lines.append(_t("next on the way", lang, move=move_in_words(game.way[0], game, lang)))
    elif not game.message and game.position.rests:
        lines.append(_t("locked up" if game.position.locked_up else "at rest", lang))
    return [*lines, _t("keys", lang)]


def _act(act: Choice, lang: Language) -> str:
    _, _, what, text = act.move
    if act.key == OWN_TEXT:
        return _t("own name" if what == "claim" else "own text", lang)
    return _t(f"act {what}", lang, text=text)


def move_in_words(move: Move, game: Game, lang: Language) -> str:
    """A move that is still to come."""
    kind = move[0]
    if kind == "act":
        return f"{move[1]} {_t(f'act {move[2]}', lang, text=move[3])}"
    who = (
        next((t.name for t in game.position.threads if t.key == move[1:2][0]), "")
        if move[1:]
        else ""
    )
    return _t(f"move {kind}", lang, who=who or "?")


def thread_line(thread: ThreadView, lang: Language) -> str:
    """Number, name, whether it can go, the next line, what it waits for."""
    what = f"{thread.next}  {thread.next.source}" if thread.next.line else _t("not begun", lang)
    sign = ">" if thread.can_go else " "
    line = f"{sign}{thread.number} {cut(thread.name, 8):<8} {what}"
    if thread.can_go:
        return line
    note = f"[{waiting(thread, lang)}]"
    return f"{cut(line, max(79 - width_of(note), 40))} {note}"


def waiting(thread: ThreadView, lang: Language) -> str:
    """What a thread waits for."""
    if thread.waits == "lock":
        lock = thread.lock.name if thread.lock else "lock"
        return _t("wait lock", lang, lock=lock)
    key = f"wait {thread.waits}"
    return _t(key if key in SAID else "wait", lang, peer=thread.peer or "client")


def lock_lines(position: Position, lang: Language) -> list[str]:
    """Each lock that is held: by whom, since which line, and who waits for it."""
    lines = []
    for thread in position.threads:
        for lock in thread.holds:
            waiters = [
                each.name
                for each in position.threads
                if each.lock is not None and each.lock.name == lock.name
            ]
            line = _t("held", lang, lock=lock.name, who=thread.name, line=lock.since.line)
            if waiters:
                line += _t("waited for", lang, who=", ".join(waiters))
            lines.append(line)
    return lines


def shared_line(position: Position, lang: Language) -> list[str]:
    """The values that threads share, on one line."""
    if not position.shared:
        return []
    values = "  ".join(f"{name} = {value}" for name, value in position.shared)
    return [f"{_t('shared', lang)}: {values}"]


def client_line(client: ClientView, lang: Language) -> str:
    """Who it is, where it stands, what it got and what the server has not read."""
    state = _t(f"state {client.state}", lang, name=client.name)
    parts = [] if client.is_accepted else [_t("unseen", lang)]
    if client.got:
        shown = ", ".join(repr(line) for line in client.got[-3:])
        more = "... " if len(client.got) > 3 else ""
        parts.append(_t("got", lang, lines=more + shown))
    if client.unread:
        parts.append(_t("unread", lang, lines=", ".join(map(repr, client.unread))))
    return f"  {cut(client.key, 6):<6} {state:<18} {'; '.join(parts)}".rstrip()


def log_lines(log: Sequence[Done], lang: Language) -> list[str]:
    """Each move and what came of it."""
    return [f"  {done_in_words(done, lang)}" for done in log]


def done_in_words(done: Done, lang: Language) -> str:
    """One move: who, which lines, what clients got."""
    kind = done.move[0]
    if kind == "act":
        said = f"{done.move[1]} {_t(f'act {done.move[2]}', lang, text=done.move[3])}"
        events = done.events[1:]
    else:
        said = _t(f"move {kind}", lang, who=done.who)
        events = done.events
    if not done.was_possible:
        return f"{said} {_t('left out', lang)}"
    if done.has_ended:
        said += _t("has ended", lang)
    elif done.lines and kind != "rest":
        said += _t("now at", lang, line=done.lines[-1].line)
    told = [
        f"{who} {_t(f'act {what}', lang, text=text)}"
        for who, what, text in events
        if f"act {what}" in SAID
    ]
    return "; ".join([said, *told])


def fault(position: Position, lang: Language) -> list[str]:
    """Which promise is broken, what was expected and seen; in a deadlock who holds what."""
    broken = position.broken
    if broken is None:
        return []
    promise = PROMISES.get(broken.kind, PROMISES["unanswered"])[lang]
    lines = [_t("broken", lang, promise=promise)]
    at = 0 if lang == "id" else 1
    if position.locked_up:
        for link in position.locked_up:
            lines += ["  " + line for line in _wrapped(waits_in_words(dict(link))[at], 77)]
        return lines
    if broken.expected:
        lines.append(_t("expected", lang, text=f"{broken.who}: {broken.expected}"))
    seen = _t("seen", lang, text=in_words(broken)[lang])
    first, *rest = _wrapped(seen.strip(), 77)
    return [*lines, "  " + first, *("  " + line for line in rest)]


def trouble_in_words(trouble: str, lang: Language) -> str:
    """Why a program cannot be played: what the launcher says, in words."""
    kind, _, what = trouble.partition(":")
    key = f"trouble {kind}"
    return _t(key if key in SAID else "trouble other", lang, what=f" ({what})" if what else "")


def _wrapped(text: str, columns: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and width_of(lines[-1]) + 1 + width_of(word) > columns:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return lines


def _t(name: str, lang: Language, /, **facts: object) -> str:
    return SAID[name][lang].format(**facts)
