"""The skeletons: derived, in step with the solutions, and honest about what is still open."""

import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from harness.contract.todos import functions, open_todos
from tests.proof import skeleton

ROOT = Path(__file__).parent.parent
SOLUTIONS = ROOT / skeleton.SOURCE_ROOT / skeleton.FOLDER
SKELETONS = ROOT / skeleton.SKELETON_ROOT / skeleton.FOLDER
SERVER_TODOS, CLIENT_TODOS = range(1, 10), range(10, 14)
PATIENCE = 20  # Seconds; every wait here ends as soon as the thing happens.

GOOD = """
def first():
    # TODO 1: Do it.
    # Ingat: this.
    # Periksa: that.
    # BEGIN SOLUTION
    return 1
    # END SOLUTION


class Room:
    def second(self):
        "# TODO 7: not a comment"
        # TODO 2: Do it too.
        # Ingat: this.
        # Periksa: that.
        # BEGIN SOLUTION
        return 2
        # END SOLUTION
"""


def read(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")


def with_solved(source: str, last: int) -> str:
    """The file of a student who has done the TODOs up to `last`."""
    lines, is_solved = [], False
    for line in source.splitlines(keepends=True):
        if number := re.match(r"\s*# TODO (\d+):", line):
            is_solved = int(number[1]) <= last
        if is_solved and re.match(r"\s*# (TODO \d+:|BEGIN SOLUTION|END SOLUTION)", line):
            continue
        lines.append(line)
    return skeleton.derive("".join(lines), "student.py")


# ------------------------------------------------------------------ the files of the course


def test_skeletons_agree_with_solutions() -> None:
    assert skeleton.derive_all(ROOT, check=True) == []


def test_numbers_follow_the_order_of_work_over_both_files() -> None:
    assert [todo.number for todo in skeleton.todos(read(SOLUTIONS, "server.py"))] == [*SERVER_TODOS]
    assert [todo.number for todo in skeleton.todos(read(SOLUTIONS, "client.py"))] == [*CLIENT_TODOS]


@pytest.mark.parametrize("name", skeleton.FILES)
def test_every_todo_is_open_in_the_skeleton_and_none_in_the_solution(name: str) -> None:
    numbers = tuple(todo.number for todo in skeleton.todos(read(SKELETONS, name)))
    assert open_todos(read(SKELETONS, name)) == numbers
    assert open_todos(read(SOLUTIONS, name)) == ()


@pytest.mark.parametrize("name", skeleton.FILES)
def test_functions_are_the_same_in_both(name: str) -> None:
    in_solution = {todo.function for todo in skeleton.todos(read(SOLUTIONS, name))}
    in_skeleton = {todo.function for todo in skeleton.todos(read(SKELETONS, name))}
    assert in_solution == in_skeleton


@pytest.mark.parametrize("name", skeleton.FILES)
def test_each_solution_has_three_to_ten_lines(name: str) -> None:
    for region in re.findall(r"BEGIN SOLUTION\n(.*?)# END SOLUTION", read(SOLUTIONS, name), re.S):
        lines = [line.strip() for line in region.splitlines()]
        code = [line for line in lines if line and not line.startswith("#")]
        assert 3 <= len(code) <= 10, region


@pytest.mark.parametrize("name", skeleton.FILES)
def test_no_solution_text_leaks(name: str) -> None:
    derived = read(SKELETONS, name)
    assert "SOLUTION" not in derived
    given, solutions = [], []
    for index, part in enumerate(re.split(r"# (?:BEGIN|END) SOLUTION", read(SOLUTIONS, name))):
        (solutions if index % 2 else given).append(part)
    given_lines = {line.strip() for part in given for line in part.splitlines()}
    for line in (line.strip() for part in solutions for line in part.splitlines()):
        if line and line not in given_lines:
            assert line not in [text.strip() for text in derived.splitlines()]


def test_the_lab_sheet_lists_every_todo_in_order() -> None:
    rows = re.findall(r"^\| (\d+) \| `([\w.]+)` \|", read(SKELETONS, "README.md"), re.M)
    found = [todo for name in skeleton.FILES for todo in skeleton.todos(read(SKELETONS, name))]
    assert rows == [(str(todo.number), todo.function) for todo in found]


# ------------------------------------------------------------------------------ deriving


def test_a_region_becomes_its_todo() -> None:
    derived = skeleton.derive(GOOD, "x.py")
    assert '    # Periksa: that.\n    raise NotImplementedError("TODO 1")\n\n\nclass' in derived
    assert derived.endswith('        raise NotImplementedError("TODO 2")\n')
    assert open_todos(derived) == (1, 2)


def test_todos_know_their_functions_and_lines() -> None:
    first, second = skeleton.todos(GOOD)
    assert (first.number, first.function, first.goal) == (1, "first", "Do it.")
    assert (second.number, second.function, second.goal) == (2, "Room.second", "Do it too.")
    assert (second.first_line, second.last_line) == (12, 18)


def test_functions_are_found_by_qualified_name() -> None:
    source = "@cached\ndef a():\n    def b():\n        pass\nif x:\n    async def c(): pass\n"
    found = functions(source)
    assert found == {
        "a": skeleton.Span(1, 4),
        "a.<locals>.b": skeleton.Span(3, 4),
        "c": skeleton.Span(6, 6),
    }


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        ("    return 1\n", "    # BEGIN SOLUTION\n    return 1\n", "x.py:7: a nested region"),
        ("    # END SOLUTION\n\n\nc", "    # end\n\n\nc", "x.py:14: a TODO inside a region"),
        ("        # END SOLUTION\n", "", "x.py:17: a region that never ends"),
        ("    # TODO 1: Do it.\n", "", "x.py:5: a region without a TODO"),
        ("    # BEGIN SOLUTION\n    r", "    r", "x.py:7: an end without a beginning"),
        (
            "    # BEGIN SOLUTION\n    return 1\n    # END SOLUTION\n",
            "    return 1\n",
            "x.py:12: a TODO without a region before this one",
        ),
        (
            "return 2\n        # END SOLUTION\n",
            "# TODO 3: x\n",
            "x.py:18: a TODO inside a region",
        ),
        ("# TODO 2:", "# TODO 3:", "x.py:14: TODO 3 follows TODO 1; number it 2"),
        ("# TODO 2:", "# TODO 1:", "x.py:14: TODO 1 follows TODO 1; number it 2"),
        ("# TODO 2: Do", "# TODO Do", "x.py:14: '# TODO Do it too.' is almost a marker"),
        ("# BEGIN SOLUTION\n    r", "# BEGIN-SOLUTION\n    r", "x.py:6: '# BEGIN-SOLUTION' is al"),
        ("    # END SOLUTION\n\n", "    # end solution\n\n", "x.py:8: '# end solution' is almost"),
        (
            "    return 1\n    # END SOLUTION\n",
            "    # Later.\n    # END SOLUTION\n    return 1\n",
            "x.py:6: the region of TODO 1 is empty",
        ),
        ("    # Ingat: this.\n    # Per", "    # Per", "x.py:3: the comment of TODO 1 is not com"),
        (
            "        return 2\n        # END SOLUTION\n",
            "        if x:\n            y\n        # END SOLUTION\n        else:\n            z\n",
            "x.py:17: without the solution of TODO 2 the file",
        ),
        (
            "        return 2\n        # END SOLUTION\n",
            "        text = 2\n        # END SOLUTION\n        return text\n",
            "x.py:12: the function of TODO 2 has code beside its region",
        ),
        ("    return 1\n", "    return (\n", "x.py:7: does not compile"),
    ],
)
def test_what_breaks_the_rules_is_refused(old: str, new: str, refusal: str) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(skeleton.SkeletonError) as refused:
        skeleton.derive(GOOD.replace(old, new), "x.py")
    assert str(refused.value).startswith(refusal)
    assert "; " in str(refused.value)


