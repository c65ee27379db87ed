"""`python -m harness soak`: grade wheat and chaff again and again, and bound the flakiness.

Every round grades one program with a seed of its own; every verdict of a check that differs from
the expected one is wrong. With none wrong among N, the rate of wrong ones is below 3/N with 95 %
confidence (the rule of three; J. Hanley, A. Lippman-Hand, JAMA 1983). An inconclusive verdict is
not a wrong one, but it is counted and shown.
"""

from __future__ import annotations

import contextlib
import random
import signal
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from harness import command_line, commands
from harness.command_line import Misuse
from harness.contract.rubric import Rubric, RubricError, load
from tests.proof.adversity import BUSY, CannotPause, Pauses, busy
from tests.proof.calm_first import calm_first, no_races
from tests.proof.cases import Case, all_cases, chosen
from tests.proof.chaff import ChaffError
from tests.proof.expectations import differences
from tests.proof.grade_case import Seen, Unjudged, once
from tests.proof.matrix import EXACT, INEXACT, MISUSED, PAGE, ROOT
from tests.proof.same import same

# A grading ended without results: the kit could not judge.
UNJUDGED = 3


@dataclass(frozen=True, slots=True)
class SoakOptions:
    """What the command line asks for."""

    names: tuple[str, ...]
    runs: int
    minutes: float
    jobs: int
    seed: int
    load: bool
    pause: bool
    same: bool
    calm_first: bool = False


@dataclass
class Tally:
    """What came out so far."""

    gradings: int = 0
    verdicts: int = 0
    undecided: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, case: Case, seen: Seen, seed: int) -> list[str]:
        """Count one grading; returns what was wrong with it."""
        judged = [o for o in seen.outcomes.values() if o in ("passed", "failed", "not_reached")]
        self.gradings += 1
        self.verdicts += len(judged)
        self.undecided += sum(o == "inconclusive" for o in seen.outcomes.values())
        fresh = [
            f"--seed {seed}  {each}"
            for each in differences(case, seen)
            if "was not judged here" not in each
        ]
        self.wrong += fresh
        return fresh

    def bound(self) -> str:
        """The sentence that may be published."""
        if not self.verdicts:
            return "nothing was judged"
        wrong, count = len(self.wrong), self.verdicts
        if wrong:
            return f"{wrong} of {count} verdicts wrong ({wrong / count:.2%})"
        return f"0 of {count} verdicts wrong: below {3 / count:.3%} with 95 % confidence"


def options(arguments: Sequence[str], lang: str = "en") -> SoakOptions:
    """The command line understood. Raises `Misuse`."""
    takes = commands.COMMANDS["soak"].arguments or ()
    found = command_line.read("soak ", takes, arguments, lang)
    drawn = random.SystemRandom().randrange(1_000_000)
    return SoakOptions(
        names=tuple(found.names),
        runs=found.runs,
        minutes=found.minutes,
        jobs=max(found.j, 1),
        seed=found.seed if found.seed >= 0 else drawn,
        load=found.load,
        pause=found.pause,
        same=found.same,
        calm_first=found.calm_first,
    )


def main(arguments: Sequence[str], lang: str = "en") -> int:
    """Soak; returns 0 when no verdict was wrong."""
    try:
        asked = options(arguments, lang)
        rubric = load()
        cases = chosen(all_cases(ROOT, rubric), asked.names)
        if not cases:
            raise Misuse(f"no chaff, wheat or check is called {' or '.join(asked.names)}")
    except (Misuse, ChaffError, RubricError) as error:
        sys.stderr.write(f"{error}\n")
        return MISUSED
    if asked.same or asked.calm_first:
        return _over_the_bank(rubric, cases, asked)
    tally, began = Tally(), time.monotonic()
    beside = ""
    with contextlib.ExitStack() as around:
        if asked.load:
            around.enter_context(busy(BUSY))
            beside += f", {BUSY} busy processes beside"
        try:
            if asked.pause:
                # Asked to end, it must let them go on: a stopped grader keeps its ports for ever.
                signal.signal(signal.SIGTERM, signal.default_int_handler)
            pauses = around.enter_context(Pauses(asked.seed)) if asked.pause else None
            _soak(cases, asked, tally)
        except KeyboardInterrupt:
            pass  # what was counted so far counts
        except (Unjudged, CannotPause) as error:
            sys.stderr.write(f"{error}\n")
            return UNJUDGED
    if pauses is not None:
        beside += f", {pauses.count} times a process stopped for some seconds"
    minutes = (time.monotonic() - began) / 60
    print(f"{tally.gradings} gradings in {minutes:.0f} minutes, -j {asked.jobs}{beside}")
    print(f"{tally.bound()}; {tally.undecided} inconclusive")
    return INEXACT if tally.wrong else EXACT


def _over_the_bank(rubric: Rubric, cases: Sequence[Case], asked: SoakOptions) -> int:
    """Each program in its turn, for what only the whole bank can say."""
    try:
        if asked.calm_first:
            wrong = calm_first(ROOT, no_races(cases), asked.jobs, asked.seed)
        else:
            page = None if asked.names else ROOT / PAGE
            wrong = same(rubric, ROOT, cases, asked.runs, asked.jobs, asked.seed, page)
    except Unjudged as error:
        sys.stderr.write(f"{error}\n")
        return UNJUDGED
    return INEXACT if wrong else EXACT


def _soak(cases: Sequence[Case], asked: SoakOptions, tally: Tally) -> None:
    ends = time.monotonic() + asked.minutes * 60 if asked.minutes else None
    order = random.Random(asked.seed)
    runs = asked.runs or (10**9 if ends else len(cases))

    def one(case: Case, seed: int) -> tuple[Case, int, Seen] | None:
        if ends is not None and time.monotonic() > ends:
            return None
        return case, seed, once(ROOT, case, seed)

    queue: list[Case] = []
    done = 0
    with ThreadPoolExecutor(asked.jobs) as pool:
        while done < runs and (ends is None or time.monotonic() < ends):
            if not queue:
                queue = order.sample(list(cases), len(cases))
            batch = [queue.pop() for _ in range(min(len(queue), asked.jobs * 4, runs - done))]
            done += len(batch)
            jobs = [pool.submit(one, case, order.randrange(1_000_000)) for case in batch]
            for job in as_completed(jobs):
                if (result := job.result()) is None:
                    continue
                case, seed, seen = result
                for each in tally.add(case, seen, seed):
                    print(f"WRONG {each}", flush=True)
            print(f"{tally.gradings} gradings: {tally.bound()}", flush=True)
