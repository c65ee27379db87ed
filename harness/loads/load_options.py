"""The words of `load`, understood: how many clients, how many messages, how fast."""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass
from pathlib import Path

from harness.command_line import Misuse
from harness.contract.rubric import Language
from harness.grading import machine
from harness.grading.submission import NoSubmission, folder_of
from harness.loads.load_words import load_say
from harness.loads.one_load import LoadPlan
from harness.reports import page

USUAL_CLIENTS = 100
# Windows' `select` takes 512 sockets at the most.
MOST_CLIENTS = 500 if sys.platform == "win32" else 20_000
MOST_MESSAGES, LOWEST_RATE, HIGHEST_RATE = 100_000, 0.1, 10_000.0
# Each delivery's latency is kept until the end: 8 bytes.
MOST_DELIVERIES = 5_000_000
# Without --rate so many deliveries a second are due: a tenth of what a server in Python can do.
EASY_RATE = 5_000
# Deliveries of the part in which all is said at once.
AT_ONCE = 50_000
# Seconds that the part at a fixed rate lasts without --messages.
LASTING = 6


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What is loaded, a plan for each number of clients, and where the figures go."""

    folder: Path
    plans: tuple[LoadPlan, ...]
    lang: Language
    json: str | None
    report: str | None


def load_options(
    lang: Language,
    folder: str,
    clients: str | None = None,
    messages: str | None = None,
    rate: str | None = None,
    json: str | None = None,
    report: str | None = None,
) -> LoadOptions:
    """The options, from the words of the command line. Raises `Misuse`."""
    if report is not None and not page.is_possible():
        raise Misuse(load_say("no_page", lang, python=sys.executable))
    try:
        source = folder_of(folder, lang)
    except NoSubmission as error:
        raise Misuse(str(error)) from None
    counts = [_clients(word, lang) for word in (clients or str(USUAL_CLIENTS)).split(",")]
    seed = random.SystemRandom().randrange(1_000_000)
    speed = None if rate is None else _rate(rate, lang)
    number = None if messages is None else _messages(messages, lang)
    plans = tuple(plan_of(count, number, speed, seed) for count in counts)
    for plan in plans:
        if plan.clients * max(plan.messages, plan.at_once) > MOST_DELIVERIES:
            facts = {"messages": plan.messages, "clients": plan.clients}
            raise Misuse(load_say("too_much", lang, most=f"{MOST_DELIVERIES:,}", **facts))
    if (most := machine.make_room(max(counts))) is not None:
        facts = {"most": most, "fewer": max(most - machine.ROOM, 2)}
        needed = max(counts) + machine.ROOM
        clients_now = max(counts)
        raise Misuse(
            load_say("descriptors_limit", lang, clients=clients_now, needed=needed, **facts)
        )
    return LoadOptions(source.resolve(), plans, lang, json, report)


def plan_of(clients: int, messages: int | None, rate: float | None, seed: int) -> LoadPlan:
    """How much is said to so many clients; what was not asked for follows from their number."""
    speed = rate or min(max(EASY_RATE / (clients - 1), 1.0), 50.0)
    number = messages or min(max(int(speed * LASTING), 20), 1000)
    return LoadPlan(clients, min(max(AT_ONCE // clients, 10), 1000), number, round(speed, 2), seed)


def _clients(word: str, lang: Language) -> int:
    if not word.strip().isdecimal() or not 2 <= int(word) <= MOST_CLIENTS:
        raise Misuse(load_say("clients", lang, value=word, most=MOST_CLIENTS))
    return int(word)


def _messages(word: str, lang: Language) -> int:
    if not word.isdecimal() or not 1 <= int(word) <= MOST_MESSAGES:
        raise Misuse(load_say("messages", lang, value=word, most=MOST_MESSAGES))
    return int(word)


def _rate(word: str, lang: Language) -> float:
    try:
        rate = float(word)
    except ValueError:
        rate = 0.0
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise Misuse(load_say("rate_option", lang, value=word))
    return rate
