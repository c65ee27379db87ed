"""Every sentence of the page, in both languages side by side."""

from __future__ import annotations

from harness.contract.rubric import Bilingual
from harness.record.journal import What

WORDS: dict[str, Bilingual] = {
    "course": {"id": "Modul 4 · Chat TCP", "en": "Modul 4 · TCP chat"},
    "heading": {"id": "Hasil pemeriksaan", "en": "What the check found"},
    "window": {
        "id": "{score} dari {most} · Modul 4 · {path}",
        "en": "{score} of {most} · Modul 4 · {path}",
    },
    "skip": {"id": "Langsung ke hasil", "en": "Skip to the results"},
    "contents": {"id": "Isi halaman", "en": "On this page"},
    "of": {"id": "dari", "en": "of"},
    "points": {"id": "poin", "en": "points"},
    "score": {"id": "Nilai", "en": "Points"},
    "score_caption": {"id": "Nilai tiap kelompok pemeriksaan", "en": "Points by group of checks"},
    "group": {"id": "Kelompok", "en": "Group"},
    "share": {"id": "Gambaran", "en": "At a glance"},
    "total": {"id": "Jumlah", "en": "Total"},
    "bar": {"id": "{score} dari {most} poin", "en": "{score} of {most} points"},
    "bar_desc": {
        "id": "Batang terisi {percent} persen: {title}.",
        "en": "A bar filled to {percent} per cent: {title}.",
    },
    "running": {
        "id": "Pemeriksaan masih berjalan atau terhenti di tengah jalan: nilai ini belum akhir.",
        "en": "The run is still going on, or broke off: these points are not final.",
    },
    "interrupted": {
        "id": "Pemeriksaan dihentikan sebelum selesai: nilai ini belum akhir.",
        "en": "The run was stopped before its end: these points are not final.",
    },
    "complete": {"id": "selesai", "en": "complete"},
    "state_running": {"id": "belum selesai", "en": "not finished"},
    "state_interrupted": {"id": "dihentikan", "en": "interrupted"},
    "counts": {
        "id": "{passed} lulus · {failed} gagal · {waiting} menunggu",
        "en": "{passed} passed · {failed} failed · {waiting} waiting",
    },
    "all": {
        "id": "Semua pemeriksaan lulus. Selamat!",
        "en": "All checks passed. Well done!",
    },
    "mend": {"id": "Perbaiki ini dulu", "en": "Mend this first"},
    "open": {"id": "Kerjakan ini dulu", "en": "Do this next"},
    "failed": {"id": "Juga gagal ({n})", "en": "Also failed ({n})"},
    "not_reached": {"id": "Belum terperiksa ({n})", "en": "Not reached ({n})"},
    "not_reached_why": {
        "id": "Pemeriksaan ini menunggu yang lain: poinnya baru bisa didapat sesudah itu lulus.",
        "en": "These checks wait for another: their points come within reach after it.",
    },
    "inconclusive": {"id": "Tidak bisa diputuskan ({n})", "en": "Could not be judged ({n})"},
    "inconclusive_why": {
        "id": "Ini bukan salahmu: komputer ini yang menghalangi. Ulangilah.",
        "en": "This is not your fault: this machine got in the way. Run it again.",
    },
    "not_run": {"id": "Tidak dijalankan di sini ({n})", "en": "Not run here ({n})"},
    "not_run_why": {
        "id": "Komputer ini tidak bisa menjalankannya; poinnya tidak dihitung.",
        "en": "This machine cannot run them; their points are not counted.",
    },
    "no_outcome": {"id": "Tidak diperiksa ({n})", "en": "Not judged ({n})"},
    "no_outcome_why": {
        "id": "Tidak diminta, atau pemeriksaan berhenti sebelum sampai ke sini.",
        "en": "Not asked for, or the run ended before it came to them.",
    },
    "passed": {"id": "Sudah benar ({n})", "en": "Works ({n})"},
    "together": {"id": "Bermain bersama", "en": "Played together"},
    "together_why": {
        "id": "Tanpa poin: ini menunjukkan program mana yang perlu dilihat, server atau client.",
        "en": "No points: it shows which half to look at.",
    },
    "run": {"id": "Tentang pemeriksaan ini", "en": "About this run"},
    "expected": {"id": "Seharusnya", "en": "Expected"},
    "seen": {"id": "Yang terjadi", "en": "Seen"},
    "lost": {"id": "poin yang belum didapat: {n}", "en": "points still to earn: {n}"},
    "picture": {"id": "Diagram urutan", "en": "Sequence diagram"},
    "lanes": {"id": "Urutan thread", "en": "Order of the threads"},
    "scroll": {
        "id": "Gambar {check}; bisa digeser ke samping",
        "en": "Picture of {check}; scrolls sideways",
    },
    "legend_seen": {"id": "garis penuh: terjadi", "en": "solid line: was seen"},
    "legend_missing": {
        "id": "garis putus-putus dengan ✗: seharusnya datang",
        "en": "dashed with ✗: should have come",
    },
    "legend_unwanted": {
        "id": "garis tebal dengan !: seharusnya tidak datang",
        "en": "thick with !: should not have come",
    },
    "legend_lanes": {
        "id": "Satu kolom satu thread; waktu berjalan ke bawah; ‖: thread dihentikan di situ.",
        "en": "One column a thread; time goes down; ‖ where a thread was stopped.",
    },
    "story": {
        "id": "Ceritanya dalam tabel ({n} langkah)",
        "en": "The story as a table ({n} steps)",
    },
    "story_caption": {"id": "Cerita {check}", "en": "The story of {check}"},
    "left_out": {
        "id": "… {n} langkah lain ada di file hasil (--results) …",
        "en": "… {n} more steps are in the results file (--results) …",
    },
    "time": {"id": "Detik", "en": "Seconds"},
    "who": {"id": "Siapa", "en": "Who"},
    "what": {"id": "Apa", "en": "What"},
    "to": {"id": "Kepada", "en": "To"},
    "text": {"id": "Isi", "en": "Text"},
    "line": {"id": "baris {n}", "en": "line {n}"},
    "more": {"id": " … dan {n} karakter lagi", "en": " … and {n} characters more"},
    "console": {"id": "Yang dicetak programmu", "en": "What your program printed"},
    "hint": {"id": "Petunjuk", "en": "Hint"},
    "hint_2": {
        "id": "Petunjuk kedua: bagian yang perlu dilihat",
        "en": "Second hint: a place to look",
    },
    "hint_3": {"id": "Petunjuk ketiga: percobaan", "en": "Third hint: an experiment"},
    "reading": {"id": "Bacaan: {page}", "en": "To read (in Indonesian): {page}"},
    "todo": {"id": "Di filemu", "en": "In your file"},
    "todo_shown": {"id": "Salahnya di", "en": "The fault is in"},
    "again": {"id": "Ulangi ini saja", "en": "Just this again"},
    "replay": {"id": "Putar ulang", "en": "Replay"},
    "whole": {"id": "Ulangi semuanya", "en": "All of it again"},
    "path": {"id": "Yang dinilai", "en": "Graded"},
    "state": {"id": "Keadaan", "en": "State"},
    "seed": {"id": "Seed", "en": "Seed"},
    "python": {"id": "Python", "en": "Python"},
    "kit": {"id": "Versi penilai", "en": "Version of the kit"},
    "duration": {"id": "Lama", "en": "Duration"},
    "seconds": {"id": "{n} detik", "en": "{n} seconds"},
    "sha256": {"id": "SHA-256 {file}", "en": "SHA-256 of {file}"},
    "alone": {
        "id": "Halaman ini berdiri sendiri: tidak memuat apa pun dari internet.",
        "en": "This page stands alone: it loads nothing from elsewhere.",
    },
    "is_passed": {"id": "lulus", "en": "passed"},
    "is_failed": {"id": "gagal", "en": "failed"},
    "is_not_run": {"id": "tidak dijalankan", "en": "not run"},
    "is_inconclusive": {"id": "tidak bisa diputuskan", "en": "could not be judged"},
}

