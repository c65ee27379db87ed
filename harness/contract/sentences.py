"""Every sentence a student can read about a failure, in both languages, side by side.

For each symptom: what was expected, what was seen. A name in braces is a fact of the failure;
``{line!q}`` puts it in quotes, whole, so that a blank or a missing line feed shows; ``{seen!e}``
only its end.

Longer than 300 lines because it is one table, which a translator reads from top to bottom.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import cast

from harness.contract.rubric import Language
from harness.contract.symptoms import Failure, Symptom

# Beyond this a value is shown by its two ends and its length.
LONGEST = 240
# Of the last line that came, the last characters are enough.
LONGEST_END = 60


def quoted(value: object) -> str:
    """``value`` in quotes with everything invisible made visible; a very long one by its ends.

    >>> quoted("ani: halo\\n")
    "'ani: halo\\\\n'"
    """
    text = str(value)
    if len(text) > LONGEST:
        half = LONGEST // 3
        return f"{text[:half]!r} … ({len(text.encode('utf-8', 'replace'))} byte) … {text[-half:]!r}"
    return repr(text)


def ending(value: object) -> str:
    """The last words of ``value`` in quotes; of one that is not long, all of it.

    Where nobody sends a line end, the last line is all that was ever sent.

    >>> ending("ani: halo" * 20)
    "… 'haloani: haloani: haloani: haloani: haloani: haloani: halo'"
    """
    text = str(value)
    padding = len(text) - len(text.rstrip(text[-1:]))
    if padding > LONGEST_END // 2:  # what fills a line up says nothing
        return f"{text[: len(text) - padding][-LONGEST_END:] + text[-1] * 3!r} …"
    if len(text) <= LONGEST_END:
        return quoted(text)
    end = text[-LONGEST_END:]
    _, blank, words = end.partition(" ")
    return f"… {words if blank and words.strip() else end!r}"


def visible(text: str) -> str:
    """``text`` as any terminal can print it: an escape code of the program's could clear ours."""
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


class _Sentence(string.Formatter):
    """``str.format`` with conversions, ``!q`` for `quoted` and ``!e`` for `ending`.

    Facts that are missing are gaps.
    """

    def convert_field(self, value: object, conversion: str | None) -> object:
        if conversion == "e":
            return ending(value)
        return (
            quoted(value) if conversion == "q" else super().convert_field(value, conversion or "s")
        )

    def get_value(self, key: int | str, args: object, kwargs: Mapping[str, object]) -> object:
        return kwargs.get(str(key), "…")


_sentence = _Sentence()

_Pair = tuple[str, str]

