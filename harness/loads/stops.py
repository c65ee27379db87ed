"""What stops a server, told in sentences. Pure: figures in, words out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.contract.rubric import Language
from harness.loads.bottleneck import Allowance, Busy, Limit, allowances, bottleneck, growth
from harness.loads.driver import Ending
from harness.loads.figures import Figures
from harness.loads.load_results import Measured
from harness.loads.load_words import load_say
from harness.loads.one_load import LoadPlan

Runs = Sequence[tuple[LoadPlan, Mapping[str, Figures]]]
BROKEN = (Ending.STALLED, Ending.SERVER_GONE, Ending.NONSENSE)
# A delivery that takes so many times the CPU time with many clients is told, if it also grows so
# many times as much as that of another server.
GROWN, BESIDE = 3.0, 2.0
# The load average for each core from which on other programs are in the way.
CROWDED = 0.5


@dataclass(frozen=True, slots=True)
class Stops:
    """What stops one server: a heading, what was seen, the limits ahead by order, and a note."""

    heading: str
    seen: Sequence[str]
    limits: Sequence[str] = ()
    note: str = ""

    def lines(self, lang: Language) -> list[str]:
        """The same for a terminal."""
        ahead = []
        if self.limits:
            ahead.append(load_say("next_limits", lang, first=self.limits[0]))
        if self.limits[1:]:
            ahead.append(load_say("then_limits", lang, rest="; ".join(self.limits[1:])))
        return [self.heading, *self.seen, *ahead]


def stops(runs: Runs, name: str, measured: Measured, lang: Language) -> Stops | None:
    """What stops the server called ``name``; None where nothing was seen of it."""
    seen = [each[name] for _, each in runs if name in each]
    who = load_say(f"who_{name}", lang)
    heading = load_say("stops", lang, who=who)
    broken = next((each for each in seen if each.ending in BROKEN), None)
    if broken is not None:
        facts = {"who": who, "clients": f"{broken.clients:,}", "why": broken.reason}
        return Stops(heading, [load_say("stop_ended", lang, **facts)])
    whole = [each for each in seen if each.ending is Ending.DONE]
    if not whole:
        return None
    most = max(whole, key=lambda each: each.clients)
    told = [_busy(most, who, measured, lang), *_growth(runs, name, who, lang)]
    found = bottleneck(most, measured.cores)
    waits = found is not None and found.part is Busy.NOBODY
    allowed = allowances(most, measured.limits, waits)
    ahead = [_limit(each, measured, lang) for each in allowed]
    talk = [each.each for each in allowed if each.limit in (Limit.TALK, Limit.PACE)]
    cost = f"{talk[0] * 1e6:.1f}" if talk else "–"
    note = load_say("limits_note", lang, clients=f"{most.clients:,}", cost=cost)
    return Stops(heading, told, ahead, note if ahead else "")


def crowd_told(measured: Measured, lang: Language) -> str:
    """That other programs used the machine before; empty if they did not."""
    if measured.load is None or measured.load < CROWDED * measured.cores:
        return ""
    return load_say("busy_before", lang, load=f"{measured.load:.1f}", cores=measured.cores)


def _busy(figures: Figures, who: str, measured: Measured, lang: Language) -> str:
    found, burst = bottleneck(figures, measured.cores), figures.burst
    clients = f"{figures.clients:,}"
    if found is None or burst is None or not burst.cost:
        return load_say("stop_unseen", lang, clients=clients)
    return load_say(
        f"busy_{found.part}", lang, who=who, clients=clients, cores=measured.cores,
        server=f"{found.server * 100:.0f}", driver=f"{found.driver * 100:.0f}",
        rate=f"{burst.rate:,.0f}", cost=f"{burst.cost * 1e6:.1f}", most=f"{1 / burst.cost:,.0f}",
        others=f"{found.others * 100:.0f}",
    )  # fmt: skip


def _growth(runs: Runs, name: str, who: str, lang: Language) -> Iterator[str]:
    """A cost of a delivery that grows much more than that of the server beside it."""
    done = sorted(
        (plan.clients, run) for plan, run in runs if name in run and run[name].ending is Ending.DONE
    )
    if len(done) < 2:
        return
    (few, first), (many, last) = done[0], done[-1]
    own = growth(first[name], last[name])
    beside = next((each for each in last if each != name and each in first), None)
    other = growth(first[beside], last[beside]) if beside else None
    if own and beside and other and own >= GROWN and own >= BESIDE * other:
        yield load_say(
            "grows", lang, who=who, few=f"{few:,}", many=f"{many:,}", times=f"{own:.1f}",
            beside=load_say(f"who_{beside}", lang), beside_times=f"{other:.1f}",
        )  # fmt: skip


def _limit(each: Allowance, measured: Measured, lang: Language) -> str:
    most = measured.limits.descriptors_at_most
    is_memory = each.limit is Limit.MEMORY
    return load_say(
        f"limit_{each.limit}", lang, clients=f"{each.clients:,}",
        there=f"{each.there / 2**20 if is_memory else each.there:,.0f}",
        each=f"{each.each / 1024:.1f}", rate=f"{1 / each.each:,.0f}",
        more=load_say("limit_may_be_more", lang, most=f"{most:,}")
        if most is not None and most > each.there else "",
    )  # fmt: skip
