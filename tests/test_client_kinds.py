"""Kinds of clients: one small correct client in many variants, and with one fault each."""

import contextlib
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.actors import client_way
from harness.actors.client_way import ports_written_in
from harness.contract.symptoms import Inconclusive, Symptom
from harness.grading.results import Outcome
from harness.program import display, ports
from tests.client_judge import judge, lost
from tests.slow import slow_but
from tests.tiny_client import edited

pytestmark = pytest.mark.skipif(
    sys.platform == "win32" or not display.CAN_DRAW, reason="needs a pty and pyte"
)

# ruff: noqa: E501  (edits are told as they stand)
Edits = tuple[tuple[str, str], ...]

SHOW = 'write("\\r\\033[K" + line + "\\n" + state["prompt"])'
ASK = "    return input(prompt)\n"
JOINED = '    while True:\n        text = read_line(">> ")\n'
START = "    sock = connect()\n"
SEND = '    sock.sendall((text + "\\n").encode())\n'

# Sets the terminal once the prompt is out: what was typed before that is dropped.
FLUSHED = """    import termios, tty
    if not os.isatty(0):
        return input(prompt)
    write(prompt)
    before = termios.tcgetattr(0)
    {setting}
    try:
        return {reading}
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)
"""

CORRECT: dict[str, Edits] = {
    "shows in two prints": (
        (SHOW, 'write("\\r\\033[K" + line + "\\n")\n        write(state["prompt"])'),
    ),
    "shows in three prints, slowly": (
        (
            SHOW,
            'write("\\r\\033[K")\n        write(line + "\\n")\n'
            '        sum(range(300_000))\n        write(state["prompt"])',
        ),
    ),
    "drops what was typed before each line": (
        (
            ASK,
            FLUSHED.format(
                setting="termios.tcsetattr(0, termios.TCSAFLUSH, before)", reading="input()"
            ),
        ),
    ),
    "drops it and reads key by key": (
        (
            ASK,
            FLUSHED.format(
                setting="tty.setcbreak(0)",
                reading='"".join(iter(key, "\\n")) + newline()',
            ),
        ),
        (
            "def read_line(prompt):\n",
            "def newline():\n    write('\\n')\n    return ''\n\n\n"
            "def key():\n    byte = os.read(0, 1)\n"
            "    while True:\n        try:\n            text = byte.decode()\n            break\n"
            "        except UnicodeDecodeError:\n            byte += os.read(0, 1)\n"
            "    if text == '\\x04':\n        raise EOFError\n"
            "    if text != '\\n':\n        write(text)\n    return text\n\n\n"
            "def read_line(prompt):\n",
        ),
    ),
    "opens the terminal anew, as getpass does": (
        (
            ASK,
            FLUSHED.format(
                setting="termios.tcsetattr(0, termios.TCSAFLUSH, before)",
                reading="entered(open('/dev/tty').readline())",
            ),
        ),
        (
            "def read_line(prompt):\n",
            "def entered(line):\n    if not line:\n        raise EOFError\n"
            "    return line.rstrip('\\n')\n\n\ndef read_line(prompt):\n",
        ),
    ),
    "draws its prompt twice": (
        (ASK, "    write(prompt)\n    return input('\\r\\033[K' + prompt)\n"),
    ),
    "says that it is connected": (
        (START, f"{START}    print('Terhubung ke', sock.getpeername()[0])\n"),
    ),
    "says that it is connecting, without a line end at first": (
        (
            START,
            f"    write('Menghubungkan ... ')\n{START}    write('tersambung. Menunggu server ...')\n",
        ),
        ("    while answers.get()", "    answer = answers.get()\n    print()\n    while answer"),
        (
            'send(sock, read_line("Masukkan username: "))\n',
            'send(sock, read_line("Masukkan username: "))\n        answer = answers.get()\n',
        ),
    ),
    "has a banner": (
        (START, f"    print('=' * 40 + '\\n  OBROLAN\\n' + '=' * 40 + '\\n')\n{START}"),
    ),
    "greets whoever has joined": (
        (JOINED, f"    print('Selamat datang!\\n\\nKetik pesan, lalu Enter.')\n{JOINED}"),
    ),
    "explains its prompt": ((JOINED, f"    print('Ketik di belakang >> lalu Enter.')\n{JOINED}"),),
    "looks at the clock all the time": (
        (
            "    receiver.start()\n",
            "    receiver.start()\n    import time\n"
            "    def polls():\n        while True:\n            time.sleep(0.001)\n"
            "            sum(range(20_000))\n"
            "    threading.Thread(target=polls, daemon=True).start()\n",
        ),
    ),
}

