"""Instead of the Windows Python: runs whose results are made up."""

import json
from pathlib import Path

from tests.proof.windows.wine import Ran, Wine


class PlayedPython:
    """Instead of the Windows Python: writes the next of ``outcomes`` as the results of a run."""

    def __init__(self, folder: Path, outcomes: list[str]) -> None:
        self.wine = Wine(folder)
        self.outcomes = outcomes
        self.asked: list[str] = []
        self.now = 0.0

    def runs(self, *words: str, within: float) -> Ran:
        self.asked.append(words[-1])
        outcome = self.outcomes.pop(0)
        if outcome == "takes too long":
            self.now += within
            return Ran(None, "")
        if outcome == "crash":
            return Ran(7, "the last words")
        state = "complete"
        if outcome in ("ends early", "is ended"):
            state = "running"
            self.wine.endings += outcome == "is ended"
        named = next(word for word in words if word.startswith("--results="))
        here = named.removeprefix("--results=C:\\").replace("\\", "/")
        row = {"id": "nickname.unique", "group": "nickname", "outcome": outcome}
        rows = [row | {"expected": "this", "seen": "that"}]
        results = self.wine.disk / here
        results.write_text(
            json.dumps({"checks": rows, "duration_s": 1.0, "state": state}), encoding="utf-8"
        )
        return Ran(1, "")
