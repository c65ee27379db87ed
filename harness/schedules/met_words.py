"""What two threads share and where they met, as a sentence in each language.

In: the facts of a `Conflict` or a `Meeting`, as a counterexample keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# In two lines, or in one that was not done yet or comes again.
_SHARED = {
    "id": ". Yang dipakai bersama: {name}. Thread {who} {did} di baris {line} dan memakainya lagi "
    "di baris {again_line}; di antaranya thread {other} {other_did} di baris {other_line}",
    "en": ". What they share: {name}. Thread {who} {did} it at line {line} and used it again at "
    "line {again_line}; in between thread {other} {other_did} it at line {other_line}",
}
_SHARED_ONE = {
    "id": ". Yang dipakai bersama: {name}. Thread {who} {did} di baris {line}; sebelum selesai "
    "memakainya, thread {other} {other_did} di baris {other_line}",
    "en": ". What they share: {name}. Thread {who} {did} it at line {line}; before it was done "
    "with that, thread {other} {other_did} it at line {other_line}",
}
# A thread that looked first and changed it only later; and one that did not come to that any more.
_CHECKED = {
    "id": ". Yang dipakai bersama: {name}. Thread {who} memeriksanya di baris {line} dan baru "
    "mengubahnya di baris {again_line}; di antaranya thread {other} mengubahnya di baris "
    "{other_line}",
    "en": ". What they share: {name}. Thread {who} checked it at line {line} and changed it only "
    "at line {again_line}; in between thread {other} changed it at line {other_line}",
}
_CHECKED_ONLY = {
    "id": ". Yang dipakai bersama: {name}. Thread {who} memeriksanya di baris {line} dan baru "
    "sampai di baris {again_line} ketika thread {other} mengubahnya di baris {other_line}",
    "en": ". What they share: {name}. Thread {who} checked it at line {line} and had come no "
    "further than line {again_line} when thread {other} changed it at line {other_line}",
}
# The same where the three lines are about one client (`meeting`), by kind.
_MET: Mapping[str, Mapping[str, str]] = {
    "in_turns": {
        "id": ". Yang dipakai bersama: koneksi ke {name}. Thread {who} mengirim di baris {line}, "
        "lalu lagi di baris {again_line}; di antaranya thread {other} mengirim ke sana di baris "
        "{other_line}",
        "en": ". What they share: the connection to {name}. Thread {who} sent at line {line} and "
        "again at line {again_line}; in between thread {other} sent there at line {other_line}",
    },
    "hurried": {
        "id": ". Yang dipakai bersama: koneksi ke {name}. Thread {other} membatasi waktunya di "
        "baris {other_line}; batas itu berlaku untuk semua thread, dan recv thread {who} di baris "
        "{line} berakhir dengan TimeoutError",
        "en": ". What they share: the connection to {name}. Thread {other} limited its time at "
        "line {other_line}; that limit is for all threads, and the recv of thread {who} at line "
        "{line} ended in TimeoutError",
    },
    "told_late": {
        "id": ". Yang dipakai bersama: {name}. Thread {who} mendaftarkan diri di baris {line}; "
        "thread {other} lalu mengirim kepadanya di baris {other_line}, sebelum OK dikirim di "
        "baris {again_line}",
        "en": ". What they share: {name}. Thread {who} put itself there at line {line}; then "
        "thread {other} sent to it at line {other_line}, before its OK was sent at line "
        "{again_line}",
    },
    "walked_unlocked": {
        "id": ". Yang dipakai bersama: {name}. Thread {who} memegang lock dari mendaftarkan diri "
        "(baris {line}) sampai OK terkirim (baris {again_line}); thread {other} menelusuri {name} "
        "di baris {other_line} tanpa lock itu, lalu mengirim kepadanya",
        "en": ". What they share: {name}. Thread {who} held a lock from putting itself there "
        "(line {line}) until its OK was sent (line {again_line}); thread {other} walked through "
        "{name} at line {other_line} without that lock, and sent to it",
    },
    "struck_off": {
        "id": ". Yang dipakai bersama: {name}. Thread {who} mendaftarkan diri di baris {line}; "
        "thread {other}, pemilik nama itu sebelumnya, baru menghapusnya di baris {other_line}, "
        "sehingga tidak ada lagi ketika {name} ditelusuri di baris {again_line}",
        "en": ". What they share: {name}. Thread {who} put itself there at line {line}; thread "
        "{other}, which had that name before, took it off only at line {other_line}, so that it "
        "was not there any more when {name} was walked through at line {again_line}",
    },
    "listed_late": {
        "id": ". Yang dipakai bersama: {name}. Thread {who} mengirim OK di baris {line}; thread "
        "{other} membaca {name} di baris {other_line}, sebelum {who} ditambahkan di baris "
        "{again_line}",
        "en": ". What they share: {name}. Thread {who} sent OK at line {line}; thread {other} read "
        "{name} at line {other_line}, before {who} was added at line {again_line}",
    },
}
_VERBS = {False: ("membacanya", "read"), True: ("mengubahnya", "wrote")}


def met_in_words(facts: Mapping[str, Any] | None) -> dict[str, str]:
    """The sentence, behind what was broken; empty where nothing is known."""
    if facts is None:
        return {}
    if "rows" in facts:
        return {lang: text.format(**facts) for lang, text in _MET[facts["kind"]].items()}
    mine, theirs = _VERBS[facts["is_written"]], _VERBS[facts["other_writes"]]
    return {
        lang: text.format(did=mine[at], other_did=theirs[at], **facts)
        for at, (lang, text) in enumerate(_way_of(facts).items())
    }


def _way_of(facts: Mapping[str, object]) -> Mapping[str, str]:
    """The sentence for a conflict; one that an earlier version saved has fewer facts."""
    if facts["line"] == facts["again_line"]:
        return _SHARED_ONE
    if facts.get("is_held"):
        return _CHECKED_ONLY
    is_checked = not facts["is_written"] and facts["other_writes"] and facts.get("again_writes")
    return _CHECKED if is_checked else _SHARED