FAULTY: dict[str, tuple[str, Edits]] = {
    "its name stands before the prompt": (
        "client.prompt",
        (('read_line(">> ")', 'read_line("saya >> ")'),),
    ),
    "explains the prompt and shows another": (
        "client.prompt",
        (('        text = read_line(">> ")', '        text = read_line("> ")'), (JOINED.splitlines()[0] + "\n", '    print("Ketik di belakang >> lalu Enter.")\n' + JOINED.splitlines()[0] + "\n")),
    ),
    "capital letters": (
        "client.nickname",
        (('read_line("Masukkan username: ")', 'read_line("Masukkan username: ").upper()'),),
    ),
    "one letter is cut off": (
        "client.nickname",
        (('read_line("Masukkan username: ")', 'read_line("Masukkan username: ")[:-1]'),),
    ),
    "digits are dropped": (
        "client.nickname",
        (
            (
                'send(sock, read_line("Masukkan username: "))',
                'name = read_line("Masukkan username: ")\n'
                '        send(sock, "".join(c for c in name if not c.isdigit()))',
            ),
        ),
    ),
    "every line twice, the name too": ("client.send", ((SEND, SEND + SEND),)),
    "every message twice": (
        "client.send",
        (("            send(sock, text)\n", "            send(sock, text)\n" * 2),),
    ),
    "the name once more after OK": (
        "client.send",
        (
            ('send(sock, read_line("Masukkan username: "))', 'state["name"] = read_line("Masukkan username: ")\n        send(sock, state["name"])'),
            (JOINED, '    send(sock, state["name"])\n' + JOINED),
        ),
    ),
    "the last message again after an empty line": (
        "client.send",
        (
            (
                "        if text:\n            send(sock, text)\n",
                "        last = text or last\n        send(sock, last)\n",
            ),
            (JOINED, '    last = ""\n' + JOINED),
        ),
    ),
    "asks for a message in the words in which it asks for the name": (
        "client.prompt",
        (('read_line(">> ")', 'read_line("Masukkan username: ")'),),
    ),
    "asks for one more name after OK": (
        "client.retry",
        (
            (
                "            else:\n                show(line.removeprefix",
                "            else:\n                answers.put(\"NICK\")\n                show(line.removeprefix",
            ),
        ),
    ),
    "a new connection after ERR": (
        "client.retry",
        (
            ("                show(line.removeprefix(\"ERR \"))\n", """                show(line.removeprefix("ERR "))
                os.execv(sys.executable, [sys.executable, *sys.argv])
"""),
        ),
    ),
    "a new connection after ERR, in the same process": (
        "client.retry",
        (
            ("    try:\n        for raw in", "    kept = sock.dup()\n    try:\n        for raw in"),
            ("                show(line.removeprefix(\"ERR \"))\n", """                show(line.removeprefix("ERR "))
                again = socket.create_connection(kept.getpeername())
                os.dup2(again.fileno(), sock.fileno())
                again.close()
                return receive(sock)
"""),
        ),
    ),
}  # fmt: skip


@pytest.fixture
def client(tmp_path: Path) -> Callable[[Edits], Path]:
    """Makes a folder with the small client, edited."""

    def make(edits: Edits) -> Path:
        (tmp_path / "client.py").write_text(edited(*edits), encoding="utf-8")
        return tmp_path

    return make


@pytest.mark.parametrize("kind", slow_but(3, CORRECT))
def test_a_correct_client_of_any_kind_passes(client: Callable[[Edits], Path], kind: str):
    assert lost(judge(client(CORRECT[kind]))) == {}


@pytest.mark.parametrize("kind", slow_but(1, FAULTY))
def test_one_fault_fails_its_own_check_alone(client: Callable[[Edits], Path], kind: str):
    check, edits = FAULTY[kind]
    assert lost(judge(client(edits))) == {check: "failed"}


def test_without_a_prompt_the_screen_is_looked_at_in_part(client: Callable[[Edits], Path]):
    folder = client((('read_line(">> ")', 'read_line("")'),))
    verdict = judge(folder, frozenset({"client.screen"}))["client.screen"]
    assert verdict.is_in_part
    assert "see client.prompt" in verdict.reason


PARSES = """\
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    args = parser.parse_args()
"""
ADDRESS = "    address = (args.host, args.port)\n"