SYMPTOMS: dict[Symptom, dict[Language, _Pair]] = {
    Symptom.NO_FILE: {
        "id": ("ada file {file!q} di folder yang dinilai", "file itu tidak ada"),
        "en": ("a file {file!q} in the graded folder", "there is none"),
    },
    Symptom.SYNTAX_ERROR: {
        "id": ("program yang bisa dibaca Python {python}", "Python {python} berhenti di {error}"),
        "en": ("a program that Python {python} can read", "Python {python} stopped at {error}"),
    },
    Symptom.WRONG_ENCODING: {
        "id": ("file {file} tersimpan sebagai UTF-8", "file itu tersimpan sebagai {encoding}"),
        "en": ("the file {file} is saved as UTF-8", "it is saved as {encoding}"),
    },
    Symptom.FOREIGN_MODULE: {
        "id": (
            "program hanya memakai pustaka standar Python dan file di foldernya sendiri",
            "{place} memakai modul {module!q}; saat dinilai modul itu tidak ada",
        ),
        "en": (
            "the program uses Python's standard library and the files in its own folder only",
            "{place} uses the module {module!q}; it is not there when the program is graded",
        ),
    },
    Symptom.MODULE_OF_ANOTHER_SYSTEM: {
        "id": (
            "program jalan di sistem operasi mana pun",
            "{place} memakai modul {module!q}; modul itu tidak ada di sistem operasi ini",
        ),
        "en": (
            "the program runs on any operating system",
            "{place} uses the module {module!q}, which this operating system does not have",
        ),
    },
    Symptom.TODO_OPEN: {
        "id": ("TODO {todo} sudah dikerjakan", "TODO {todo} belum dikerjakan"),
        "en": ("TODO {todo} done", "TODO {todo} is still open"),
    },
    Symptom.ENDED_EARLY: {
        "id": (
            "program terus berjalan dan menunggu client",
            "program sudah selesai sendiri (status {status}); pesan terakhirnya {last!q}",
        ),
        "en": (
            "the program goes on and waits for clients",
            "it ended by itself (status {status}); its last message was {last!q}",
        ),
    },
    Symptom.NEVER_LISTENS: {
        "id": (
            "koneksi diterima di {address}",
            "selama {seconds} detik tidak ada yang menerima koneksi di sana",
        ),
        "en": (
            "a connection is accepted at {address}",
            "for {seconds} seconds nobody accepted one there",
        ),
    },
    Symptom.WAITS_FOR_TYPING: {
        "id": (
            "koneksi diterima di {address} tanpa ada yang mengetik di server",
            "program menunggu ketikan (input), dan tidak ada yang mengetik di server",
        ),
        "en": (
            "a connection is accepted at {address} though nobody types at the server",
            "the program waits for somebody to type (input), and nobody types at the server",
        ),
    },
    Symptom.NOT_ACCEPTED: {
        "id": (
            "program mengambil koneksi yang datang di {address}",
            "port terbuka, tetapi koneksi itu tetap di antrean (accept tidak dipanggil)",
        ),
        "en": (
            "the program takes the connection that came at {address}",
            "the port is open but the connection was left in the queue (accept was not called)",
        ),
    },
    Symptom.ARGUMENTS_REFUSED: {
        "id": (
            "program menerima --host dan --port dan menunggu di {address}",
            "program menolaknya (status {status}, pesan terakhirnya {last!q});"
            " program jalan bila dipanggil '{way}', lalu menunggu di {seen}",
        ),
        "en": (
            "the program takes --host and --port and listens at {address}",
            "it refused them (status {status}, its last message was {last!q});"
            " it runs when called '{way}', and then listens at {seen}",
        ),
    },
    Symptom.OTHER_DEFAULT: {
        "id": ("tanpa argumen program menunggu di {address}", "program menunggu di {seen}"),
        "en": ("without arguments the program listens at {address}", "it listens at {seen}"),
    },
    Symptom.OTHER_ADDRESS_TOO: {
        "id": (
            "koneksi diterima di {address}, dan di alamat lain tidak",
            "program menunggu di {seen}",
        ),
        "en": (
            "a connection is accepted at {address}, and at no other address",
            "the program listens at {seen}",
        ),
    },
    Symptom.OTHER_PORT: {
        "id": (
            "koneksi diterima di {address}, seperti diminta lewat --host dan --port",
            "program menunggu di {seen}",
        ),
        "en": (
            "a connection is accepted at {address}, as --host and --port asked",
            "the program listens at {seen}",
        ),
    },
    Symptom.OTHER_HOST: {
        "id": (
            "koneksi diterima di {address}, seperti diminta lewat --host dan --port",
            "program menunggu di {seen}: port-nya benar, alamatnya lain",
        ),
        "en": (
            "a connection is accepted at {address}, as --host and --port asked",
            "the program listens at {seen}: the port is right, the address is another",
        ),
    },
    Symptom.ASKS_OTHER_PORT: {
        "id": (
            "program menunggu di {address}, seperti diminta lewat --host dan --port",
            "program meminta port {port}, padahal bukan itu yang diberikan; port {port} sedang "
            "dipakai program lain, jadi programmu berhenti",
        ),
        "en": (
            "the program listens at {address}, as --host and --port asked",
            "it asks for port {port}, which is not the one it was given; another program has port "
            "{port}, so yours ended",
        ),
    },
    Symptom.NO_BANNER: {
        "id": ("server mencetak baris {line!q}", "yang tercetak {seen!q}"),
        "en": ("the server prints the line {line!q}", "it printed {seen!q}"),
    },
    Symptom.BANNER_TOO_EARLY: {
        "id": (
            "setelah baris {line!q} koneksi diterima di {address}",
            "baris itu sudah tercetak, tetapi koneksinya ditolak",
        ),
        "en": (
            "after the line {line!q} a connection is accepted at {address}",
            "the line was printed, but the connection was refused",
        ),
    },
    Symptom.TAKEN_PORT_BADLY_TOLD: {
        "id": (
            "program kedua di {address}, yang sudah dipakai, mencetak satu kalimat ke stderr"
            " dan selesai dengan status 1, tanpa traceback",
            "{seen}",
        ),
        "en": (
            "a second one at {address}, which is taken, prints a sentence on stderr"
            " and ends with status 1, without a traceback",
            "{seen}",
        ),
    },
    Symptom.PORT_SHARED: {
        "id": (
            "program kedua di {address}, yang sudah dipakai, mencetak satu kalimat ke stderr"
            " dan selesai dengan status 1, tanpa traceback",
            "{seen}, dan kini dua program menunggu di sana",
        ),
        "en": (
            "a second one at {address}, which is taken, prints a sentence on stderr"
            " and ends with status 1, without a traceback",
            "{seen}, and now two programs listen there",
        ),
    },
    Symptom.PORT_NOT_FREED: {
        "id": (
            "server yang baru dimatikan bisa langsung dinyalakan lagi di {address}",
            "tidak bisa; pesan terakhirnya {last!q}",
        ),
        "en": (
            "the server, just ended, can be started again at once at {address}",
            "it could not; its last message was {last!q}",
        ),
    },
    Symptom.NOT_ENDED: {
        "id": ("program selesai dalam {seconds} detik", "program masih berjalan"),
        "en": ("the program ends within {seconds} seconds", "it still runs"),
    },
    Symptom.TRACEBACK: {
        "id": ("program selesai tanpa traceback", "ada traceback, akhirnya {last!q}"),
        "en": ("the program ends without a traceback", "there is a traceback, ending in {last!q}"),
    },
    Symptom.NO_REQUEST: {
        "id": (
            "{who} melihat {line!q} sebagai baris pertama",
            "tidak ada yang datang selama {seconds} detik",
        ),
        "en": ("{who} sees {line!q} as the first line", "nothing came for {seconds} seconds"),
    },
    Symptom.OTHER_REQUEST: {
        "id": ("{who} melihat {line!q} sebagai baris pertama", "yang datang {seen!q}"),
        "en": ("{who} sees {line!q} as the first line", "what came was {seen!q}"),
    },
    Symptom.REQUEST_UNFRAMED: {
        "id": ("{who} melihat 'NICK\\n'", "NICK datang tanpa '\\n' di akhir: {seen!q}"),
        "en": ("{who} sees 'NICK\\n'", "NICK came without '\\n' at its end: {seen!q}"),
    },
    Symptom.NO_REPLY: {
        "id": (
            "{who} mendapat {line!q} setelah mengirim nickname",
            "tidak ada jawaban selama {seconds} detik",
        ),
        "en": ("{who} gets {line!q} for its nickname", "no answer came for {seconds} seconds"),
    },
    Symptom.OTHER_REPLY: {
        "id": ("{who} mendapat {line!q} setelah mengirim nickname", "yang datang {seen!q}"),
        "en": ("{who} gets {line!q} for its nickname", "what came was {seen!q}"),
    },
    Symptom.REPLY_UNFRAMED: {
        "id": ("{who} mendapat 'OK\\n'", "OK datang tanpa '\\n' di akhir: {seen!q}"),
        "en": ("{who} gets 'OK\\n'", "OK came without '\\n' at its end: {seen!q}"),
    },
    Symptom.VALID_REFUSED: {
        "id": ("nickname {name!q} sah, jadi dijawab 'OK'", "jawabannya {seen!q}"),
        "en": ("the nickname {name!q} is valid, so the answer is 'OK'", "the answer was {seen!q}"),
    },
    Symptom.TWIN_REFUSED: {
        "id": (
            "nickname {name!q} sah, jadi dijawab 'OK'; bedanya dengan {twin!q}, yang sudah"
            " bergabung, hanya huruf besar dan huruf kecil",
            "jawabannya {seen!q}",
        ),
        "en": (
            "the nickname {name!q} is valid, so the answer is 'OK'; it differs from {twin!q}, who"
            " has joined, in upper and lower case only",
            "the answer was {seen!q}",
        ),
    },
    Symptom.ODD_REFUSED: {
        "id": ("nickname {name!q} sah ({odd}), jadi dijawab 'OK'", "jawabannya {seen!q}"),
        "en": (
            "the nickname {name!q} is valid ({odd}), so the answer is 'OK'",
            "the answer was {seen!q}",
        ),
    },
    Symptom.NOT_REFUSED: {
        "id": ("nickname {name!q} {why}, jadi ditolak dengan ERR", "jawabannya {seen!q}"),
        "en": ("the nickname {name!q} {why}, so it is refused with ERR", "the answer was {seen!q}"),
    },
    Symptom.NO_REFUSAL: {
        "id": (
            "nickname {name!q} ditolak dengan ERR, lalu NICK sekali lagi",
            "tidak ada jawaban selama {seconds} detik",
        ),
        "en": (
            "the nickname {name!q} is refused with ERR, then NICK again",
            "no answer came for {seconds} seconds",
        ),
    },
    Symptom.ENDED_UNREFUSED: {
        "id": (
            "nickname {name!q} ditolak dengan ERR, lalu NICK sekali lagi, di koneksi yang sama",
            "server memutuskan koneksi tanpa menjawab",
        ),
        "en": (
            "the nickname {name!q} is refused with ERR, then NICK again, on the same connection",
            "the server ended the connection and did not answer",
        ),
    },
    Symptom.NOT_ASKED_AGAIN: {
        "id": (
            "nickname {name!q} ditolak dengan ERR, lalu NICK sekali lagi",
            "yang datang {seen!q}",
        ),
        "en": (
            "the nickname {name!q} is refused with ERR, then NICK again",
            "what came was {seen!q}",
        ),
    },
    Symptom.REFUSED_OTHERWISE: {
        "id": (
            "nickname {name!q} ditolak dengan dua baris, 'ERR <alasan>\\n' dan 'NICK\\n'",
            "yang datang {seen!q}",
        ),
        "en": (
            "the nickname {name!q} is refused with two lines, 'ERR <reason>\\n' and 'NICK\\n'",
            "what came was {seen!q}",
        ),
    },
    Symptom.NAME_NOT_FREED: {
        "id": (
            "nickname {name!q} bebas lagi setelah {after_what}",
            "nama itu masih ditolak: {seen!q}",
        ),
        "en": (
            "the nickname {name!q} is free again after {after_what}",
            "it is still refused: {seen!q}",
        ),
    },
    Symptom.NAME_NEVER_FREED: {
        "id": (
            "nickname {name!q} bebas lagi setelah {after_what}",
            "nama itu masih ditolak, begitu pula nama yang koneksinya putus (RST): {seen!q}",
        ),
        "en": (
            "the nickname {name!q} is free again after {after_what}",
            "it is still refused, and so is the name of one who was cut off (RST): {seen!q}",
        ),
    },
    Symptom.NOBODY_WON: {
        "id": (
            "dari {rivals} client yang berebut {name!q}, tepat satu mendapat OK",
            "tidak ada yang mendapatkannya",
        ),
        "en": ("of {rivals} clients claiming {name!q} exactly one gets OK", "none got it"),
    },
    Symptom.MESSAGE_TAKEN_FOR_NAME: {
        "id": (
            "{who} sudah mendapat OK, jadi {said!q} adalah pesannya: {name} melihat {line!q}",
            "pesan itu tidak sampai; server menjawabnya dengan {seen!q}, seperti menjawab nickname",
        ),
        "en": (
            "{who} has got its OK, so {said!q} is a message: {name} sees {line!q}",
            "it did not come; the server answered it with {seen!q}, as it answers a nickname",
        ),
    },
    Symptom.MANY_WON: {
        "id": (
            "dari {rivals} client yang berebut {name!q}, tepat satu mendapat OK",
            "{winners} client mendapat OK",
        ),
        "en": ("of {rivals} clients claiming {name!q} exactly one gets OK", "{winners} got it"),
    },
    Symptom.NO_LOG: {
        "id": ("server mencetak baris {line!q}", "baris terakhirnya {seen!e}"),
        "en": ("the server prints the line {line!q}", "its last lines were {seen!e}"),
    },
    Symptom.NO_CHAT_LOG: {
        "id": ("server mencetak baris {line!q}", "baris terakhirnya {seen!e}"),
        "en": ("the server prints the line {line!q}", "its last lines were {seen!e}"),
    },
    Symptom.OTHER_LOG: {
        "id": ("server mencetak baris {line!q}", "yang tercetak {seen!q}"),
        "en": ("the server prints the line {line!q}", "it printed {seen!q}"),
    },
    Symptom.REFUSED_LOGGED: {
        "id": (
            "{who} ditolak karena nickname {name!q} sedang dipakai, jadi tidak dicetak bahwa ia"
            " terhubung dengan nickname itu",
            "tercetak {line!q}",
        ),
        "en": (
            "{who} is refused because the nickname {name!q} is in use, so no line says that it has"
            " joined under that name",
            "it printed {line!q}",
        ),
    },
    Symptom.NOTHING_CAME: {
        "id": (
            "{who} melihat {line!q}",
            "tidak datang selama {seconds} detik; baris terakhir yang dilihatnya {seen!e}",
        ),
        "en": (
            "{who} sees {line!q}",
            "it did not come for {seconds} seconds; the last line seen was {seen!e}",
        ),
    },
    Symptom.ONLY_EARLIER: {
        "id": (
            "{who}, yang bergabung sesudah {name}, melihat {line!q}",
            "tidak datang; setiap pesan hanya sampai kepada yang bergabung sebelum pengirimnya",
        ),
        "en": (
            "{who}, who joined after {name}, sees {line!q}",
            "it did not come; each message reaches only those who joined before its sender",
        ),
    },
    Symptom.REST_LOST: {
        "id": (
            "{who} melihat {line!q}, yang datang dalam satu segmen dengan nama pengirimnya",
            "tidak datang, walaupun pesan lain datang; baris terakhir yang dilihatnya {seen!e}",
        ),
        "en": (
            "{who} sees {line!q}, which came in one segment with its sender's name",
            "it did not come, though other messages do; the last line seen was {seen!e}",
        ),
    },
    Symptom.OTHER_LINE: {
        "id": ("{who} melihat {line!q}", "yang datang {seen!q}"),
        "en": ("{who} sees {line!q}", "what came was {seen!q}"),
    },
    Symptom.NAME_NOT_ADDED: {
        "id": (
            "{name} mengirim {said!q}, dan server menulis nama di depan setiap pesan: {who} "
            "melihat {line!q}",
            "yang datang {seen!q}",
        ),
        "en": (
            "{name} says {said!q}, and the server writes the name before every message: {who} "
            "sees {line!q}",
            "what came was {seen!q}",
        ),
    },
    Symptom.CHAT_UNFRAMED: {
        "id": (
            "{who} melihat {line!q} dan '\\n' di akhirnya",
            "{seen!q} datang tanpa '\\n' di akhir",
        ),
        "en": (
            "{who} sees {line!q} and '\\n' at its end",
            "{seen!q} came without '\\n' at its end",
        ),
    },
    Symptom.LINES_MIXED: {
        "id": (
            "setiap pesan sampai kepada {who} utuh, sendirian di barisnya",
            "isi lebih dari satu pesan dalam satu baris: {seen!q}",
        ),
        "en": (
            "each message reaches {who} whole, alone on its line",
            "more than one message on a line: {seen!q}",
        ),
    },
    Symptom.STRAY_LINE: {
        "id": (
            "{who} hanya melihat pesan dan pemberitahuan yang diawali '* '",
            "datang juga {seen!q}",
        ),
        "en": (
            "{who} sees messages and notices that begin with '* ' only",
            "{seen!q} came as well",
        ),
    },
    Symptom.UNWANTED_LINE: {
        "id": ("{who} tidak melihat apa-apa", "{who} melihat {seen!q}"),
        "en": ("{who} sees nothing", "{who} saw {seen!q}"),
    },
    Symptom.ECHO: {
        "id": ("pesan {name} tidak kembali kepada {name}", "{name} melihat {seen!q}"),
        "en": ("{name}'s message does not come back to {name}", "{name} saw {seen!q}"),
    },
    Symptom.NOT_IN_ROOM: {
        "id": ("yang belum bergabung tidak bisa berbicara", "{name} melihat {seen!q}"),
        "en": ("who has not joined can say nothing", "{name} saw {seen!q}"),
    },
    Symptom.WRONG_ORDER: {
        "id": (
            "setiap baris sampai kepada {who} satu kali dan berurutan; berikutnya {line!q}",
            "yang datang {seen!q}",
        ),
        "en": (
            "each line reaches {who} once and in order; next is {line!q}",
            "what came was {seen!q}",
        ),
    },
    Symptom.CAME_TWICE: {
        "id": (
            "setiap baris sampai kepada {who} satu kali saja",
            "{seen!q} datang sekali lagi",
        ),
        "en": (
            "each line reaches {who} once only",
            "{seen!q} came once more",
        ),
    },
    Symptom.HALF_LINE: {
        "id": ("server membuang baris yang belum selesai", "{name} melihat {seen!q}"),
        "en": ("a line that never ended is dropped", "{name} saw {seen!q}"),
    },
    Symptom.EMPTY_SENT: {
        "id": ("{who} tidak melihat baris tanpa isi", "{who} melihat {seen!q}"),
        "en": ("{who} sees no line without content", "{who} saw {seen!q}"),
    },
    Symptom.HUNG_UP: {
        "id": (
            "koneksi {who} tetap terbuka",
            "server memutuskannya; baris terakhir yang datang {seen!e}",
        ),
        "en": (
            "{who}'s connection stays open",
            "the server ended it; the last line that came was {seen!e}",
        ),
    },
    Symptom.NO_CONNECTION: {
        "id": ("{who} bisa terhubung", "koneksinya tidak diterima"),
        "en": ("{who} can connect", "the connection was not accepted"),
    },
    Symptom.FEW_THREADS: {
        "id": (
            "{clients} client baru membawa sedikitnya {clients} thread baru",
            "dari {before} thread menjadi {after}",
        ),
        "en": (
            "{clients} new clients bring at least {clients} new threads",
            "from {before} threads it went to {after}",
        ),
    },
    Symptom.THREADS_LEFT: {
        "id": (
            "setelah {after_what}, jumlah thread kembali menjadi {before}",
            "masih ada {after}",
        ),
        "en": (
            "after {after_what} there are {before} threads again",
            "there are still {after}",
        ),
    },
    Symptom.SOCKETS_LEFT: {
        "id": (
            "setelah {after_what}, jumlah socket kembali menjadi {before}",
            "masih ada {after}",
        ),
        "en": (
            "after {after_what} there are {before} sockets again",
            "there are still {after}",
        ),
    },
    Symptom.SPINS: {
        "id": (
            "setelah {after_what}, server diam menunggu",
            "CPU server sibuk terus walaupun tidak ada yang berbicara",
        ),
        "en": (
            "after {after_what} the server waits quietly",
            "it goes on using the CPU though nobody talks",
        ),
    },
    Symptom.NOT_CALLED: {
        "id": (
            "client terhubung ke {address}",
            "selama {seconds} detik tidak ada koneksi yang datang",
        ),
        "en": ("the client connects to {address}", "for {seconds} seconds no connection came"),
    },
    Symptom.OTHER_ADDRESS: {
        "id": (
            "client terhubung ke {address}",
            "tidak ada koneksi yang datang ke sana; yang terakhir tampil {seen!e}",
        ),
        "en": (
            "the client connects to {address}",
            "no connection came there; the last it showed was {seen!e}",
        ),
    },
    Symptom.CLIENT_ENDED: {
        "id": (
            "program client terus berjalan",
            "program sudah selesai sendiri (status {status}); yang terakhir tampil {last!e}",
        ),
        "en": (
            "the client program goes on",
            "it ended by itself (status {status}); the last it showed was {last!e}",
        ),
    },
    Symptom.NAME_TOO_EARLY: {
        "id": (
            "client menunggu NICK sebelum mengirim apa pun",
            "sebelum NICK sudah datang {seen!q}",
        ),
        "en": ("the client waits for NICK before it sends anything", "before NICK came {seen!q}"),
    },
    Symptom.NO_PROMPT: {
        "id": ("client menampilkan {line!q}", "yang tampil {seen!q}"),
        "en": ("the client shows {line!q}", "it showed {seen!q}"),
    },
    Symptom.ASKED_AFTER_OK: {
        "id": ("sesudah OK client menampilkan {line!q}", "ia bertanya lagi: {seen!q}"),
        "en": ("after OK the client shows {line!q}", "it asked again: {seen!q}"),
    },
    Symptom.PROMPT_DIFFERS: {
        "id": ("client menampilkan {line!q}, sama persis", "yang tampil {seen!q}"),
        "en": ("the client shows {line!q}, to the character", "it showed {seen!q}"),
    },
    Symptom.NICKNAME_NOT_SENT: {
        "id": ("setelah NICK client mengirim {line!q}", "yang datang {seen!q}"),
        "en": ("after NICK the client sends {line!q}", "what came was {seen!q}"),
    },
    Symptom.ANSWERED_UNASKED: {
        "id": (
            "setelah ditolak, client bertanya lagi kepada penggunanya sebelum mengirim nama",
            "belum ada yang mengetik lagi, tetapi client sudah mengirim {seen!q}",
        ),
        "en": (
            "after a refusal the client asks its user again before it sends a name",
            "nobody had typed again, but the client sent {seen!q}",
        ),
    },
    Symptom.LINE_NOT_SENT: {
        "id": ("client mengirim {line!q}", "yang datang {seen!q}"),
        "en": ("the client sends {line!q}", "what came was {seen!q}"),
    },
    Symptom.SENT_UNFRAMED: {
        "id": ("client mengirim {line!q}", "akhir barisnya tidak ada; yang datang {seen!q}"),
        "en": ("the client sends {line!q}", "the line end is missing; what came was {seen!q}"),
    },
    Symptom.SENT_UNTYPED: {
        "id": ("client mengirim setiap baris yang diketik satu kali saja", "datang juga {seen!q}"),
        "en": ("the client sends each typed line once, and nothing else", "{seen!q} came as well"),
    },
    Symptom.CALLED_AGAIN: {
        "id": (
            "setelah ERR client menjawab lagi lewat koneksi yang sama",
            "client terhubung {count} kali",
        ),
        "en": (
            "after ERR the client answers again on the same connection",
            "it connected {count} times",
        ),
    },
    Symptom.LINE_NOT_SHOWN: {
        "id": ("client menampilkan {line!q}", "yang tampil {seen!q}"),
        "en": ("the client shows {line!q}", "it showed {seen!q}"),
    },
    Symptom.LINE_CUT: {
        "id": (
            "client menampilkan {line!q} sebagai satu baris, karena hanya '\\n' yang mengakhiri "
            "baris",
            "yang tampil lebih dari satu baris: {seen!q}",
        ),
        "en": (
            "the client shows {line!q} as one line, because nothing but '\\n' ends a line",
            "it showed more than one line: {seen!q}",
        ),
    },
    Symptom.SILENCE_ENDS_IT: {
        "id": (
            "client tetap menampilkan pesan, juga setelah {seconds} detik tanpa pesan",
            "pesan setelah itu tidak tampil; yang terakhir tampil {last!e}",
        ),
        "en": (
            "the client still shows a message, also after {seconds} s without any",
            "the message after that was not shown; the last it showed was {last!e}",
        ),
    },
    Symptom.SCREEN_DIFFERS: {
        "id": ("layarnya {line!q}", "layarnya {seen!q}"),
        "en": ("the screen is {line!q}", "the screen is {seen!q}"),
    },
    Symptom.NO_SENTENCE: {
        "id": (
            "client mengatakan apa yang terjadi",
            "tidak ada kalimat baru; yang tampil {seen!e}",
        ),
        "en": ("the client says what happened", "no new sentence; it showed {seen!e}"),
    },
    Symptom.WRONG_STATUS: {
        "id": ("program selesai dengan status {line}", "statusnya {seen}"),
        "en": ("the program ends with status {line}", "its status is {seen}"),
    },
    Symptom.NOT_POLITE: {
        "id": ("client menutup koneksinya", "koneksinya masih terbuka"),
        "en": ("the client ends its connection", "it is still open"),
    },
    Symptom.SCHEDULE_BREAKS: {
        "id": (
            "apa pun urutan thread, ruang obrolan tetap bekerja dengan benar",
            "{seen}. Urutan ini bisa terjadi kapan saja, walaupun di komputermu jarang",
        ),
        "en": (
            "whatever the order of threads, the room stays right",
            "{seen}. This order can happen at any time, though on your machine it is rare",
        ),
    },
    Symptom.CALM_BREAKS: {
        "id": (
            "ruang obrolan bekerja dengan benar bila thread tidak saling menyela",
            "{seen}. Tidak ada thread yang disela: ini bukan race",
        ),
        "en": (
            "the room stays right where no thread interrupts another",
            "{seen}. No thread was interrupted: this is not a race",
        ),
    },
    Symptom.THREAD_DIED: {
        "id": (
            "koneksi yang berakhir tidak menghentikan thread milik yang lain",
            "{seen}",
        ),
        "en": (
            "a connection that has ended ends nobody else's thread",
            "{seen}",
        ),
    },
    Symptom.DEADLOCK: {
        "id": ("tidak ada thread yang saling menunggu selamanya", "{seen}"),
        "en": ("no threads wait for each other for ever", "{seen}"),
    },
}