BLOCK = """    # TODO {0}: x
    # Ingat: x
    # Periksa: x
    # BEGIN SOLUTION
    pass
    # END SOLUTION
"""


@pytest.mark.parametrize(
    ("source", "refusal"),
    [
        ("if x:\n" + BLOCK.format(1), "x.py:2: TODO 1 has no function to itself"),
        (
            "def f():\n" + BLOCK.format(1) + BLOCK.format(2),
            "x.py:8: TODO 2 has no function to itself",
        ),
        ("x = 1\n# TODO 1: x\n", "x.py:2: a TODO without a region; "),
    ],
)
def test_what_has_no_good_place_is_refused(source: str, refusal: str) -> None:
    with pytest.raises(skeleton.SkeletonError, match=re.escape(refusal)):
        skeleton.derive(source, "x.py")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A small course: one TODO in each file, nothing derived yet."""
    client = GOOD[: GOOD.index("\n\n\nclass")].replace("TODO 1", "TODO 3") + "\n"
    folder = tmp_path / skeleton.SOURCE_ROOT / skeleton.FOLDER
    folder.mkdir(parents=True)
    (folder / "server.py").write_text(GOOD, encoding="utf-8")
    (folder / "client.py").write_text(client, encoding="utf-8")
    return tmp_path


def test_a_check_names_what_is_stale_and_writes_nothing(course: Path) -> None:
    both = ["modul4/1.contoh/server.py", "modul4/1.contoh/client.py"]
    assert skeleton.derive_all(course, check=True) == both
    assert not (course / "modul4").exists()
    assert skeleton.derive_all(course, check=False) == both
    assert skeleton.derive_all(course, check=True) == []
    (course / both[1]).write_text("# touched\n", encoding="utf-8")
    assert skeleton.derive_all(course, check=False) == both[1:]


def test_the_second_file_goes_on_counting(course: Path) -> None:
    path = course / "solutions" / "1.contoh" / "client.py"
    path.write_text(path.read_text("utf-8").replace("TODO 3", "TODO 4"), encoding="utf-8")
    with pytest.raises(skeleton.SkeletonError, match=r"client.py:2: .*the number 4; .*TODO 3"):
        skeleton.derive_all(course, check=False)


# ---------------------------------------------------- running, with the TODOs up to n solved

Start = Callable[[str, int], subprocess.Popen[str]]


@pytest.fixture
def port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(tmp_path: Path, port: int) -> Iterator[Start]:
    """Starts server.py or client.py as a student has it who solved the TODOs up to n."""
    running = []

    def start_program(name: str, solved: int) -> subprocess.Popen[str]:
        path = tmp_path / name
        path.write_text(with_solved(read(SOLUTIONS, name), solved), encoding="utf-8")
        program = subprocess.Popen(
            [sys.executable, "-u", path, "--port", str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        running.append(program)
        return program

    yield start_program
    for program in running:
        program.kill()
        program.communicate()


def line_of(stream: object) -> str:
    return str(stream.readline())  # type: ignore[attr-defined]


def named_todo(stream: object) -> str:
    """The last line of the next traceback in `stream`: the exception."""
    while not (line := line_of(stream)).startswith("NotImplementedError"):
        assert line
    return line.strip()


def converse(port: int, *answers: str) -> str:
    """What a client gets that sends each answer after a line came, up to the end of file."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as conn:
        lines = conn.makefile("r", encoding="utf-8", newline="\n")
        got = lines.readline()
        for answer in answers:
            conn.sendall(answer.encode() + b"\n")
            got += lines.readline()
        return got + lines.read()


