"""A game as a story file: what was done, so that `replay` plays it again on the same program.

A program that was mended since cannot make every move of it: those are left out, then everybody
goes on until all is at rest, and what holds then is what counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from harness.by_hand.position import Move, Position

SCHEMA = "modul4-by-hand/1"
GRAINS = ("line", "opcode")
KINDS = {"step": 2, "run": 2, "until": 3, "rest": 1, "act": 4, "time": 1}
ACTS = ("connect", "claim", "say", "half_close", "leave", "reset")
MOST_MOVES = 5000


def document(moves: Sequence[Move], grain: str, position: Position) -> dict[str, Any]:
    """The game as a value that JSON can hold, with what it showed."""
    broken = asdict(position.broken) if position.broken is not None else None
    return {"schema": SCHEMA, "grain": grain, "moves": list(moves), "broken": broken}


def save(path: Path, moves: Sequence[Move], grain: str, position: Position) -> None:
    """Write the game to ``path``. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document(moves, grain, position), ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def moves_from(story: Mapping[str, Any]) -> tuple[list[Move], str]:
    """The moves of a story file, and where threads can be stopped. Raises `ValueError`."""
    moves, grain = story.get("moves"), story.get("grain")
    if grain not in GRAINS or not isinstance(moves, list) or len(moves) > MOST_MOVES:
        raise ValueError("moves")
    for move in moves:
        if not isinstance(move, list) or not move or KINDS.get(str(move[0])) != len(move):
            raise ValueError(f"moves: {move!r}")
        words = move[1:2] if move[0] == "until" else move[1:]
        if not all(isinstance(word, str) for word in words):
            raise ValueError(f"moves: {move!r}")
        if move[0] == "until" and not isinstance(move[2], int):
            raise ValueError(f"moves: {move!r}")
        if move[0] == "act" and move[2] not in ACTS:
            raise ValueError(f"moves: {move!r}")
    return moves, grain
