"""`grade --executor`: gradings on other machines, and machines that are lost in the middle."""

import csv
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from harness import grade
from harness.classroom import box, cluster, errand, parcel
from harness.classroom.cluster import Cluster, Elsewhere, NoCluster
from harness.classroom.errand import Errand, GradedThere, WorkerFacts, facts_here, run_errand
from harness.classroom.one import CONSOLE, RECEIPT, RESULTS, Terms
from harness.classroom.spreadsheet import FILE
from harness.command_line import Misuse
from harness.grade_machines import CLUSTER
from harness.grading.judge import REPO
from tests.watching import LONG, eventually

BROKEN = "def f(:\n"
WAITS = "import time\ntime.sleep(600)\n"
SOURCE = "dask://127.0.0.1:8786"
posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
with_dask = pytest.mark.skipif(find_spec("distributed") is None, reason="needs distributed")


@pytest.fixture
def classroom(tmp_path: Path) -> Path:
    """A class that is graded fast: none of its programs can start."""
    for name in ("ani", "budi", "citra"):
        folder = tmp_path / "class" / name
        folder.mkdir(parents=True)
        (folder / "server.py").write_text(f"# {name}\n{BROKEN}")
    return tmp_path / "class"


def use(monkeypatch: pytest.MonkeyPatch, executor: Executor, **more: Any) -> list[str]:
    """Let `--executor` stand for this one; the batches that are ended are in what is returned."""
    ended: list[str] = []

    def stop(batch: str) -> None:
        ended.append(batch)
        errand.stop_errands(batch)

    @contextmanager
    def connected(asked: str) -> Iterator[Cluster]:
        yield Cluster(executor, 2, facts_here(), stop, **more)

    monkeypatch.setattr(cluster, "connected", connected)
    return ended


def graded(source: Path, out: Path, *more: str) -> int:
    words = ["--executor", SOURCE, "--isolation", "process", "--seed", "7", *more]
    return grade.main([str(source), "--out", str(out), *words], "en")


def rows(out: Path) -> list[tuple[str, str]]:
    text = (out / FILE).read_text(encoding="utf-8-sig")
    return [(row["folder"], row["points"]) for row in csv.DictReader(io.StringIO(text))]


ALL = [("ani", "0"), ("budi", "0"), ("citra", "0")]


# -- the folder as bytes


def test_a_folder_comes_back_as_it_went(tmp_path: Path):
    odd = "sub/n\u00e4me \u738b.py"
    for name, content in (("server.py", b"a"), (odd, b"\x00\xff"), ("empty", b"")):
        (tmp_path / "from" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "from" / name).write_bytes(content)
    parcel.unpacked(parcel.packed(tmp_path / "from"), tmp_path / "to")
    found = {p.relative_to(tmp_path / "to").as_posix(): p for p in (tmp_path / "to").rglob("*")}
    assert {name: path.read_bytes() for name, path in found.items() if path.is_file()} == {
        "server.py": b"a",
        odd: b"\x00\xff",
        "empty": b"",
    }


@posix
def test_no_link_goes_along(tmp_path: Path):
    (tmp_path / "from").mkdir()
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "from" / "link").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "from" / "pipe")
    parcel.unpacked(parcel.packed(tmp_path / "from"), tmp_path / "to")
    assert list((tmp_path / "to").iterdir()) == []