# What was there instead, when the program does nothing more until somebody else does something.
IDLE: dict[Symptom, dict[Language, str]] = {
    Symptom.NOT_ENDED: {
        "id": "program masih berjalan dan hanya menunggu: ia tidak akan selesai",
        "en": "it still runs and just waits: it will never end",
    },
    Symptom.NEVER_LISTENS: {
        "id": "tidak ada yang menerima koneksi di sana; program hanya menunggu",
        "en": "nobody accepted one there; the program just waits",
    },
    Symptom.NOT_CALLED: {
        "id": "tidak ada koneksi yang datang; program hanya menunggu",
        "en": "no connection came; the program just waits",
    },
    Symptom.NO_REQUEST: {
        "id": "tidak ada yang datang; program hanya menunggu",
        "en": "nothing came; the program just waits",
    },
    Symptom.NO_REPLY: {
        "id": "tidak ada jawaban; program hanya menunggu",
        "en": "no answer came; the program just waits",
    },
    Symptom.NO_REFUSAL: {
        "id": "tidak ada jawaban; program hanya menunggu",
        "en": "no answer came; the program just waits",
    },
    Symptom.NOTHING_CAME: {
        "id": "tidak datang, dan program hanya menunggu; baris terakhir yang dilihatnya {seen!e}",
        "en": "it did not come, and the program just waits; the last line seen was {seen!e}",
    },
}

