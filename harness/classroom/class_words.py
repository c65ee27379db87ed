"""Every sentence of the class page, in both languages side by side."""

from __future__ import annotations

from harness.contract.rubric import Bilingual

CLASS_WORDS: dict[str, Bilingual] = {
    "window": {"id": "Kelas · Modul 4", "en": "Class · Modul 4"},
    "course": {"id": "Modul 4 · Chat TCP", "en": "Modul 4 · TCP chat"},
    "heading": {"id": "Nilai satu kelas", "en": "The grades of a class"},
    "skip": {"id": "Langsung ke hasil", "en": "Skip to the results"},
    "contents": {"id": "Isi halaman", "en": "On this page"},
    "summary": {
        "id": "{graded} kiriman dinilai, {problems} bermasalah. Rata-rata {mean}, median {median}.",
        "en": "{graded} submissions graded, {problems} with a problem. Mean {mean}, median "
        "{median}.",
    },
    "spread": {"id": "Sebaran nilai", "en": "Distribution of points"},
    "spread_desc": {
        "id": "Banyaknya kiriman menurut nilai: {rows}.",
        "en": "How many submissions had how many points: {rows}.",
    },
    "spread_row": {"id": "{low} sampai {high}: {count}", "en": "{low} to {high}: {count}"},
    "held": {"id": "TODO yang menahan kelas", "en": "The TODOs that hold the class up"},
    "held_why": {
        "id": "Untuk setiap kiriman: TODO dari pemeriksaan pertama yang gagal.",
        "en": "For each submission: the TODOs of the first check that failed.",
    },
    "todo": {"id": "TODO", "en": "TODO"},
    "count": {"id": "Kiriman", "en": "Submissions"},
    "glance": {"id": "Gambaran", "en": "At a glance"},
    "bar": {"id": "{count} dari {most}", "en": "{count} of {most}"},
    "bar_desc": {"id": "{title}: {count} dari {most}.", "en": "{title}: {count} of {most}."},
    "ask": {"id": "Pertanyaan untuk dibahas di kelas", "en": "Questions to raise in class"},
    "ask_why": {
        "id": "Dari pemeriksaan yang paling sering gagal. Kekeliruan yang biasa ada di "
        "docs/id/kekeliruan.md.",
        "en": "From the checks that failed most often. Usual misconceptions are in "
        "docs/id/kekeliruan.md.",
    },
    "checks": {"id": "Setiap pemeriksaan", "en": "Each check"},
    "checks_why": {
        "id": "Lulus, dari yang bisa diputuskan. Yang belum sampai ke sana tidak dihitung.",
        "en": "Passed, of those that could be decided. Those that did not get there do not count.",
    },
    "check": {"id": "Pemeriksaan", "en": "Check"},
    "passed": {"id": "Lulus", "en": "Passed"},
    "failed": {"id": "Gagal", "en": "Failed"},
    "waiting": {"id": "Belum sampai", "en": "Not reached"},
    "similar": {"id": "Program yang mirip", "en": "Similar programs"},
    "similar_why": {
        "id": "Tempat untuk dilihat, bukan putusan: bagian program yang lebih pendek yang juga ada "
        "di program lainnya, tanpa kerangka dan tanpa yang umum di kelas ini.",
        "en": "A place to look, and no verdict: the part of the shorter program that the other one "
        "has too, without the skeleton and what is common in this class.",
    },
    "share": {"id": "Bagian yang sama", "en": "Shared"},
    "pair": {"id": "Pasangan", "en": "Pair"},
    "no_pairs": {
        "id": "Tidak ada pasangan yang mencolok.",
        "en": "No pair stands out.",
    },
    "open": {"id": "Belum bisa diputuskan", "en": "What could not be judged"},
    "none_open": {"id": "Semuanya bisa diputuskan.", "en": "All could be judged."},
    "all": {"id": "Semua kiriman", "en": "All submissions"},
    "all_caption": {
        "id": "Tekan judul kolom untuk mengurutkan.",
        "en": "Press the head of a column to sort by it.",
    },
    "name": {"id": "Nama", "en": "Name"},
    "number": {"id": "Nomor", "en": "Number"},
    "points": {"id": "Nilai", "en": "Points"},
    "first": {"id": "Perlu diperbaiki dulu", "en": "To mend first"},
    "remark": {"id": "Catatan", "en": "Remark"},
    "undecided": {
        "id": "pemeriksaan yang belum diputuskan: {count}",
        "en": "checks that are not decided: {count}",
    },
    "by_hand": {"id": "diubah dengan tangan: {what}", "en": "changed by hand: {what}"},
    "sorted": {"id": "urutkan menurut {column}", "en": "sort by {column}"},
    "facts": {
        "id": "Seed {seed} · kotak: {box} · versi kit {kit}",
        "en": "Seed {seed} · box: {box} · kit {kit}",
    },
}


def class_say(key: str, lang: str, **facts: object) -> str:
    """One sentence of `CLASS_WORDS` with its facts."""
    return CLASS_WORDS[key][lang].format(**facts)