# Each is judged as far as it can be met, and loses the one check that is about its address.
ELSEWHERE: dict[str, Edits] = {
    "knows --port alone": ((PARSES, PARSES.replace('"--host"', '"--alamat"') + "    args.host = args.alamat\n"),),
    "takes two positional arguments": ((PARSES, '    parser.add_argument("host")\n    parser.add_argument("port", type=int)\n    args = parser.parse_args()\n'),),
    "takes the port as its first argument": ((PARSES, '    args = argparse.Namespace(host="localhost", port=int(sys.argv[1]))\n'),),
    "takes no argument at all": ((PARSES, '    args = argparse.Namespace(host="127.0.0.1", port=23_457)\n    if sys.argv[1:]:\n        sys.exit("usage: client.py")\n'),),
    "has its port written in it": ((ADDRESS, '    address = ("127.0.0.1", 23_456)\n'),),
    "has the default port written in it": ((ADDRESS, '    address = ("127.0.0.1", 55555)\n'),),
    "has its host written in it": ((ADDRESS, '    address = ("127.0.0.1", args.port)\n'),),
    "has another default": (("default=55555", "default=55556"),),
    "greets, and says nothing more": ((ADDRESS, ADDRESS + '    print("Menghubungi", *address)\n'), ('sys.exit(f"Tidak ada server: {error}")', "sys.exit(1)")),
}  # fmt: skip


@pytest.mark.parametrize("kind", slow_but(3, ELSEWHERE))
def test_a_client_with_an_address_of_its_own_is_met_there(
    client: Callable[[Edits], Path], kind: str
):
    assert lost(judge(client(ELSEWHERE[kind]))) == {"client.no_server": "failed"}


def test_one_that_only_prints_its_usage_never_tried(tmp_path: Path):
    (tmp_path / "client.py").write_text("raise SystemExit('Usage: client.py HOST')\n")
    verdict = judge(tmp_path, frozenset(("client.no_server",)))["client.no_server"]
    assert verdict.failure is not None and verdict.failure.symptom is Symptom.OTHER_ADDRESS


def test_a_default_port_that_somebody_has_costs_nothing_and_is_told(
    client: Callable[[Edits], Path], monkeypatch: pytest.MonkeyPatch
):
    @contextlib.contextmanager
    def taken() -> Iterator[int]:
        raise Inconclusive("port_taken", port=55555)
        yield 0

    monkeypatch.setattr(ports, "default_port", taken)
    verdict = judge(client(()), frozenset(("client.no_server",)))["client.no_server"]
    assert verdict.outcome is Outcome.PASSED
    assert "55555" in verdict.reason


def test_a_client_that_finds_somebody_else_at_its_own_port_is_not_judged(
    client: Callable[[Edits], Path], monkeypatch: pytest.MonkeyPatch
):
    """The student's own server still runs: what it says is no answer to this grader's words."""
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        port = somebody.getsockname()[1]
        monkeypatch.setattr(client_way, "DEFAULT_PORT", port)
        folder = client(((ADDRESS, f'    address = ("127.0.0.1", {port})\n'),))
        verdicts = judge(folder, frozenset(("client.prompt", "client.send")))
        assert lost(verdicts) == dict.fromkeys(verdicts, "inconclusive")
        assert {str(port) in verdict.reason for verdict in verdicts.values()} == {True}
        # One that connects where it is told is judged as ever.
        (folder / "client.py").write_text(edited())
        assert lost(judge(folder, frozenset(("client.prompt",)))) == {}


def test_no_other_graders_server_stands_at_the_default_port_when_a_client_is_met(
    client: Callable[[Edits], Path], monkeypatch: pytest.MonkeyPatch
):
    held: list[bool] = []

    @contextlib.contextmanager
    def noted() -> Iterator[None]:
        held.append(True)
        yield
        held.append(False)

    met = client_way._met

    def asks(*given: object) -> int | str:
        assert held == [True]
        return met(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(ports, "default_port_in_case", noted)
    monkeypatch.setattr(client_way, "_met", asks)
    assert lost(judge(client(()), frozenset(("client.prompt",)))) == {}
    assert held == [True, False]


def test_the_ports_written_in_a_program_are_its_numbers_but_sizes(tmp_path: Path):
    (tmp_path / "client.py").write_text("recv(4096), 80, 12345, '9999', 70000, 'x', True, 12345")
    (tmp_path / "config.py").write_text("PORT = 6060")
    (tmp_path / "broken.py").write_text("PORT = = 5050")
    assert list(ports_written_in(tmp_path)) == [12345, 9999, 6060]
