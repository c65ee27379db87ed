"""What a game by hand says, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from harness.contract.rubric import Bilingual

SAID: Mapping[str, Bilingual] = {
    "unknown": {
        "id": "Tombol '{key}' tidak dikenal; ? menampilkan semuanya.",
        "en": "There is no key '{key}'; ? shows them all.",
    },
    "no thread": {"id": "Tidak ada thread nomor {key}.", "en": "There is no thread {key}."},
    "waits": {
        "id": "Thread {who} sedang menunggu; ia belum bisa jalan.",
        "en": "Thread {who} is waiting; it cannot go on yet.",
    },
    "no client": {
        "id": "Tidak ada client nomor {key}; pilih 1 sampai {most}.",
        "en": "There is no client {key}; choose 1 to {most}.",
    },
    "no acts": {
        "id": "Client {who} sudah pergi; ia tidak berbuat apa-apa lagi.",
        "en": "Client {who} has left; it does nothing any more.",
    },
    "no act": {
        "id": "Client {who} tidak punya pilihan {key} sekarang.",
        "en": "Client {who} has no choice {key} now.",
    },
    "no time": {
        "id": "Tidak ada thread yang menunggu sampai waktu tertentu.",
        "en": "No thread is waiting for a time.",
    },
    "off the way": {
        "id": "Kamu keluar dari urutan yang ditemukan; u kembali ke sana, f mencarinya lagi.",
        "en": "You have left the way that was found; u goes back, f finds it again.",
    },
    "no way": {
        "id": "Enter mengikuti urutan yang ditemukan dengan f; sekarang belum ada.",
        "en": "Enter follows the way that f has found; there is none now.",
    },
    "trouble": {
        "id": "Langkah itu tidak bisa dimainkan ({why}).",
        "en": "That move cannot be played ({why}).",
    },
    "nothing to undo": {
        "id": "Belum ada langkah yang bisa dibatalkan.",
        "en": "There is nothing to undo.",
    },
    "nothing to save": {
        "id": "Belum ada langkah yang bisa disimpan.",
        "en": "There is nothing to save yet.",
    },
    "found": {
        "id": "Ketemu, setelah mencoba {tried} urutan. Kita kembali ke awal; Enter maju selangkah "
        "({steps} langkah sampai janjinya dilanggar).",
        "en": "Found, after {tried} orders were tried. From the beginning: Enter goes one move on "
        "({steps} moves until the promise is broken).",
    },
    "not found": {
        "id": "Tidak ditemukan apa-apa: {tried} urutan thread dicoba, semuanya berakhir baik.",
        "en": "Nothing was found: {tried} orders of the threads were tried, all ended well.",
    },
    "saved": {
        "id": "Tersimpan. Putar lagi:\npython -m harness replay {file}{submission}",
        "en": "Saved. Play it again:\npython -m harness replay {file}{submission}",
    },
    "not saved": {
        "id": "'{file}' tidak bisa ditulis: {why}.",
        "en": "'{file}' cannot be written: {why}.",
    },
    "searching": {"id": "Mencari: {tried} urutan dicoba ...", "en": "Searching: {tried} tried ..."},
    # The screen.
    "title": {"id": "Kamu penjadwalnya", "en": "You are the scheduler"},
    "moves": {"id": "langkah {n}", "en": "move {n}"},
    "threads": {
        "id": "THREAD (baris berikutnya yang akan dijalankannya)",
        "en": "THREADS (the next line each would run)",
    },
    "shared": {"id": "BERSAMA", "en": "SHARED"},
    "room": {"id": "RUANG", "en": "ROOM"},
    "nobody": {"id": "belum ada client; c1 menyambungkan ani", "en": "nobody yet; c1 connects ani"},
    "last": {"id": "TERAKHIR", "en": "LAST"},
    "wait recv": {"id": "menunggu pesan {peer}", "en": "waits for a message of {peer}"},
    "wait select": {"id": "menunggu pesan", "en": "waits for a message"},
    "wait accept": {"id": "menunggu client baru", "en": "waits for a new client"},
    "wait send": {"id": "menunggu {peer} membaca", "en": "waits for {peer} to read"},
    "wait lock": {"id": "menunggu {lock}", "en": "waits for {lock}"},
    "wait sleep": {"id": "tidur (t: waktu maju)", "en": "sleeps (t: time goes on)"},
    "wait": {"id": "menunggu", "en": "waits"},
    "held": {
        "id": "LOCK {lock}: dipegang {who} sejak baris {line}",
        "en": "LOCK {lock}: held by {who} since line {line}",
    },
    "waited for": {"id": ", ditunggu {who}", "en": ", waited for by {who}"},
    "not begun": {"id": "(baru mulai)", "en": "(just started)"},
    "unseen": {"id": "belum diterima server", "en": "not accepted yet"},
    "got": {"id": "menerima {lines}", "en": "got {lines}"},
    "unread": {"id": "belum dibaca server: {lines}", "en": "not read by the server: {lines}"},
    "state connected": {"id": "tersambung", "en": "connected"},
    "state asked": {"id": "ditanya nama", "en": "asked for a name"},
    "state claimed": {"id": "meminta '{name}'", "en": "asked to be '{name}'"},
    "state joined": {"id": "bergabung: '{name}'", "en": "in as '{name}'"},
    "state left": {"id": "sudah pergi", "en": "has left"},
    "state cut": {"id": "diputus server", "en": "cut off"},
    "broken": {"id": "JANJI DILANGGAR: {promise}", "en": "PROMISE BROKEN: {promise}"},
    "expected": {"id": "  seharusnya: {text}", "en": "  expected: {text}"},
    "seen": {"id": "  yang terlihat: {text}", "en": "  seen: {text}"},
    "at rest": {
        "id": "Semua thread menunggu: sekarang giliran client (c).",
        "en": "Every thread is waiting: now a client has to act (c).",
    },
    "locked up": {
        "id": "Semua thread menunggu, dan lock itu tidak akan dilepas lagi (u: batal).",
        "en": "Every thread is waiting, and that lock will not be released (u: undo).",
    },
    "next on the way": {"id": "Enter: {move}", "en": "Enter: {move}"},
    "keys": {
        "id": "1-9 langkah  r1 jalan terus  a semua  c client  u batal  f cari  s simpan  ?  q",
        "en": "1-9 step  r1 run on  a all  c client  u undo  f find  s save  ?  q",
    },
    "ask thread": {
        "id": "Jalankan terus thread nomor berapa? (Esc: tidak jadi)",
        "en": "Run on: which thread? (Esc: none)",
    },
    "ask client": {"id": "Client yang mana? {which}", "en": "Which client? {which}"},
    "ask act": {"id": "{who}: {acts}", "en": "{who}: {acts}"},
    "ask text": {
        "id": "{who} {act}, lalu Enter: {text}",
        "en": "{who} {act}, then Enter: {text}",
    },
    "prompt": {"id": "tombol> ", "en": "keys> "},
    # What clients and threads do.
    "act connect": {"id": "menyambung", "en": "connects"},
    "act claim": {"id": "menjawab '{text}'", "en": "answers '{text}'"},
    "act say": {"id": "berkata '{text}'", "en": "says '{text}'"},
    "act leave": {"id": "pergi", "en": "leaves"},
    "act half_close": {"id": "selesai mengirim", "en": "has no more to send"},
    "act reset": {"id": "terputus (reset)", "en": "is cut off (reset)"},
    "act got": {"id": "menerima '{text}'", "en": "gets '{text}'"},
    "act end_by_server": {"id": "diputus server", "en": "is cut off by the server"},
    "act reset_by_server": {"id": "diputus server (reset)", "en": "is cut off (reset)"},
    "own text": {"id": "teks lain", "en": "another text"},
    "own name": {"id": "nama lain", "en": "another name"},
    "move step": {"id": "thread {who} selangkah", "en": "thread {who} one step"},
    "move run": {"id": "thread {who} jalan terus", "en": "thread {who} runs on"},
    "move until": {"id": "thread {who} jalan", "en": "thread {who} goes on"},
    "move rest": {"id": "semua thread jalan", "en": "all threads go on"},
    "move time": {"id": "waktu maju", "en": "time goes on"},
    "now at": {"id": ", kini di baris {line}", "en": ", now at line {line}"},
    "has ended": {"id": " dan selesai", "en": " and has ended"},
    "left out": {"id": "(tidak bisa)", "en": "(could not)"},
    # Outside the screen.
    "no server": {
        "id": "Tidak ada server.py di '{folder}'.",
        "en": "There is no server.py in '{folder}'.",
    },
    "no exercise": {
        "id": "Tidak ada latihan '{name}'; yang ada: {names}.",
        "en": "There is no exercise '{name}'; there are: {names}.",
    },
    "both": {
        "id": "Pilih salah satu: --submission atau --exercise.",
        "en": "Choose one of --submission and --exercise.",
    },
    "cannot play": {
        "id": "Server ini tidak bisa dimainkan: {why}.",
        "en": "This server cannot be played: {why}.",
    },
    "trouble ended": {
        "id": "ia berhenti sebelum ada client yang bisa masuk{what}",
        "en": "it ended before any client could come{what}",
    },
    "trouble unsupported": {
        "id": "ia memakai sesuatu yang tidak bisa dikendalikan{what}",
        "en": "it uses something that cannot be controlled{what}",
    },
    "trouble stalled": {
        "id": "ia menunggu sesuatu yang tidak bisa dikendalikan{what}",
        "en": "it waits for something that cannot be controlled{what}",
    },
    "trouble other": {
        "id": "ia tidak selesai pada waktunya{what}",
        "en": "it did not come to an end in time{what}",
    },
    "never listens": {
        "id": "ia tidak mendengarkan di port mana pun (TODO yang belum diisi?)",
        "en": "it listens on no port (a TODO that is still open?)",
    },
    "page": {
        "id": "Lembar latihannya: {page}",
        "en": "The page that leads through it (in Indonesian): {page}",
    },
    "skipped": {
        "id": "{n} langkah tidak bisa diulang: programnya sudah berubah.",
        "en": "{n} moves could not be made again: the program has changed.",
    },
}

PROMISES: Mapping[str, Bilingual] = {
    "two_holders": {
        "id": "satu nickname hanya milik satu client",
        "en": "a nickname belongs to one client only",
    },
    "nobody": {
        "id": "nama yang diminta beberapa client didapat salah satunya",
        "en": "of those who ask for one name somebody gets it",
    },
    "refused_free": {"id": "nama yang bebas diterima", "en": "a free name is accepted"},
    "lost": {
        "id": "pesan sampai ke semua anggota lain",
        "en": "a message reaches every other member",
    },
    "doubled": {"id": "pesan datang sekali saja", "en": "a message comes once only"},
    "out_of_order": {
        "id": "pesan satu pengirim datang menurut urutannya",
        "en": "one sender's messages come in order",
    },
    "garbled": {"id": "baris datang utuh", "en": "a line arrives whole"},
    "wrong_name": {"id": "pesan memakai nama pengirimnya", "en": "a message has its sender's name"},
    "echo": {
        "id": "pengirim tidak menerima pesannya sendiri",
        "en": "the sender does not get its own message",
    },
    "not_joined": {
        "id": "sebelum OK tidak ada obrolan yang datang",
        "en": "no chat comes before OK",
    },
    "dropped": {
        "id": "client yang tidak pergi tetap tersambung",
        "en": "a client that does not leave stays connected",
    },
    "unanswered": {"id": "client selalu mendapat jawaban", "en": "a client always gets an answer"},
    "ended": {"id": "server tetap berjalan", "en": "the server goes on running"},
    "exception": {
        "id": "tidak ada thread yang mati karena exception",
        "en": "no thread dies of an exception",
    },
    "deadlock": {
        "id": "tidak ada thread yang saling menunggu selamanya (deadlock)",
        "en": "threads do not wait for each other for ever (deadlock)",
    },
}

# What `?` shows: a whole screen.
HELP: Bilingual = {
    "id": """1-9    thread dengan nomor itu maju satu baris (atau sampai ia harus menunggu)