# Instead of these, where nothing was seen.
NOTHING = {
    "yang datang {seen!q}": "tidak ada yang datang",
    "what came was {seen!q}": "nothing came",
    "yang tercetak {seen!q}": "tidak ada yang tercetak",
    "it printed {seen!q}": "it printed nothing",
    "baris terakhirnya {seen!e}": "tidak ada yang tercetak",
    "its last lines were {seen!e}": "it printed nothing",
    "server memutuskannya; baris terakhir yang datang {seen!e}": (
        "server memutuskannya sebelum satu baris pun datang"
    ),
    "the server ended it; the last line that came was {seen!e}": (
        "the server ended it before any line came"
    ),
    "tidak datang selama {seconds} detik; baris terakhir yang dilihatnya {seen!e}": (
        "tidak datang selama {seconds} detik, dan tidak ada baris lain yang dilihatnya"
    ),
    "it did not come for {seconds} seconds; the last line seen was {seen!e}": (
        "it did not come for {seconds} seconds, and no other line was seen"
    ),
    "tidak datang, dan program hanya menunggu; baris terakhir yang dilihatnya {seen!e}": (
        "tidak datang, dan program hanya menunggu; tidak ada baris lain yang dilihatnya"
    ),
    "it did not come, and the program just waits; the last line seen was {seen!e}": (
        "it did not come, and the program just waits; no other line was seen"
    ),
    "tidak datang, walaupun pesan lain datang; baris terakhir yang dilihatnya {seen!e}": (
        "tidak datang, walaupun pesan lain datang"
    ),
    "it did not come, though other messages do; the last line seen was {seen!e}": (
        "it did not come, though other messages do"
    ),
}

