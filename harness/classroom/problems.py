"""What is said about a submission that could not be taken as it is. One sentence each."""

from __future__ import annotations

from collections.abc import Mapping

from harness.contract.rubric import Bilingual, Language

PROBLEMS: dict[str, Bilingual] = {
    "broken_zip": {
        "id": "Zip-nya rusak; minta dikirim lagi.",
        "en": "The zip is broken; ask for it again.",
    },
    "locked_zip": {
        "id": "Zip-nya dikunci dengan kata sandi, atau dikemas dengan cara yang tidak dikenal.",
        "en": "The zip has a password, or is packed in a way that is not known here.",
    },
    "huge_zip": {
        "id": "Isi zip-nya terlalu besar untuk dibuka.",
        "en": "What the zip holds is too large to unpack.",
    },
    "other_archive": {
        "id": "Dikirim sebagai {found}, yang tidak bisa dibuka di sini; minta zip atau file .py.",
        "en": "Sent as {found}, which cannot be unpacked here; ask for a zip or the two .py files.",
    },
    "no_programs": {
        "id": "Tidak ada server.py dan client.py di dalamnya.",
        "en": "There is no server.py and no client.py in it.",
    },
    "two_programs": {
        "id": "Ada {count} file yang bisa menjadi {program} ({found}); pilih satu.",
        "en": "There are {count} files that may be {program} ({found}); choose one.",
    },
    "unreadable": {"id": "Tidak bisa dibaca: {found}.", "en": "It cannot be read: {found}."},
    "much_memory": {
        "id": "Dihentikan: programnya memakai lebih dari 3 GB memori. Nilailah sendiri.",
        "en": "Stopped: the program used more than 3 GB of memory. Grade it by hand.",
    },
    "many_processes": {
        "id": "Dihentikan: programnya menjalankan lebih dari 1000 proses. Nilailah sendiri.",
        "en": "Stopped: the program ran more than 1000 processes. Grade it by hand.",
    },
    "long_time": {
        "id": "Dihentikan: penilaiannya tidak selesai dalam lima menit. Nilailah sendiri.",
        "en": "Stopped: grading it took more than five minutes. Grade it by hand.",
    },
    "not_graded": {
        "id": "Belum selesai dinilai; jalankan perintah yang sama sekali lagi.",
        "en": "Not graded to the end; run the same command again.",
    },
    "other_kit": {
        "id": "Worker-nya memakai perangkat ini, Python, atau kotak yang lain; samakan, lalu "
        "jalankan perintah yang sama sekali lagi.",
        "en": "The worker has another version of this kit, of Python or of the box; make them the "
        "same, and run the same command again.",
    },
    "nothing": {"id": "Tidak ada file yang dikirim.", "en": "No file was sent."},
}


WORKSHEET: dict[str, Bilingual] = {
    "empty": {
        "id": "Lembar penilaian '{path}' kosong.",
        "en": "The worksheet '{path}' is empty.",
    },
    "no columns": {
        "id": "'{path}' bukan lembar penilaian Moodle: kolom Identifier dan Grade (atau Nilai) "
        "tidak ada.",
        "en": "'{path}' is no grading worksheet of Moodle: it lacks the columns Identifier and "
        "Grade.",
    },
    "unreadable": {
        "id": "Lembar penilaian '{path}' tidak bisa dibaca: {why}.",
        "en": "The worksheet '{path}' cannot be read: {why}.",
    },
    "written": {
        "id": "{count} nilai ditulis ke {path}",
        "en": "{count} grades written to {path}",
    },
}


def sentence(key: str, facts: Mapping[str, str], lang: Language) -> str:
    """The sentence about a problem."""
    return PROBLEMS[key][lang].format(**facts)