r1     thread nomor 1 jalan terus sampai ia harus menunggu
a      semua thread jalan, bergiliran dan tenang, sampai semuanya menunggu
c1     client nomor 1 (ani) berbuat sesuatu: menyambung, menjawab nama,
       berkata, pergi, terputus; pilihannya ditampilkan
t      waktu maju, kalau ada thread yang tidur
u      batal satu langkah (semuanya diulang dari awal tanpa langkah itu)
f      penilai mencari jalan ke kesalahan; Enter lalu mengikutinya
s      simpan semua langkah ke file, untuk: python -m harness replay FILE
?      bantuan ini          q  selesai          Esc  tidak jadi

Hanya satu thread berjalan pada satu saat, dan kamu yang memilih. Sebuah thread
berhenti tepat sebelum baris yang ditampilkan. Yang diperiksa: protokol chat.
Tekan tombol apa saja untuk kembali.""",
    "en": """1-9    the thread of that number goes one line on (or until it has to wait)
r1     thread 1 goes on until it has to wait
a      all threads go on, in turn and calmly, until all of them wait
c1     client 1 (ani) does something: connect, answer with a name, speak,
       leave, be cut off; its choices are shown
t      time goes on, if a thread is asleep
u      undo one move (all is played again from the start without it)
f      the kit looks for the way to a fault; Enter then follows it
s      save all moves to a file, for: python -m harness replay FILE
?      this help            q  end              Esc  never mind

One thread runs at a time, and you choose which. A thread stands just before the
line that is shown. What is checked are the promises of the chat protocol.
Press any key to go back.""",
}
