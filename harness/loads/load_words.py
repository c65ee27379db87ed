"""Every sentence of `load`, in both languages side by side."""

from __future__ import annotations

import re

from harness.contract.rubric import Bilingual, Language
from harness.loads.ledger import Flaw
from harness.loads.stop_words import STOP_WORDS

WORDS: dict[str, Bilingual] = {
    # -- what goes on
    "start": {"id": "{who}: server dijalankan", "en": "{who}: the server starts"},
    "join": {"id": "{who}: {clients} client masuk", "en": "{who}: {clients} clients join"},
    "burst": {
        "id": "{who}: {at_once} pesan sekaligus",
        "en": "{who}: {at_once} messages at once",
    },
    "rate": {
        "id": "{who}: {messages} pesan, {rate} setiap detik",
        "en": "{who}: {messages} messages, {rate} a second",
    },
    # -- whose figures
    "yours": {"id": "programmu", "en": "your program"},
    "reference": {"id": "acuan", "en": "reference"},
    "ceiling_c": {"id": "loop kosong, C", "en": "bare loop in C"},
    "ceiling_python": {"id": "loop kosong", "en": "bare loop"},
    # -- the table
    "heading": {
        "id": "{clients} client; {at_once} pesan sekaligus, lalu {messages} pesan, {rate} "
        "setiap detik",
        "en": "{clients} clients; {at_once} messages at once, then {messages} messages, {rate} "
        "a second",
    },
    "joined": {"id": "client yang masuk", "en": "clients that joined"},
    "joins": {"id": "masuk per detik", "en": "joins a second"},
    "join_p99": {"id": "masuk, p99 (ms)", "en": "join, p99 (ms)"},
    "deliveries": {"id": "kiriman per detik", "en": "deliveries a second"},
    "server_cpu": {"id": "CPU server per kiriman (µs)", "en": "server CPU a delivery (µs)"},
    "driver_cpu": {"id": "CPU alat ukur per kiriman (µs)", "en": "driver CPU a delivery (µs)"},
    "driver_most": {
        "id": "batas alat ukur (kiriman/detik)",
        "en": "limit of the driver (deliveries/s)",
    },
    "p50": {"id": "dikirim sampai terlihat, p50 (ms)", "en": "say to see, p50 (ms)"},
    "p95": {"id": "  p95 (ms)", "en": "  p95 (ms)"},
    "p99": {"id": "  p99 (ms)", "en": "  p99 (ms)"},
    "most": {"id": "  paling lama (ms)", "en": "  longest (ms)"},
    "lateness": {"id": "  alat ukur terlambat (ms)", "en": "  driver late by (ms)"},
    "memory": {"id": "memori per client (KB)", "en": "memory per client (KB)"},
    "threads": {"id": "thread per client", "en": "threads per client"},
    "descriptors": {"id": "file terbuka per client", "en": "descriptors per client"},
    "right": {"id": "baris yang benar", "en": "lines that were right"},
    "wrong": {"id": "baris yang salah atau hilang", "en": "lines wrong or lost"},
    "shut_out": {"id": "client diputus atau ditolak", "en": "clients cut off or refused"},
    "unknown": {"id": "–", "en": "–"},
    "ceiling_note": {
        "id": "Kolom terakhir: server tanpa thread dan tanpa lock, dengan client tiruan yang sama. "
        "Kalau kiriman per detik lebih dari 80% dari batas alat ukur, servermu mungkin lebih cepat "
        "dari itu.",
        "en": "The last column is a server without threads and locks, under the same simulated "
        "clients. Where deliveries a second are more than 80% of the limit of the driver, your "
        "server may be faster than that.",
    },
    "machine": {
        "id": "Diukur {date}, {system}, {cores} core, Python {python}, beban sebelumnya {load}; "
        "seed {seed}.",
        "en": "Measured {date}, {system}, {cores} cores, Python {python}, load before it {load}; "
        "seed {seed}.",
    },
    # -- how it ended
    "all_right": {
        "id": "Selesai: setiap baris benar.",
        "en": "Done: every line was right.",
    },
    "some_wrong": {
        "id": "Selesai, tetapi dengan {clients} client ada yang salah: {flaws}.",
        "en": "Done, but with {clients} clients something was wrong: {flaws}.",
    },
    "broken_off": {
        "id": "Dengan {clients} client {who} tidak sampai selesai: {why}.",
        "en": "With {clients} clients {who} did not come to the end: {why}.",
    },
    "interrupted": {
        "id": "Dihentikan. Angka di atas: yang sudah diketahui sampai saat itu.",
        "en": "Interrupted. The figures above are what was known by then.",
    },
    "unjudged": {
        "id": "Ini bukan salahmu: komputer ini yang menghalangi ({why}).",
        "en": "This is not your fault: this machine got in the way ({why}).",
    },
    "example": {
        "id": "  {who}: '{text}' ({flaw})",
        "en": "  {who}: '{text}' ({flaw})",
    },
    "example_cut_off": {
        "id": "  {who}, salah satu client tiruan, diputus",
        "en": "  {who}, one of the simulated clients, was cut off",
    },
    "mend": {
        "id": "Apa yang harus diperbaiki dulu: python -m harness",
        "en": "What to mend first: python -m harness",
    },
    "no reference": {
        "id": "Server acuan tidak ikut diukur, karena tidak ada di folder ini; bandingkan dengan "
        "kolom terakhir.",
        "en": "The reference is not here; compare with the last column.",
    },
    # -- why
    "not_started": {"id": "{seen}", "en": "{seen}"},
    "not_here": {
        "id": "ia mendengarkan di {address}, di luar komputer ini; ke sana tidak dikirim apa-apa",
        "en": "it listens at {address}, outside this machine; nothing is sent there",
    },
    "gone": {
        "id": "server berakhir (status {status}); pesan terakhirnya: {last}",
        "en": "the server ended (status {status}); the last that it said: {last}",
    },
    "nothing": {"id": "tidak ada", "en": "nothing"},
    "stalled": {
        "id": "selama {seconds} detik tidak ada yang datang, padahal masih ada yang ditunggu",
        "en": "nothing came for {seconds} seconds, although something was due",
    },
    "nonsense": {
        "id": "terlalu banyak yang salah, jadi tidak dilanjutkan",
        "en": "too much was wrong, so it was not gone on with",
    },
    "no_memory": {
        "id": "memori komputer ini tidak cukup",
        "en": "this machine has not enough memory",
    },
    # -- the page
    "page_course": {"id": "Modul 4 · Chat TCP", "en": "Modul 4 · TCP chat"},
    "page_title": {
        "id": "Berapa banyak client, seberapa cepat",
        "en": "How many clients, how fast",
    },
    "page_skip": {"id": "Langsung ke angkanya", "en": "Skip to the figures"},
    "page_cost": {"id": "Biaya menurut jumlah client", "en": "Cost against the number of clients"},
    "page_clients": {"id": "{clients} client", "en": "{clients} clients"},
    "plot_time": {
        "id": "Setiap pesan: kapan harus dikirim, dan kapan penerima terakhir melihatnya",
        "en": "Each message: when it was due, and how long until the last listener saw it",
    },
    "plot_time_said": {
        "id": "Nilai tengah dan paling lama: {middles}.",
        "en": "The middle one and the longest: {middles}.",
    },
    "plot_rate": {"id": "kiriman per detik", "en": "deliveries a second"},
    "plot_cpu": {"id": "µs CPU server per kiriman", "en": "µs of server CPU a delivery"},
    "plot_memory": {"id": "KB memori per client", "en": "KB of memory a client"},
    "plot_late": {"id": "ms sampai terlihat, p99", "en": "ms from say to see, p99"},
    "axis_time": {"id": "detik", "en": "seconds"},
    "axis_late": {"id": "ms sampai terlihat", "en": "ms until seen"},
    "axis_clients": {"id": "client", "en": "clients"},
    # -- the words of the command line
    "no_page": {
        "id": "--report membutuhkan Jinja2, yang tidak ada di Python ini; pasanglah dengan: "
        "{python} -m pip install jinja2",
        "en": "--report needs Jinja2, which this Python does not have; install it with: "
        "{python} -m pip install jinja2",
    },
    "clients": {
        "id": "--clients '{value}' harus bilangan dari 2 sampai {most}, atau beberapa: 10,100.",
        "en": "--clients '{value}' must be a number from 2 to {most}, or several: 10,100.",
    },
    "messages": {
        "id": "--messages '{value}' harus bilangan dari 1 sampai {most}.",
        "en": "--messages '{value}' must be a number from 1 to {most}.",
    },
    "rate_option": {
        "id": "--rate '{value}' harus bilangan dari 0.1 sampai 10000: pesan setiap detik.",
        "en": "--rate '{value}' must be a number from 0.1 to 10000: messages a second.",
    },
    "too_much": {
        "id": "{messages} pesan untuk {clients} client lebih dari {most} kiriman; kurangi "
        "--messages.",
        "en": "{messages} messages to {clients} clients are more than {most} deliveries; take "
        "fewer --messages.",
    },
    "descriptors_limit": {
        "id": "{clients} client terlalu banyak di sini: paling banyak {most} file dan socket boleh "
        "terbuka. Pilih --clients {fewer}, atau jalankan dulu: ulimit -n {needed}",
        "en": "{clients} clients are too many here: at most {most} files and sockets may be open; "
        "choose --clients {fewer}, or run this first: ulimit -n {needed}",
    },
    **STOP_WORDS,
}
FLAWS: dict[Flaw, Bilingual] = {
    Flaw.GARBLED: {"id": "bukan pesan siapa pun: {n}", "en": "nobody's message: {n}"},
    Flaw.ECHO: {"id": "kembali ke pengirimnya: {n}", "en": "came back to the sender: {n}"},
    Flaw.TWICE: {"id": "datang dua kali: {n}", "en": "came twice: {n}"},
    Flaw.DISORDERED: {"id": "datang tidak berurutan: {n}", "en": "came out of order: {n}"},
    Flaw.EARLY: {"id": "baris lain sebelum OK: {n}", "en": "another line before OK: {n}"},
    Flaw.REFUSED: {"id": "nama sah yang ditolak: {n}", "en": "valid names refused: {n}"},
    Flaw.CUT_OFF: {"id": "client yang diputus: {n}", "en": "clients cut off: {n}"},
    Flaw.LOST: {"id": "tidak pernah datang: {n}", "en": "never came: {n}"},
}


# A number as `format` writes it: 2,643.5
_NUMERAL = re.compile(r"[0-9]+(,[0-9]{3})*(\.[0-9]+)?")
_SWAPPED = str.maketrans(",.", ".,")


def numeral(text: str, lang: Language) -> str:
    """A number as the language writes it: 2,643.5 is 2.643,5 in Indonesian. Else as it is."""
    return text.translate(_SWAPPED) if lang == "id" and _NUMERAL.fullmatch(text) else text


def load_say(key: str, lang: Language, **facts: object) -> str:
    """The sentence called ``key``; a fact that is a number is written as the language has it."""
    said = {k: numeral(v, lang) if isinstance(v, str) else v for k, v in facts.items()}
    return WORDS[key][lang].format(**said)


def flaw_words(flaw: Flaw, count: int, lang: Language) -> str:
    """How often one kind of flaw was seen, in words."""
    return FLAWS[flaw][lang].format(n=count)
