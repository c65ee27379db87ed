"""A user of its own for programs: what it cannot reach, and that nothing of it is left."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import grade_options
from harness.classroom import box
from harness.command_line import Misuse
from harness.program import confinement, leftovers, program_user, sight
from harness.program.guardian import KILL
from harness.program.interpreter import PYTHON
from harness.program.listening import sockets_of
from harness.program.program_user import ProgramUser
from harness.program.sandbox import Sandbox
from harness.program.tree import is_dead
from tests.watching import eventually

is_root = sys.platform == "linux" and os.geteuid() == 0
posix = pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
as_root = pytest.mark.skipif(not is_root, reason="only root can become another user (Linux)")


@pytest.fixture
def user() -> Iterator[ProgramUser]:
    taken = ProgramUser()
    yield taken
    taken.close()


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that others can pass through; pytest's own are root's alone."""
    with tempfile.TemporaryDirectory(prefix="modul4-test-") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


def started(user: ProgramUser, *words: str, **how: object) -> subprocess.Popen[bytes]:
    number = user.number
    return subprocess.Popen(words, user=number, group=number, extra_groups=[], **how)  # type: ignore[call-overload, no-any-return]


def said(user: ProgramUser, place: Path, script: str) -> list[str]:
    """What a shell prints that runs in a folder of its own as that user."""
    own = place / "own"
    own.mkdir(exist_ok=True)
    user.owns([own])
    words = [*confinement.prefix(user.rules()), "/bin/sh", "-c", script]
    done = subprocess.run(words, cwd=own, capture_output=True, text=True, timeout=60)
    return done.stdout.split()


@as_root
def test_it_is_that_user_and_can_become_no_other(user: ProgramUser, place: Path):
    number = str(user.number)
    script = "id -u; id -G; grep NoNewPrivs /proc/self/status; grep processes /proc/self/limits"
    uid, groups, *status = said(user, place, script)
    assert (uid, groups, status[:2]) == (number, number, ["NoNewPrivs:", "1"])
    assert status[2:5] == ["Max", "processes", str(program_user.MOST_PROCESSES)]


@as_root
def test_it_writes_into_its_own_folder_and_sends_no_signal_to_the_grader(
    user: ProgramUser, place: Path
):
    (place / "secret").write_text("secret")
    (place / "secret").chmod(0o600)
    script = (
        f"echo x > x && echo wrote; kill -0 {os.getpid()} && echo reached; "
        f"cat {place}/secret; echo x > {place}/more && echo more; echo end"
    )
    assert said(user, place, script) == ["wrote", "end"]


@as_root
def test_two_gradings_have_two_users_that_cannot_harm_each_other(user: ProgramUser, place: Path):
    other = ProgramUser()
    try:
        assert other.number != user.number
        theirs = place / "theirs"
        theirs.mkdir()
        (theirs / "server.py").write_text("theirs")
        other.owns([theirs])
        process = started(other, "sleep", "60")
        script = f"cat {theirs}/server.py; kill -9 {process.pid} && echo killed; echo end"
        assert said(user, place, script) == ["end"]
        user.clean()
        assert process.poll() is None
    finally:
        other.close()
    assert process.wait(10) == -KILL


@as_root
def test_a_user_is_taken_for_as_long_as_anybody_holds_its_lock(
    monkeypatch: pytest.MonkeyPatch,
):
    # Other graders of this machine begin at the lowest.
    monkeypatch.setattr(leftovers, "FIRST", leftovers.LAST - 30)
    first = ProgramUser()
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(first.lock,)
    ) as holder:
        first.close()
        second = ProgramUser()
        holder.communicate(b"\n")
    assert second.number != first.number
    third = ProgramUser()
    assert third.number == first.number
    second.close()
    third.close()


@as_root
def test_one_whose_processes_still_run_is_not_taken():
    user = ProgramUser()
    process = started(user, "sleep", "60")
    os.close(user.lock)
    try:
        other = ProgramUser()
        assert other.number != user.number
        other.close()
    finally:
        process.kill()
        process.wait()


