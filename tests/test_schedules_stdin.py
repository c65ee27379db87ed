"""Under the launcher a program that waits for its operator is at rest, and the room goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.schedules.cycles import mixed_cycle
from tests.explored import told_to
from tests.tiny import edited

CONSOLES = {
    "input": "input()",
    "lines": "[line for line in sys.stdin]",
    "readline": "sys.stdin.readline()",
    "buffer": "sys.stdin.buffer.read()",
    "number": "__import__('os').read(0, 1)",
    "select": "__import__('select').select([sys.stdin], [], [])",
}


@pytest.mark.parametrize("waits", CONSOLES.values(), ids=CONSOLES)
def test_the_room_is_played_beside_a_console(tmp_path: Path, waits: str) -> None:
    aside = "threading.Thread(target=accept, args=(listener,), daemon=True).start()"
    text = edited(("        accept(listener)\n", f"        {aside}\n        {waits}\n"))
    server = tmp_path / "server.py"
    server.write_text(text, encoding="utf-8")
    report = told_to(server, [mixed_cycle(1, number, []) for number in range(3)])
    assert report.trouble == ""
    assert [cycle["end"] for cycle in report.cycles] == ["done"] * 3
