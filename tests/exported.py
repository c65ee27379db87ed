"""A results document with every outcome, and with text that is hostile to each format."""

from typing import Any

# Control characters, half a surrogate pair, line ends, markup, characters beyond ASCII and the BMP.
HOSTILE = "\x00\x1b[31m]]><b>&\ud800\ufffe\r\nñ \U0001f600 {x} %s \u2028"
PLACE = {"todo": 3, "file": "server.py", "function": "f", "first_line": 10, "last_line": 20}
OUTCOMES = ("passed", "failed", "not_reached", "inconclusive", "not_run", None)


def row(name: str, outcome: str | None, points: float = 5.0, **more: Any) -> dict[str, Any]:
    is_failed = outcome == "failed"
    return {
        "id": name, "group": name.partition(".")[0], "title": f"About {name}", "outcome": outcome,
        "points": points if outcome == "passed" else 0.0,
        "max_points": 0.0 if outcome == "not_run" else points,
        "requires": [], "expected": "exactly one" if is_failed else "",
        "seen": HOSTILE if outcome != "passed" else "",
        "hint": "Who looks first?" if is_failed else "",
        "blame": ["TODO 3"] if is_failed else [], "blame_is_shown": is_failed,
        "places": [PLACE] if is_failed else [], "isolated": [], "story": [], "duration_s": 0.0004,
    } | more  # fmt: skip


def document(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One with these rows, by default one of each outcome."""
    rows = rows or tuple(row(f"nickname.n{i}", each) for i, each in enumerate(OUTCOMES))
    score, most = (sum(each[name] for each in rows) for name in ("points", "max_points"))
    groups = dict.fromkeys(each["group"] for each in rows)
    return {
        "schema": "modul4-results/1",
        "submission": {"path": "modul4/1.contoh", "sha256": {}},
        "state": "complete", "python": "3.12.1", "kit": "0.1.0", "seed": 7, "lang": "en",
        "duration_s": 12.5, "score": score, "max_score": most,
        "groups": [
            {"id": each, "title": HOSTILE, "score": score, "max_score": most} for each in groups
        ],
        "checks": list(rows),
    } | more  # fmt: skip
