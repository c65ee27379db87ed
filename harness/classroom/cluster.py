"""The gradings of a class on other machines, through any executor of `concurrent.futures`.

dask's `distributed` gives such an executor for a scheduler and its workers, wherever these are. A
worker that is lost in the middle is no matter of ours: the scheduler has the submission and gives
it to another one, and only the answer that comes back is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass
from pathlib import Path

from harness.classroom import box, errand, parcel
from harness.classroom.errand import Errand, GradedThere, WorkerFacts
from harness.classroom.one import CONSOLE, PAGE, RESULTS, Terms

# `dask://HOST:PORT`, of the scheduler.
_ADDRESS = re.compile(r"dask://(?P<host>\[[0-9a-fA-F:.]+\]|[^\s/:\[\]]+):(?P<port>\d{1,5})/?")
# Seconds in which the scheduler must answer.
ANSWERED = 15.0
# Seconds for which it may be gone in the middle; between two looks.
LOST, LOOK = 60.0, 0.5
_ANSWER = ".answer"


class NoCluster(Exception):
    """It cannot be used; ``key`` of `grade_options.CLUSTER` and the facts of that sentence."""

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key)
        self.key, self.facts = key, facts


def scheduler_of(asked: str) -> str:
    """The address of the scheduler as dask writes it. Raises `NoCluster`."""
    found = _ADDRESS.fullmatch(asked)
    if found is None or not 0 < int(found["port"]) < 65_536:
        raise NoCluster("address", asked=asked)
    return f"tcp://{found['host']}:{found['port']}"


@dataclass(frozen=True, slots=True)
class Cluster:
    """Workers that can grade: as many at once as ``slots``.

    ``facts``: what is the same for all of them. ``stop``: ends all gradings of a batch there.
    ``is_there``: whether the scheduler can be reached now.
    """

    executor: Executor
    slots: int
    facts: WorkerFacts
    stop: Callable[[str], object]
    is_there: Callable[[], bool] = lambda: True


@contextlib.contextmanager
def connected(asked: str) -> Iterator[Cluster]:
    """The workers of the scheduler at ``asked``. Raises `NoCluster`."""
    address = scheduler_of(asked)
    try:
        from distributed import Client
    except ImportError:
        raise NoCluster("no library") from None
    # Its own words about what is lost and found again are not for a teacher.
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        client = Client(address, timeout=ANSWERED, set_as_default=False)
    except (OSError, ValueError) as error:
        raise NoCluster("unreachable", asked=asked, why=type(error).__name__) from None
    try:
        threads = client.nthreads()
        if not threads:
            raise NoCluster("no workers", asked=asked)
        facts = _same_facts(client.run(errand.facts_here, on_error="return"))
        executor = client.get_executor(pure=False)
        yield Cluster(
            executor,
            sum(threads.values()),
            facts,
            lambda batch: client.run(errand.stop_errands, batch, on_error="return"),
            lambda: client.status == "running",
        )
    finally:
        with contextlib.suppress(OSError, asyncio.TimeoutError):
            client.close(timeout=ANSWERED)


def _same_facts(told: dict[str, object]) -> WorkerFacts:
    """What all of them say, which must be what this machine says of the kit. Raises `NoCluster`."""
    here = errand.facts_here()
    common: dict[str, str] | None = None
    for worker, facts in sorted(told.items()):
        if not isinstance(facts, WorkerFacts):
            raise NoCluster("no kit", worker=worker)
        if facts.kit != here.kit:
            raise NoCluster("other kit", worker=worker)
        if facts.python != here.python:
            raise NoCluster("other python", worker=worker, theirs=facts.python, ours=here.python)
        boxes = dict(facts.boxes)
        kept = boxes.items() if common is None else common.items() & boxes.items()
        common = {name: boxes[name] for name in box.NAMES if (name, boxes.get(name)) in kept}
    return WorkerFacts(here.kit, here.python, tuple((common or {}).items()))


class Elsewhere:
    """Gradings on the workers of a `Cluster`; the same words as `one.Running`."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._batch = secrets.token_hex(8)
        self._is_over = False

    def grade(self, submission: Path, folder: Path, terms: Terms) -> str:
        """Have ``submission`` graded; what comes back is put into ``folder``.

        Returns as `Running.run` does. Raises `OSError`.
        """
        asked = Errand(
            self._batch,
            folder.name,
            parcel.packed(submission),
            terms.seed,
            terms.lang,
            terms.box.name,
            tuple(map(str, terms.box.hidden)),
            terms.checks,
            self._cluster.facts,
        )
        if self._is_over:
            return ""
        try:
            answer = self._answer(self._cluster.executor.submit(errand.run_errand, asked))
        except (Exception, asyncio.CancelledError):
            # Stopped, or lost with too many workers: it has no grade.
            return ""
        if answer is None or not answer.files:
            return answer.excess if answer else ""
        aside = folder / _ANSWER
        try:
            parcel.unpacked(answer.files, aside)
            for name in (RESULTS, PAGE, CONSOLE):
                if (aside / name).is_file():
                    (aside / name).replace(folder / name)
        except parcel.BadParcel:
            return ""
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        return answer.excess

    def _answer(self, future: Future[GradedThere]) -> GradedThere | None:
        """What came of it; None when the scheduler has been gone for too long.

        Raises what the work has raised.
        """
        seen = time.monotonic()
        while not self._is_over:
            wait([future], LOOK)
            if future.done():
                return future.result()
            if self._cluster.is_there():
                seen = time.monotonic()
            elif time.monotonic() - seen > LOST:
                # The others need not wait as well.
                self._is_over = True
        return None

    def end(self) -> None:
        """End them all, and begin no other."""
        self._is_over = True
        if self._cluster.is_there():
            self._cluster.executor.shutdown(wait=False)
            # The scheduler may have gone meanwhile, and a library says that in many ways. What it
            # would have stopped is of no use to anybody any more, and leaves nothing here.
            with contextlib.suppress(Exception):
                self._cluster.stop(self._batch)