@as_root
def test_nothing_of_it_is_left_running_or_lying_about(user: ProgramUser, place: Path):
    (place / "kept").write_text("kept")
    mark = f"modul4-left-{os.getpid()}"
    nobodys = Path(f"/tmp/{mark}-ours")
    nobodys.write_text("ours")
    script = (
        "umask 0; (setsid sleep 600 &) ; trap '' TERM HUP INT; "
        f"for each in /tmp /var/tmp /dev/shm; do mkdir -p $each/{mark}/a/b; done; "
        f"ln -s {place}/kept /tmp/{mark}-link; echo made; sleep 600"
    )
    process = started(user, "/bin/sh", "-c", script, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"made\n"
    assert len(leftovers.living(user.number)) >= 2
    try:
        user.clean()
        assert leftovers.living(user.number) == []
        for each in leftovers.SHARED:
            assert not os.path.lexists(f"{each}/{mark}")
        assert not os.path.lexists(f"/tmp/{mark}-link")
        assert (place / "kept").read_text() == nobodys.read_text().replace("ours", "kept")
    finally:
        process.stdout.close()
        process.wait()
        nobodys.unlink()


@as_root
def test_of_no_other_user_anything_is_ended():
    for number in (0, leftovers.FIRST - 1, leftovers.LAST + 1):
        process = subprocess.Popen(["sleep", "60"], user=number, group=number, extra_groups=[])
        try:
            leftovers.main(number)
            assert process.poll() is None
        finally:
            process.kill()
            process.wait()


@as_root
def test_what_is_copied_for_a_run_is_nobodys_until_a_program_gets_it(place: Path):
    (place / "source").mkdir()
    (place / "source" / "server.py").write_text("print('server')")
    sandbox = Sandbox(user=ProgramUser())
    # Where this Python is, not everybody can reach it; a shell does as well.
    sandbox.python = "/bin/sh"
    try:
        pristine = sandbox.fresh(place / "source")
        folder = sandbox.fresh(place / "source")
        script = f"cat server.py; ls {pristine} && echo listed; ls .. && echo above; echo x > new"
        process = sandbox.spawn(["-c", script], folder)
        out, _ = process.communicate(timeout=60)
        assert out.decode().split() == ["print('server')"]
        # What a program has put there is not given away.
        os.link(place / "source" / "server.py", folder / "ours")
        sandbox.end(sandbox.spawn(["-c", "true"], folder))
        assert os.stat(folder / "new").st_uid == os.stat(folder).st_uid != 0
        assert os.stat(folder / "ours").st_uid == 0
        assert os.stat(pristine).st_uid == 0
    finally:
        sandbox.close()
    assert not sandbox.folder.exists()


KILLED = """
import sys
from pathlib import Path
from harness.program import leftovers
from harness.program.program_user import ProgramUser
from harness.program.sandbox import Sandbox
leftovers.FIRST = leftovers.LAST - 60
user = ProgramUser()
sandbox = Sandbox(user=user)
sandbox.python = "/bin/sh"
source = Path(sys.argv[1])
sandbox.spawn(["-c", "setsid sleep 600 & exec env -i setsid sleep 601"], sandbox.fresh(source))
print(user.number, sandbox.folder, flush=True)
input()
"""


@as_root
def test_a_grader_that_is_killed_leaves_nothing_of_it(monkeypatch: pytest.MonkeyPatch, place: Path):
    grader = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(place)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert grader.stdout is not None and grader.stdin is not None
    told, folder = grader.stdout.readline().split()
    number = int(told)
    assert eventually(lambda: len(leftovers.living(number)) == 2)
    os.kill(grader.pid, signal.SIGKILL)
    grader.communicate()
    assert eventually(lambda: not leftovers.living(number) and not os.path.exists(folder))

    monkeypatch.setattr(leftovers, "FIRST", number)

    def is_free() -> bool:
        user = ProgramUser()
        user.close()
        return user.number == number

    assert eventually(is_free)


LOOKS = """
import socket, subprocess, sys
from harness.program import sight
from harness.program.listening import sockets_of
number, is_blind = int(sys.argv[1]), sys.argv[2] == "blind"
if is_blind:
    sight.is_enough = lambda: True
listener = socket.create_server(("127.0.0.1", 0))
how = {"user": number, "group": number, "extra_groups": [], "pass_fds": [listener.fileno()]}
with subprocess.Popen(["cat"], stdin=subprocess.PIPE, **how) as process:
    print(len(sockets_of(process.pid)))
"""


@as_root
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv")
def test_root_sees_its_sockets_also_where_it_may_not_look_into_others(user: ProgramUser):
    without = ["setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace"]
    found = []
    for how in ("seeing", "blind"):
        words = [*without, sys.executable, "-c", LOOKS, str(user.number), how]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
        assert not done.stderr
        found.append(done.stdout.strip())
    assert found == ["1", "0"]


@pytest.mark.skipif(not is_root, reason="for root")
def test_who_may_look_stays_who_it_is(monkeypatch: pytest.MonkeyPatch, user: ProgramUser):
    monkeypatch.setattr(sight, "is_enough", lambda: False)
    process = started(user, "sleep", "60")
    try:
        assert sockets_of(process.pid) == set()
        assert os.access("/proc/1/environ", os.R_OK)
        with sight.as_user_of(process.pid), pytest.raises(PermissionError):
            os.open("/etc/shadow", os.O_RDONLY)
        os.close(os.open("/etc/shadow", os.O_RDONLY))
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("possible", "found"),
    [
        (box.NAMES, box.BUBBLEWRAP),
        ((box.USER, box.LANDLOCK, box.PROCESS), box.USER),
        ((box.LANDLOCK, box.PROCESS), box.LANDLOCK),
    ],
)
def test_the_strongest_box_is_taken(
    monkeypatch: pytest.MonkeyPatch, possible: tuple[str, ...], found: str
):
    monkeypatch.setattr(box, "is_possible", lambda name: name in possible)
    assert box.strongest() == found