# Instead of these, where the first client is served and no other is (see `grading.clues`).
ONLY_FIRST: dict[str, dict[Language, str]] = {
    "only_first_no_request": {
        "id": "{first} dilayani dan mendapat 'OK'; kepada {who} tidak ada yang datang selama "
        "{first} masih ada",
        "en": "{first} is served and got 'OK'; nothing came to {who} while {first} is there",
    },
    "only_first_no_reply": {
        "id": "{first} mendapat 'OK'; nama {who} tidak dijawab selama {first} masih ada",
        "en": "{first} got 'OK'; the name of {who} is not answered while {first} is there",
    },
}

# Before what was seen, when an exception came before it.
CRASHED: dict[Language, str] = {
    "id": "sebuah exception menghentikan thread di {place}: {error}",
    "en": "an exception ended a thread at {place}: {error}",
}

REASONS: dict[str, dict[Language, str]] = {
    "machine_too_slow": {
        "id": "komputer ini terlalu sibuk: program tidak mendapat giliran selama {seconds} detik",
        "en": "this machine is too busy: the program got no turn for {seconds} seconds",
    },
    "reference_slow": {
        "id": "komputer ini terlalu sibuk: program acuan pun tidak sempat menjawab",
        "en": "this machine is too busy: the reference did not answer in time either",
    },
    "reference_fails": {
        "id": "di komputer ini program acuan pun gagal: {seen}",
        "en": "on this machine the reference fails too: {seen}",
    },
    "no_time": {
        "id": "waktunya habis: seluruh pemeriksaan boleh berjalan paling lama {seconds} detik",
        "en": "the time was over: all checks together may take {seconds} seconds",
    },
    "no_time_slow": {
        "id": "waktunya habis ({seconds} detik untuk seluruh pemeriksaan). Komputer ini sibuk, "
        "atau programmu lama menunggu sesuatu, paling lama di {longest}: apa yang ditunggunya?",
        "en": "the time was over ({seconds} seconds for all checks). This machine is busy, or your "
        "program waits long for something, longest in {longest}: what is it there?",
    },
    "too_long_slow": {
        "id": "yang ini belum selesai sesudah {seconds} detik. Komputer ini sibuk, atau programmu "
        "lama menunggu sesuatu, juga di {longest}: apa yang ditunggu di sana?",
        "en": "this one was not at its end after {seconds} seconds. This machine is busy, or your "
        "program waits long for something, also in {longest}: what is it there?",
    },
    "too_long": {
        "id": "satu pemeriksaan boleh berjalan paling lama {seconds} detik; yang ini belum selesai",
        "en": "one check may take {seconds} seconds, and this one was not at its end",
    },
    "unsteady": {
        "id": "{check} sudah lulus, tetapi kali ini hal yang diperiksa di sana tidak berhasil",
        "en": "{check} passed, but this time what it is about did not work",
    },
    "no_chat_prompt": {
        "id": "tanpa prompt belum terlihat apakah pesan yang datang merusak baris ketikan; lihat "
        "client.prompt",
        "en": "without a prompt it is not to be seen yet whether a message spoils the line on "
        "which somebody types; see client.prompt",
    },
    "ways_left_out": {
        "id": "{count} dari {total} cara pergi belum dicoba, karena {checks} gagal",
        "en": "{count} of {total} ways of leaving were not tried yet, because of {checks}",
    },
    "disk_full": {
        "id": "disk penuh: tidak ada tempat untuk file sementara",
        "en": "the disk is full: there is no room for temporary files",
    },
    "no_loopback": {
        "id": "di komputer ini 127.0.0.1 tidak bisa dihubungi; periksa jaringan (lo) dan firewall",
        "en": "127.0.0.1 cannot be reached on this machine; check its network (lo) and firewall",
    },
    "no_python": {
        "id": "Python tidak bisa dijalankan sebagai program lain di komputer ini",
        "en": "Python cannot be started as another program on this machine",
    },
    "no_processes": {
        "id": "komputer ini tidak bisa membuat thread atau proses lagi; tutuplah program lain, "
        "atau naikkan batasnya (ulimit -u)",
        "en": "this machine gives no more threads or processes; close other programs, or raise "
        "the limit (ulimit -u)",
    },
    "no_descriptors": {
        "id": "batas jumlah file dan socket terbuka terlalu kecil; jalankan dulu: ulimit -n 4096",
        "en": "too few files and sockets may be open; run this first: ulimit -n 4096",
    },
    "port_taken": {
        "id": "port {port} sedang dipakai program lain; tutuplah program itu, lalu ulangi",
        "en": "port {port} is used by another program; close it, then run this again",
    },
    "port_kept_back": {
        "id": "Windows tidak memberikan port {port}: ia disimpan untuk Hyper-V atau WSL (lihat: "
        "netsh interface ipv4 show excludedportrange tcp), atau dipakai program lain; nyalakan "
        "ulang komputer, lalu ulangi",
        "en": "Windows does not give out port {port}: it is kept back for Hyper-V or WSL (see: "
        "netsh interface ipv4 show excludedportrange tcp), or another program has it; restart the "
        "machine, then run this again",
    },
    "no_free_port": {
        "id": "tidak ada port yang bebas di komputer ini",
        "en": "there is no free port on this machine",
    },
    "no_process_view": {
        "id": "di sistem ini thread dan socket hanya terlihat dengan psutil (pip install psutil)",
        "en": "on this system threads and sockets are seen with psutil only (pip install psutil)",
    },
    "no_time_view": {
        "id": "sistem ini tidak menunjukkan waktu CPU yang dipakai programmu",
        "en": "this system does not show the processor time that the program uses",
    },
    "no_socket_view": {
        "id": "sistem ini tidak menunjukkan socket mana yang milik programmu",
        "en": "this system does not show which sockets are the program's",
    },
    "no_interrupt": {
        "id": "di sistem ini Ctrl-C tidak bisa ditekan dari luar",
        "en": "on this system Ctrl-C cannot be pressed from outside",
    },
    "no_pty": {
        "id": "sistem ini tidak menyediakan terminal (pty) untuk programmu",
        "en": "this system gives no terminal (pty) to a program",
    },
    "no_pty_on_windows": {
        "id": "di Windows penilai ini tidak memakai terminal (ConPTY), jadi layar hanya diperiksa "
        "di Linux dan macOS",
        "en": "on Windows this grader uses no terminal (ConPTY), so the screen is judged on Linux "
        "and macOS only",
    },
    "no_pyte": {
        "id": "layar diperiksa dengan paket pyte, yang tidak terpasang (pip install pyte)",
        "en": "the screen is drawn by pyte, which is not installed (pip install pyte)",
    },
    "session_unsure": {
        "id": "sebuah sesi acak gagal sekali, lalu tidak lagi: belum bisa diputuskan",
        "en": "a random session failed once and then did not: it cannot be decided",
    },
    "not_explorable": {"id": "{why}", "en": "{why}"},
    "not_explored": {"id": "{why}", "en": "{why}"},
    "not_built": {
        "id": "pemeriksaan ini belum dibuat",
        "en": "this check has not been built yet",
    },
    "no_reference": {
        "id": "program acuan tidak ada di sini, jadi ini tidak diperiksa",
        "en": "the reference programs are not here, so this is not checked",
    },
    "kit_error": {
        "id": "kesalahan pada program penilai sendiri: {error}",
        "en": "an error of the grader itself: {error}",
    },
}

