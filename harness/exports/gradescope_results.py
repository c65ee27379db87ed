"""Results as `results.json` of Gradescope.

Source: gradescope/autograder_samples, docs/specs.md. `score` goes before the sum of the tests; one
hidden test hides the student's total, so all are visible; what is printed is for instructors alone.
All text is "text": what a student's program printed must not become HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.contract.rubric import FULL_MARKS, Bilingual, Language
from harness.exports.plain_text import as_json, plain, told
from harness.grading.results import Outcome, State

_SAID: dict[str, Bilingual] = {
    "begun": {
        "id": "Penilaian sudah mulai. Kalau ini tetap yang terbaca, penilaiannya tidak selesai: "
        "kirim sekali lagi.",
        "en": "Grading has begun. If this stays what you read, it did not come to its end: submit "
        "once more.",
    },
    "part": {
        "id": "Baru {done} dari {all} pemeriksaan selesai. Kalau ini tetap yang terbaca, waktunya "
        "habis: kirim sekali lagi.",
        "en": "{done} of {all} checks are done. If this stays what you read, the time was up: "
        "submit once more.",
    },
    "inconclusive": {
        "id": "{count} pemeriksaan belum bisa diputuskan: komputernya yang terganggu, bukan "
        "programmu. Kirim sekali lagi.",
        "en": "{count} checks are not decided: the machine got in the way, not your program. "
        "Submit once more.",
    },
    "complete": {
        "id": "Periksa sendiri dengan pilihan acak yang sama: python3 -m harness --seed {seed}",
        "en": "Check it yourself with the same random choices: python3 -m harness --seed {seed}",
    },
    "scaled": {
        "id": "{most:g} poin bisa dicapai di komputer ini; nilaimu dihitung dari {full}.",
        "en": "{most:g} points could be reached on this machine; your score is out of {full}.",
    },
    "open": {"id": "Belum diperiksa.", "en": "Not judged yet."},
    "could not": {
        "id": "Penilaian tidak bisa dijalankan. Kirim sekali lagi; kalau tetap begitu, beri tahu "
        "pengajarmu.",
        "en": "The grading could not be run. Submit once more; if it stays so, tell your teacher.",
    },
    "no_programs": {
        "id": "Tidak ada server.py dan client.py di kirimanmu. Kirim keduanya.",
        "en": "There is no server.py and no client.py in what you sent. Send both.",
    },
    "nothing": {
        "id": "Tidak ada file di kirimanmu. Kirim server.py dan client.py.",
        "en": "There is no file in what you sent. Send server.py and client.py.",
    },
    "two_programs": {
        "id": "Ada {count} file yang bisa menjadi {program} ({found}). Kirim satu saja.",
        "en": "There are {count} files that may be {program} ({found}). Send only one.",
    },
    "other_archive": {
        "id": "{found} tidak bisa dibuka di sini. Kirim zip, atau server.py dan client.py.",
        "en": "{found} cannot be unpacked here. Send a zip, or server.py and client.py.",
    },
    "broken_zip": {
        "id": "Zip-mu rusak. Buat lagi, atau kirim server.py dan client.py.",
        "en": "Your zip is broken. Make it again, or send server.py and client.py.",
    },
}


def gradescope(document: Mapping[str, Any], lang: Language) -> str:
    """The JSON of a results document, also of one that is still being written."""
    score, most = float(document["score"]), float(document["max_score"])
    rows: Sequence[Mapping[str, Any]] = document["checks"]
    return as_json(
        {
            "score": round(score * FULL_MARKS / most, 2) if most else 0.0,
            "execution_time": round(float(document.get("duration_s", 0))),
            "output": "\n".join(_about(document, most, lang)),
            **_COMMON,
            "tests": [_test(row, lang) for row in rows],
            # For the instructor who exports it: what the grade depends on.
            "extra_data": {name: document.get(name) for name in ("seed", "kit", "python", "state")},
        }
    )


def without_grade(key: str, facts: Mapping[str, str], lang: Language) -> str:
    """The JSON where nothing was graded (yet), and a sentence that says why.

    ``key`` is one of `begun`, `could not` and those of `problems.PROBLEMS` that `lay_out` gives.
    """
    sentence = plain(_SAID[key][lang].format(**facts))
    return as_json({"score": 0.0, "output": sentence, **_COMMON, "tests": []})


_COMMON = {
    "output_format": "text",
    "test_output_format": "text",
    "test_name_format": "text",
    "visibility": "visible",
    "stdout_visibility": "hidden",
}


def _about(document: Mapping[str, Any], most: float, lang: Language) -> list[str]:
    """The lines about the whole."""
    outcomes = [row["outcome"] for row in document["checks"]]
    if document.get("state") != State.COMPLETE:
        done = sum(each is not None for each in outcomes)
        return [_SAID["part"][lang].format(done=done, all=len(outcomes))]
    lines = []
    if count := outcomes.count(Outcome.INCONCLUSIVE):
        lines.append(_SAID["inconclusive"][lang].format(count=count))
    if most != FULL_MARKS:
        lines.append(_SAID["scaled"][lang].format(most=most, full=FULL_MARKS))
    return [*lines, _SAID["complete"][lang].format(seed=document.get("seed"))]


def _test(row: Mapping[str, Any], lang: Language) -> dict[str, Any]:
    outcome = row["outcome"]
    test: dict[str, Any] = {
        "name": f"{plain(row['id'])}: {plain(row.get('title', ''))}",
        "score": float(row["points"]),
        "max_score": float(row["max_points"]),
        "output": "" if outcome == Outcome.PASSED else told(row, "expected", "seen", "hint"),
    }
    if outcome in (Outcome.PASSED, Outcome.FAILED):
        test["status"] = str(outcome)
    if outcome is None:
        test["output"] = _SAID["open"][lang]
    return test