@posix
@pytest.mark.parametrize("has_landlock", [True, False])
def test_files_are_hidden_where_the_user_alone_protects_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, has_landlock: bool
):
    kit, out = tmp_path / "kit", tmp_path / "out"
    for each in (kit / "solutions", out):
        each.mkdir(parents=True)
        each.chmod(0o755)
    monkeypatch.setattr(box, "REPO", kit)
    monkeypatch.setattr(confinement, "is_possible", lambda: has_landlock)
    box.Box(box.USER, (out, tmp_path / "gone")).hide()
    modes = {each.stat().st_mode & 0o777 for each in (kit / "solutions", out)}
    assert modes == ({0o755} if has_landlock else {0o750})
    box.Box(box.LANDLOCK, (out,)).hide()
    assert box.Box(box.USER).described == ("user+landlock" if has_landlock else "user")
    confined = ["--modul4-confine"] if has_landlock else []
    assert box.Box(box.USER).options == [*confined, "--modul4-as-user"]


def test_without_root_there_is_no_such_user(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    with pytest.raises(program_user.NoFreeUser):
        ProgramUser()
    assert not program_user.is_possible()


@posix
def test_a_folder_that_bars_others_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: Path
):
    closed = place / "closed"
    (closed / "tmp").mkdir(parents=True)
    closed.chmod(0o700)
    monkeypatch.setattr(program_user, "PYTHON", "/bin/sh")
    monkeypatch.setattr(confinement, "LAUNCHER", Path("/bin"))
    monkeypatch.setattr(tempfile, "tempdir", str(closed / "tmp"))
    assert program_user.out_of_reach() == str(closed)
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    assert program_user.out_of_reach() == ""
    # Told to the teacher.
    monkeypatch.setattr(tempfile, "tempdir", str(closed / "tmp"))
    monkeypatch.setattr(box, "is_possible", lambda name: name == box.PROCESS)
    words = [str(place), "--out", str(tmp_path / "out"), "--isolation", "user"]
    for lang, expected in (("en", "is closed to other users"), ("id", "tertutup bagi user lain")):
        with pytest.raises(Misuse, match=expected) as told:
            grade_options.understood(words, lang)  # type: ignore[arg-type]
        assert str(closed) in str(told.value)


def test_a_dead_process_is_not_living():
    if sys.platform != "linux":
        pytest.skip("Linux")
    process = subprocess.Popen([PYTHON, "-S", "-c", ""])
    assert eventually(lambda: is_dead(process.pid))
    assert process.pid not in leftovers.living(os.getuid())
    process.wait()
    assert os.getpid() in leftovers.living(os.getuid())