LOOKING: dict[Language, str] = {
    "id": "mencari TODO yang membuat {check} gagal",
    "en": "looking for the TODO behind {check}",
}
ISOLATED: dict[Language, str] = {
    "id": "menunggu {check}, tetapi lulus bila {todos} diganti kode acuan: nilainya diberikan",
    "en": "waits for {check}, but passes with {todos} replaced by the reference's: points given",
}
NOT_REACHED: dict[Language, str] = {
    "id": "belum bisa diperiksa: perbaiki dulu {check}",
    "en": "not reached: mend {check} first",
}


def expected(failure: Failure, lang: Language) -> str:
    """What should have been, in a sentence without its first capital."""
    return _say(SYMPTOMS[failure.symptom][lang][0], {"who": failure.who, **failure.facts}, lang)


def seen(failure: Failure, lang: Language) -> str:
    """What was there instead."""
    return "; ".join(seen_parts(failure, lang))


def seen_parts(failure: Failure, lang: Language) -> list[str]:
    """The same in one clause or two: first an exception that came before it, where there is one."""
    sentence = SYMPTOMS[failure.symptom][lang][1]
    if failure.facts.get("is_idle"):
        sentence = IDLE.get(failure.symptom, {}).get(lang, sentence)
    sentence = ONLY_FIRST.get(str(failure.facts.get("met")), {}).get(lang, sentence)
    if failure.facts.get("seen") == "":
        sentence = NOTHING.get(sentence, sentence)
    said = _say(sentence, {"who": failure.who, **failure.facts}, lang)
    if crash := failure.facts.get("crash"):
        return [_say(CRASHED[lang], cast(Mapping[str, object], crash), lang), said]
    return [said]


def reason(key: str, facts: Mapping[str, object], lang: Language) -> str:
    """Why a check could not be judged here."""
    return _say(REASONS[key][lang], facts, lang)


def not_reached(check: str, lang: Language) -> str:
    """That a check waits for another one."""
    return _say(NOT_REACHED[lang], {"check": check}, lang)


def looking(check: str, lang: Language) -> str:
    """That the TODO is looked for that made a check fail."""
    return _say(LOOKING[lang], {"check": check}, lang)


def isolated(check: str, todos: str, lang: Language) -> str:
    """That a check waits for another one and earns its points all the same."""
    return _say(ISOLATED[lang], {"check": check, "todos": todos}, lang)


def _say(sentence: str, facts: Mapping[str, object], lang: Language) -> str:
    """The sentence with its facts; a fact that has words of its own is taken in ``lang``."""
    chosen = {
        name: fact[lang] if isinstance(fact, Mapping) and lang in fact else fact
        for name, fact in facts.items()
    }
    return visible(_sentence.vformat(sentence, (), chosen))