def parcel_of(*members: tuple[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:gz") as archive:
        for name, kind in members:
            told = tarfile.TarInfo(name)
            told.type, told.linkname = kind, "/etc/passwd"
            archive.addfile(told, io.BytesIO())
    return sink.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        parcel_of(("../out", tarfile.REGTYPE)),
        parcel_of(("/tmp/out", tarfile.REGTYPE)),
        parcel_of(("a", tarfile.SYMTYPE), ("a/b", tarfile.REGTYPE)),
        parcel_of(("a", tarfile.LNKTYPE)),
        parcel_of(("a", tarfile.CHRTYPE)),
        b"no archive",
        parcel_of(("a", tarfile.REGTYPE))[:20],
    ],
    # The bytes hold the time at which they were made: workers would not agree on a name of them.
    ids=["above", "absolute", "through a link", "link", "device", "no archive", "cut off"],
)
def test_what_is_no_folder_of_ours_is_refused(tmp_path: Path, content: bytes):
    with pytest.raises(parcel.BadParcel):
        parcel.unpacked(content, tmp_path / "to")
    assert {path.name for path in tmp_path.rglob("*")} <= {"to"}


def test_a_parcel_has_a_bound(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(bytes(60))
    whole = parcel.packed(tmp_path)
    monkeypatch.setattr(parcel, "MOST_BYTES", 100)
    with pytest.raises(parcel.BadParcel):
        parcel.packed(tmp_path)
    with pytest.raises(parcel.BadParcel):
        parcel.unpacked(whole, tmp_path / "to")


# -- a class, graded through an executor


def test_a_class_graded_elsewhere_is_as_one_graded_here(
    monkeypatch: pytest.MonkeyPatch, classroom: Path, tmp_path: Path
):
    here, there = tmp_path / "here", tmp_path / "there"
    words = ["--isolation", "process", "--seed", "7"]
    assert grade.main([str(classroom), "--out", str(here), *words], "en") == 0
    with ThreadPoolExecutor(2) as pool:
        ended = use(monkeypatch, pool)
        assert graded(classroom, there) == 0
        assert rows(there) == rows(here) == ALL
        assert {p.name for p in (there / "ani").iterdir()} == {
            p.name for p in (here / "ani").iterdir()
        }
        for name in ("ani", "budi", "citra"):
            assert (there / name / RECEIPT).read_text() == (here / name / RECEIPT).read_text()
            assert "server.py" in (there / name / CONSOLE).read_text()
            first, second = (json.loads((o / name / RESULTS).read_text()) for o in (here, there))
            assert first["submission"] == second["submission"]
            assert len(first["checks"]) == len(second["checks"])
        assert len(ended) == 1
    assert not list(there.glob(".work-*"))


class Losing(Executor):
    """Loses the first answers, as a worker that is lost with more than the scheduler forgives."""

    def __init__(self, lost: int, how: BaseException) -> None:
        self._left, self._how = lost, how
        self._lock = threading.Lock()

    def submit(self, work: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        with self._lock:
            is_lost = self._left > 0
            self._left -= 1
        if is_lost:
            future.set_exception(self._how)
        else:
            future.set_result(work(*given, **named))
        return future


def test_what_was_lost_has_no_grade_and_the_same_command_gives_it(
    monkeypatch: pytest.MonkeyPatch, classroom: Path, tmp_path: Path
):
    out = tmp_path / "out"
    use(monkeypatch, Losing(1, RuntimeError("KilledWorker")))
    assert graded(classroom, out) == grade.UNJUDGED
    assert sorted(points for _, points in rows(out)) == ["", "0", "0"]
    use(monkeypatch, Losing(0, RuntimeError()))
    assert graded(classroom, out) == 0
    assert rows(out) == ALL


def errand_for(source: Path, **more: Any) -> Errand:
    usual = {
        "batch": "b",
        "whose": "ani",
        "seed": 7,
        "lang": "en",
        "box": "process",
        "hidden": (),
        "checks": "",
    }
    facts = {"submission": parcel.packed(source), "facts": facts_here()}
    return Errand(**(usual | facts | more))


@pytest.mark.parametrize(
    "facts",
    [
        replace(facts_here(), kit="other"),
        replace(facts_here(), python="2.7.18"),
        replace(facts_here(), boxes=(("process", "other"),)),
    ],
)
def test_a_worker_of_another_kind_that_came_late_grades_nothing(
    classroom: Path, facts: WorkerFacts
):
    answer = run_errand(errand_for(classroom / "ani", facts=facts))
    assert answer == GradedThere(excess="other_kit")


@posix
def test_what_is_stopped_ends_at_once_and_nothing_else_begins(classroom: Path, tmp_path: Path):
    (classroom / "ani" / "server.py").write_text(WAITS)
    asked = errand_for(classroom / "ani", batch="stopped")
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(run_errand, asked)
        assert eventually(lambda: future.done() or errand._RUNNING["stopped"]._processes)
        errand.stop_errands("stopped")
        parcel.unpacked(future.result(LONG).files, tmp_path / "first")
    parcel.unpacked(run_errand(asked).files, tmp_path / "second")
    assert not (tmp_path / "second" / RESULTS).exists()
    told = tmp_path / "first" / RESULTS
    assert not told.exists() or json.loads(told.read_text())["state"] != "complete"


class Silent(Executor):
    """Never answers."""

    def submit(self, work: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        return Future()


def test_a_scheduler_that_is_gone_is_not_waited_for_for_ever(
    monkeypatch: pytest.MonkeyPatch, classroom: Path, tmp_path: Path
):
    monkeypatch.setattr(cluster, "LOST", 0.1)
    monkeypatch.setattr(cluster, "LOOK", 0.05)
    ended = use(monkeypatch, Silent(), is_there=lambda: False)
    assert graded(classroom, tmp_path / "out") == grade.UNJUDGED
    # Nobody is there to be told.
    assert ended == []


def test_an_end_is_an_end_for_who_waits(tmp_path: Path, classroom: Path):
    elsewhere = Elsewhere(Cluster(Silent(), 1, facts_here(), lambda batch: None))
    terms = Terms(7, "en", box.Box(box.PROCESS))
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(elsewhere.grade, classroom / "ani", tmp_path, terms)
        elsewhere.end()
        assert future.result(LONG) == ""


# -- what cannot be used


@pytest.mark.parametrize(
    "asked",
    ["127.0.0.1:8786", "dask://host", "dask://:8786", "dask://h:0", "dask://h:70000", "tcp://h:1"],
)
def test_a_wrong_address_is_told(classroom: Path, tmp_path: Path, asked: str):
    words = [str(classroom), "--out", str(tmp_path / "out"), "--executor", asked]
    with pytest.raises(Misuse, match="is no address of a scheduler"):
        grade.main(words, "en")


def test_addresses_of_both_kinds_are_understood():
    assert cluster.scheduler_of("dask://host.example:8786") == "tcp://host.example:8786"
    assert cluster.scheduler_of("dask://[::1]:8786/") == "tcp://[::1]:8786"


def test_without_the_library_that_is_told(
    monkeypatch: pytest.MonkeyPatch, classroom: Path, tmp_path: Path
):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(Misuse, match="needs the package 'distributed'"):
        graded(classroom, tmp_path / "out")


@pytest.mark.parametrize(
    ("told", "key"),
    [
        (ImportError("harness"), "no kit"),
        (replace(facts_here(), kit="other"), "other kit"),
        (replace(facts_here(), python="2.7.18"), "other python"),
    ],
)
def test_a_worker_that_cannot_grade_as_this_machine_does_is_named(told: object, key: str):
    with pytest.raises(NoCluster) as error:
        cluster._same_facts({"tcp://a:1": facts_here(), "tcp://b:2": told})
    assert error.value.key == key
    for lang in ("id", "en"):
        assert "tcp://b:2" in CLUSTER[key][lang].format(**error.value.facts)  # type: ignore[index]


def test_a_box_is_one_that_all_workers_make_alike():
    ours = facts_here()
    many = replace(ours, boxes=(("bubblewrap", "bubblewrap"), ("landlock", "landlock")))
    few = replace(ours, boxes=(("bubblewrap", "bubblewrap+landlock"), ("landlock", "landlock")))
    for told in ({"a": many, "b": few}, {"a": few, "b": many}):
        assert cluster._same_facts(told).boxes == (("landlock", "landlock"),)
    assert cluster._same_facts({"a": many}).boxes == many.boxes


# -- a scheduler of dask and its workers


class Machines:
    """A scheduler and two workers, each a process of its own."""

    def __init__(self, place: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._place = place
        self._log = open(place / "log", "wb")  # noqa: SIM115
        words = ["--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard"]
        self.scheduler = self._start("dask_scheduler", *words)
        address = f"tcp://127.0.0.1:{self.port}"
        self.workers = [
            self._start("dask_worker", address, "--no-nanny", "--nthreads", "1", "--no-dashboard")
            for _ in range(2)
        ]

    def _start(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{name}", *words],
            cwd=self._place, stdout=self._log, stderr=self._log, start_new_session=True,
            env=os.environ | {"PYTHONPATH": str(REPO), "TMPDIR": str(self._place)},
        )  # fmt: skip

    @property
    def registered(self) -> int:
        return (self._place / "log").read_bytes().count(b"Registered to:")

    def close(self) -> None:
        for each in (*self.workers, self.scheduler):
            each.kill()
            each.wait()
        self._log.close()


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    (tmp_path / "there").mkdir()
    found = Machines(tmp_path / "there")
    try:
        assert eventually(lambda: found.registered == 2)
        yield found
    finally:
        found.close()


def command(classroom: Path, out: Path, port: int) -> list[str]:
    words = ["grade", str(classroom), f"--out={out}", "--isolation=process", "--seed=7"]
    words.append(f"--executor=dask://127.0.0.1:{port}")
    return [sys.executable, "-m", "harness", *words, "--lang=en"]


@with_dask
@posix
@pytest.mark.slow
def test_the_work_of_a_worker_that_is_killed_is_done_by_another(
    machines: Machines, classroom: Path, tmp_path: Path
):
    out = tmp_path / "out"
    run = subprocess.Popen(
        command(classroom, out, machines.port), cwd=REPO, stdout=subprocess.PIPE, text=True
    )
    victim = machines.workers[0]
    place = tmp_path / "there"
    assert eventually(lambda: list(place.glob(f"{errand.WORK}{victim.pid}-*")))
    victim.send_signal(signal.SIGKILL)
    said, _ = run.communicate(timeout=3 * LONG)
    assert run.returncode == 0, said
    assert rows(out) == ALL
    for name in ("ani", "budi", "citra"):
        assert json.loads((out / name / RESULTS).read_text())["state"] == "complete"
        assert said.count(f"{name}: 0 of 100") == 1


@with_dask
@posix
@pytest.mark.slow
def test_ctrl_c_ends_what_runs_on_other_machines(
    machines: Machines, classroom: Path, tmp_path: Path
):
    (classroom / "ani" / "server.py").write_text(WAITS)
    run = subprocess.Popen(
        command(classroom, tmp_path / "out", machines.port),
        cwd=REPO, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    place = tmp_path / "there"
    assert eventually(lambda: list(place.glob(f"{errand.WORK}*/graded/{CONSOLE}")))
    run.send_signal(signal.SIGINT)
    said, _ = run.communicate(timeout=LONG)
    assert run.returncode == grade.INTERRUPTED
    assert said.endswith("Stopped. The same command goes on from here.\n")
    assert eventually(lambda: not list(place.glob(f"{errand.WORK}*")))


@with_dask
@pytest.mark.slow
def test_where_no_scheduler_answers_that_is_one_sentence(classroom: Path, tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    done = subprocess.run(
        command(classroom, tmp_path / "out", port), cwd=REPO, capture_output=True, text=True
    )
    assert done.returncode == 4
    assert done.stderr.startswith("No scheduler of dask answers at dask://127.0.0.1:")
    assert len(done.stderr.splitlines()) == 1