# What happened, as the table of a story says it.
HAPPENED: dict[What, Bilingual] = {
    What.START: {"id": "dijalankan", "en": "is started"},
    What.PRINT: {"id": "mencetak", "en": "prints"},
    What.CONNECT: {"id": "terhubung", "en": "connects"},
    What.SAY: {"id": "mengirim", "en": "sends"},
    What.PIECE: {"id": "mengirim satu segmen", "en": "sends one segment"},
    What.SEE: {"id": "mengirim", "en": "sends"},
    What.LEAVE: {"id": "pergi (FIN)", "en": "leaves (FIN)"},
    What.RESET: {"id": "putus mendadak (RST)", "en": "is cut off (RST)"},
    What.HALF_CLOSE: {
        "id": "selesai mengirim, masih membaca",
        "en": "has done talking, still reads",
    },
    What.STOP_READING: {"id": "berhenti membaca", "en": "stops reading"},
    What.CLOSED: {"id": "menutup koneksi", "en": "closes the connection"},
    What.CUT_OFF: {
        "id": "! menutup koneksi, padahal seharusnya tidak",
        "en": "! closes the connection: should not have",
    },
    What.INTERRUPT: {"id": "Ctrl-C ditekan", "en": "Ctrl-C is pressed"},
    What.TYPE: {"id": "mengetik", "en": "types"},
    What.SHOW: {"id": "melihat di layar", "en": "sees on the screen"},
    What.MEASURE: {"id": "diukur", "en": "is measured"},
    What.RUN: {"id": "menjalankan", "en": "runs"},
    What.HELD: {"id": "‖ berhenti di sini", "en": "‖ is stopped here"},
    What.WAIT: {"id": "‖ menunggu lock yang dipegang", "en": "‖ waits for a lock, held by"},
    What.END: {"id": "diakhiri oleh penilai", "en": "is ended by the grader"},
    What.MISSING: {"id": "✗ tidak datang", "en": "✗ did not come"},
    What.UNWANTED: {"id": "! datang, padahal seharusnya tidak", "en": "! came, should not have"},
    What.AMISS: {"id": "! seharusnya tidak begini", "en": "! should not be so"},
    What.UNENDED: {"id": "! datang tanpa \\n di akhirnya", "en": "! came without \\n at its end"},
}


def say(key: str, lang: str, **facts: object) -> str:
    """One sentence of `WORDS` with its facts."""
    return WORDS[key][lang].format(**facts)