@pytest.mark.parametrize(("name", "number"), [("server.py", 1), ("client.py", 10)])
def test_untouched_skeleton_names_its_first_todo(name: str, number: int) -> None:
    ended = subprocess.run(
        [sys.executable, SKELETONS / name], capture_output=True, text=True, timeout=PATIENCE
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.endswith(f"\nNotImplementedError: TODO {number}\n")


def test_the_first_todo_is_seen_to_work(start: Start) -> None:
    out, err = start("server.py", 1).communicate(timeout=PATIENCE)
    assert out == "Server menunggu koneksi...\n"
    assert err.endswith("\nNotImplementedError: TODO 2\n")


@pytest.mark.parametrize(
    ("solved", "answers", "got"),
    [
        (2, [], ""),
        (3, ["ani"], "NICK\n"),
        (4, ["ani"], "NICK\n"),
        (5, ["a b"], "NICK\nERR "),
        (6, ["ani"], "NICK\nOK\n"),
        (7, ["ani"], "NICK\nOK\n"),
        (8, ["ani", "halo"], "NICK\nOK\n"),
    ],
)
def test_each_todo_of_the_server_brings_the_next(
    start: Start, port: int, solved: int, answers: list[str], got: str
) -> None:
    server = start("server.py", solved)
    line_of(server.stdout)
    if solved == 5:
        assert converse(port, "a b", "", "ani").startswith(got)
    else:
        assert converse(port, *answers) == got
    assert named_todo(server.stderr) == f"NotImplementedError: TODO {solved + 1}"
    assert server.poll() is None
    log = {6: ["Client 127.0.0.1 terhubung dengan nickname: ani\n"]}
    log[8] = [*log[6], "ani: halo\n"]
    for line in log.get(solved, []):
        assert line_of(server.stdout) == line


@pytest.mark.parametrize("solved", CLIENT_TODOS[:-1])
def test_each_todo_of_the_client_brings_the_next(start: Start, solved: int) -> None:
    server = start("server.py", max(SERVER_TODOS))
    line_of(server.stdout)
    client = start("client.py", solved)
    out, err = client.communicate("ani\n", timeout=PATIENCE)
    assert client.returncode == 1
    assert f"NotImplementedError: TODO {solved + 1}\n" in err
    assert out.startswith("Masukkan username: ") == (solved >= 12)


def test_both_solved_talk(start: Start) -> None:
    server = start("server.py", max(SERVER_TODOS))
    line_of(server.stdout)
    out, err = start("client.py", max(CLIENT_TODOS)).communicate("ani\nhalo\n", timeout=PATIENCE)
    assert (out, err) == ("Masukkan username: >> >> \n", "")
    assert line_of(server.stdout) == "Client 127.0.0.1 terhubung dengan nickname: ani\n"
    assert line_of(server.stdout) == "ani: halo\n"
