"""What `load` says of the limits of a server, and of its own words, in both languages."""

from __future__ import annotations

from harness.contract.rubric import Bilingual

STOP_WORDS: dict[str, Bilingual] = {
    "who_yours": {"id": "programmu", "en": "your program"},
    "who_reference": {"id": "server acuan", "en": "the reference"},
    "who_ceiling_c": {"id": "loop kosong dalam C", "en": "the bare loop in C"},
    "who_ceiling_python": {"id": "loop kosong", "en": "the bare loop"},
    # -- what stops it
    "page_stops": {"id": "Apa yang membatasi server", "en": "What stops the server"},
    "stops": {"id": "Apa yang membatasi {who}:", "en": "What stops {who}:"},
    "stop_ended": {
        "id": "Yang pertama menghentikannya: dengan {clients} client {who} tidak sampai selesai "
        "({why}).",
        "en": "The first thing that stops it: with {clients} clients {who} did not come to the end "
        "({why}).",
    },
    "stop_unseen": {
        "id": "Dengan {clients} client, yang membatasi tidak terlihat: pengukurannya terlalu "
        "singkat, atau waktu CPU server tidak bisa dibaca di sini.",
        "en": "With {clients} clients the limit was not seen: the measurement was too short, or "
        "the CPU time of a server cannot be read here.",
    },
    "busy_server": {
        "id": "Dengan {clients} client, dan semua pesan sekaligus, batasnya {who} sendiri: ia "
        "memakai {server}% dari satu core, client tiruan hanya {driver}%. Di komputer ini ia "
        "mengirim {rate} baris per detik, tidak bisa lebih.",
        "en": "With {clients} clients, and all messages at once, the limit was {who} itself: it "
        "used {server}% of one core, the simulated clients only {driver}%. On this machine it "
        "delivers {rate} lines a second, and no more.",
    },
    "busy_driver": {
        "id": "Dengan {clients} client, dan semua pesan sekaligus, batasnya client tiruan: mereka "
        "memakai {driver}% dari satu core, {who} {server}%. Jadi {who} bisa mengirim paling "
        "sedikit {rate} baris per detik. Menurut waktu CPU-nya ({cost} µs per kiriman), satu core "
        "cukup untuk {most}.",
        "en": "With {clients} clients, and all messages at once, the limit was the simulated "
        "clients: they used {driver}% of one core, {who} {server}%. So {who} can deliver at "
        "least {rate} lines a second. By its CPU time ({cost} µs a delivery), one core has time "
        "for {most}.",
    },
    "busy_machine": {
        "id": "Dengan {clients} client, dan semua pesan sekaligus, batasnya komputer ini: {who} "
        "memakai {server}% dari satu core, client tiruan {driver}%, dan core-nya hanya {cores}.",
        "en": "With {clients} clients, and all messages at once, the limit was this machine: {who} "
        "used {server}% of one core, the simulated clients {driver}%, and it has {cores}.",
    },
    "busy_nobody": {
        "id": "Dengan {clients} client, dan semua pesan sekaligus, tidak ada yang sibuk: {who} "
        "memakai {server}% dari satu core, client tiruan {driver}%. Jadi {who} menunggu: lock, "
        "sleep, atau satu client yang lambat.",
        "en": "With {clients} clients, and all messages at once, nobody was busy: {who} used "
        "{server}% of one core, the simulated clients {driver}%. So {who} waited: for a lock, in "
        "a sleep, or for one slow client.",
    },
    "busy_others": {
        "id": "Dengan {clients} client, dan semua pesan sekaligus, batasnya tidak terlihat: {who} "
        "memakai {server}% dari satu core, client tiruan {driver}%, dan program lain {others}%. "
        "Tutup program itu dan ukur lagi.",
        "en": "With {clients} clients, and all messages at once, the limit was not seen: {who} "
        "used {server}% of one core, the simulated clients {driver}%, and other programs "
        "{others}%. Close those and measure again.",
    },
    "grows": {
        "id": "Dengan {many} client, satu kiriman memakan waktu CPU {times} kali lipat dari dengan "
        "{few} client ({beside}: {beside_times} kali). Jadi makin banyak client, makin banyak "
        "yang dikerjakan {who} untuk setiap baris.",
        "en": "With {many} clients, one delivery takes {times} times the CPU time that it takes "
        "with {few} ({beside}: {beside_times} times). So the more clients there are, the more "
        "{who} does for each line.",
    },
    "next_limits": {
        "id": "Batas yang pertama ada di {first}.",
        "en": "The first limit is at {first}.",
    },
    "then_limits": {"id": "Setelah itu: {rest}.", "en": "After that: {rest}."},
    "limit_talk": {
        "id": "{clients} client: waktu satu core, kalau setiap orang mengirim satu baris per menit",
        "en": "{clients} clients: the time of one core, if everybody says a line a minute",
    },
    "limit_pace": {
        "id": "{clients} client: {rate} baris per detik yang dikirimnya, kalau setiap orang "
        "mengirim satu baris per menit",
        "en": "{clients} clients: the {rate} lines a second that it delivers, if everybody says a "
        "line a minute",
    },
    "limit_descriptors": {
        "id": "{clients} client: file terbuka ('ulimit -n' sekarang {there}{more})",
        "en": "{clients} clients: open files ('ulimit -n' is {there} now{more})",
    },
    "limit_may_be_more": {"id": ", boleh sampai {most}", "en": ", {most} are allowed"},
    "limit_threads": {
        "id": "{clients} client: thread (sistem ini mengizinkan {there})",
        "en": "{clients} clients: threads (this system allows {there})",
    },
    "limit_memory": {
        "id": "{clients} client: memori ({each} KB per client, {there} MB kosong)",
        "en": "{clients} clients: memory ({each} KB each, {there} MB free)",
    },
    "in_order": {
        "id": "Batas-batasnya, mulai dari jumlah client yang paling kecil:",
        "en": "Its limits, from the lowest number of clients:",
    },
    "limits_note": {
        "id": "Ini hitungan, bukan pengukuran: yang diperlukan satu client dengan {clients} "
        "client, dan berapa yang ada di komputer ini. Waktu: N client yang mengirim satu baris "
        "per menit membuat N × (N − 1) ÷ 60 kiriman per detik, masing-masing {cost} µs.",
        "en": "This is arithmetic, not measured: what one client needed when there were {clients}, "
        "and how much this machine has. Time: N clients that say a line a minute make "
        "N × (N − 1) ÷ 60 deliveries a second, {cost} µs each.",
    },
    "busy_before": {
        "id": "Sebelum pengukuran, program lain memakai komputer ini (beban {load} pada {cores} "
        "core). Tutup program itu dan ukur lagi: angka di sini terlalu buruk.",
        "en": "Before the measurement other programs used this machine (load {load} on {cores} "
        "cores). Close them and measure again: the figures are worse than they should be.",
    },
    # -- how to read it
    "page_read": {"id": "Cara membaca halaman ini", "en": "How to read this page"},
    "term_clients": {"id": "client tiruan, alat ukur", "en": "simulated clients, driver"},
    "read_clients": {
        "id": "Satu program dengan satu thread memainkan semua client. Ia mengirim, membaca dan "
        "memeriksa setiap baris.",
        "en": "One program with one thread plays all clients. It sends, reads and checks each "
        "line.",
    },
    "term_delivery": {"id": "kiriman", "en": "delivery"},
    "read_delivery": {
        "id": "Satu baris yang sampai di satu client. Satu pesan kepada 100 client yang lain "
        "adalah 100 kiriman.",
        "en": "One line that came to one client. A message to 100 other clients is 100 deliveries.",
    },
    "term_parts": {"id": "sekaligus, lalu setiap detik", "en": "at once, then so many a second"},
    "read_parts": {
        "id": "Pertama, semua pesan dikirim sekaligus: itu memberi kiriman per detik dan waktu "
        "CPU. Lalu pesan dikirim pada waktu yang tetap: itu memberi waktu sampai terlihat. Makin "
        "banyak client, makin sedikit pesannya, supaya jumlah kirimannya kira-kira sama.",
        "en": "First all messages are sent at once: this gives deliveries a second and CPU time. "
        "Then messages are sent at fixed times: this gives the time until they are seen. With "
        "more clients there are fewer messages, so that there are about as many deliveries.",
    },
    "term_late": {"id": "dikirim sampai terlihat", "en": "say to see"},
    "read_late": {
        "id": "Dari saat pesan harus dikirim sampai seorang penerima membacanya. p50: separuh "
        "kiriman tidak lebih lama dari itu; p99: 99 dari 100.",
        "en": "From the moment when a message is due until a listener has read it. p50: half of "
        "the deliveries took no longer; p99: 99 of 100.",
    },
    "term_driver": {"id": "batas alat ukur", "en": "limit of the driver"},
    "read_driver": {
        "id": "Sebanyak itu baris yang bisa dibaca alat ukur dalam satu detik. Kalau kiriman per "
        "detik lebih dari 80% dari angka ini, server mungkin lebih cepat daripada yang terlihat: "
        "bandingkan waktu CPU per kiriman.",
        "en": "So many lines the driver can read in a second. Where the deliveries a second are "
        "more than 80% of it, the server may be faster than it looks: compare the CPU time a "
        "delivery.",
    },
    "term_lateness": {"id": "alat ukur terlambat", "en": "driver late by"},
    "read_lateness": {
        "id": "Paling lama sekian alat ukur sendiri terlambat mengirim sebuah pesan. Kalau "
        "mendekati waktu sampai terlihat, waktu itu bukan dari server.",
        "en": "So late the driver itself was with a message, at the most. Where this is near the "
        "time until a message is seen, that time is not the server's.",
    },
    "term_servers": {"id": "acuan, loop kosong", "en": "reference, bare loop"},
    "read_servers": {
        "id": "Acuan: server lengkap dari praktikum ini, satu thread per client. Loop kosong: "
        "server tanpa thread, tanpa lock dan tanpa pemeriksaan, dengan client tiruan yang sama.",
        "en": "The reference is this lab's complete server, with a thread for each client. The "
        "bare loop is a server without threads, locks and checks, under the same simulated "
        "clients.",
    },
    "term_memory": {"id": "memori per client", "en": "memory per client"},
    "read_memory": {
        "id": "Memori proses server. Buffer socket di dalam kernel tidak ikut dihitung.",
        "en": "Of the server's process. The kernel's buffers for the sockets are not counted.",
    },
}
# The words that the page explains, in the order in which it does.
TERMS = ("clients", "delivery", "parts", "late", "driver", "lateness", "servers", "memory")
