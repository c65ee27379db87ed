"""Server chat Modul 4: satu ruang obrolan, satu thread untuk setiap client.

Urutan di file ini mengikuti perjalanan satu client: pintu dibuka, client diterima,
ditanya nickname-nya, masuk ke ruang, mengobrol, lalu pergi.
"""

from __future__ import annotations

import argparse
import os
import selectors
import socket
import sys
import threading
import time
import unicodedata
from collections.abc import Iterator
from contextlib import suppress

MAX_LINE_BYTES = 4096
MAX_NICKNAME_LENGTH = 20
# Di Windows, penantian tidak terganggu oleh Ctrl-C atau oleh shutdown dari thread lain; karena
# itu di sana kita bangun setiap detik. Di sistem lain kita boleh menunggu selamanya.
WAKE_UP_SECONDS = 1 if os.name == "nt" else None
INVALID_NICKNAME = "nickname harus 1-20 karakter, tanpa spasi, tanpa ':', dan tidak diawali '*'"


# ---------------------------------------------------------------- membuka pintu


def open_listener(host: str, port: int) -> socket.socket:
    """Kembalikan socket TCP yang sudah menunggu koneksi di (host, port)."""
    # TODO 1: Buka socket TCP, ikat ke (host, port), mulai mendengarkan, lalu kembalikan.
    # Ingat: tanpa SO_REUSEADDR, server yang baru dimatikan tidak bisa langsung dinyalakan lagi.
    # Periksa: python3 server.py  (harus tercetak: Server menunggu koneksi...)
    # BEGIN SOLUTION
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # Di Windows opsi ini berarti lain: dua program boleh berebut satu port.
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    # Antrean yang panjang: banyak client boleh mengetuk pintu pada saat yang sama.
    listener.listen(socket.SOMAXCONN)
    return listener
    # END SOLUTION


def accept_clients(listener: socket.socket, room: Room) -> None:
    """Terima client satu demi satu, selamanya; masing-masing dilayani thread-nya sendiri."""
    # TODO 2: Ulangi terus: ambil next_client(listener), lalu jalankan serve_client di thread baru.
    # Ingat: thread biasa menahan program tetap hidup setelah Ctrl-C; daemon=True tidak.
    # Periksa: python -m harness -k start
    # BEGIN SOLUTION
    while True:
        conn, address = next_client(listener)
        thread = threading.Thread(target=serve_client, args=(conn, address, room), daemon=True)
        try:
            thread.start()
        except RuntimeError:  # Komputer kehabisan thread: tolak yang ini, yang lain jalan terus.
            conn.close()
    # END SOLUTION


def next_client(listener: socket.socket) -> tuple[socket.socket, tuple[str, int]]:
    """Tunggu client berikutnya; kembalikan socket-nya (non-blocking) dan alamatnya."""
    listener.settimeout(WAKE_UP_SECONDS)
    while True:
        try:
            conn, address = listener.accept()
            conn.setblocking(False)
            # Tanpa ini baris pendek kedua bisa tertahan 40 ms (algoritma Nagle).
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return conn, address
        except (TimeoutError, ConnectionError):
            continue  # Belum ada yang datang, atau ia pergi lagi sebelum diterima.
        except OSError:
            time.sleep(0.1)  # Misalnya kehabisan file descriptor: jangan mati, jangan berputar.


# ---------------------------------------------------- satu client, dari awal sampai akhir


def serve_client(conn: socket.socket, address: tuple[str, int], room: Room) -> None:
    """Isi thread milik satu client. Apa pun yang terjadi di sini, client lain tidak terganggu."""
    with conn:  # Socket selalu ditutup, lewat jalan mana pun kita keluar.
        try:
            lines = read_lines(conn)
            name = ask_nickname(conn, address, lines, room)
            if name is not None:
                room.chat(name, lines)
        except NotImplementedError as todo:
            complain(f"{todo} belum dikerjakan, jadi koneksi dari {address[0]} ditutup.")
        except BlockingIOError:
            complain("Socket ini non-blocking: pakailah receive(conn) dan send_line(conn, ...).")
        except (OSError, UnicodeDecodeError):
            pass  # Koneksi putus mendadak, atau yang dikirim bukan UTF-8: cukup ia yang pergi.


def ask_nickname(
    conn: socket.socket, address: tuple[str, int], lines: Iterator[str], room: Room
) -> str | None:
    """Tanya sampai client punya nickname dan masuk ke ruang; None bila ia pergi sebelum itu."""
    # TODO 3: Kirim NICK, baca jawaban dari lines, dan ulangi (ERR, lalu NICK) sampai ia bergabung.
    # Ingat: room.join sendiri yang mengirim OK; di sini cukup cetak baris log "Client ...".
    # Periksa: python -m harness -k nickname.request
    # BEGIN SOLUTION
    send_line(conn, "NICK")
    for name in lines:
        if not is_valid_nickname(name):
            send_line(conn, f"ERR {INVALID_NICKNAME}")
        elif not room.join(name, conn):
            send_line(conn, f"ERR nickname {name} sedang dipakai")
        else:
            log(f"Client {address[0]} terhubung dengan nickname: {name}")
            return name
        send_line(conn, "NICK")
    return None
    # END SOLUTION


def read_lines(conn: socket.socket) -> Iterator[str]:
    r"""Hasilkan baris demi baris (tanpa '\n') sampai client pergi."""
    # TODO 4: Kumpulkan byte dari receive(conn), potong di setiap b"\n", dan yield tiap baris utuh.
    # Ingat: b"" berarti client sudah pergi; satu receive: setengah huruf, atau tiga baris.
    # Periksa: python -m harness -k nickname  (sekarang TODO 5 yang disebut)
    # BEGIN SOLUTION
    # STUB: raise NotImplementedError("TODO 4")
    # STUB: yield  # Karena ada yield, fungsi ini sebuah generator.
    rest = b""
    while data := receive(conn):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            # Baru di sini diubah menjadi teks: baris yang utuh tidak memuat huruf yang terbelah.
            yield line.removesuffix(b"\r").decode()
        # Baris tanpa akhir tidak boleh menghabiskan memori. (+ 1: mungkin ada b"\r")
        if len(rest) > MAX_LINE_BYTES + 1:
            return
    # END SOLUTION


def is_valid_nickname(name: str) -> bool:
    """Apakah name boleh menjadi nickname?"""
    # TODO 5: Kembalikan True hanya jika name memenuhi semua aturan nickname di lembar praktikum.
    # Ingat: bukan hanya " " dan "\t" yang termasuk spasi; str punya metode untuk menanyakannya.
    # Periksa: python -m harness -k nickname  (sekarang TODO 6 yang disebut)
    # BEGIN SOLUTION
    if not 1 <= len(name) <= MAX_NICKNAME_LENGTH or name.startswith("*"):
        return False
    for letter in name:
        # "Cc" adalah golongan karakter kendali dalam Unicode, misalnya bel dan Escape.
        if letter == ":" or letter.isspace() or unicodedata.category(letter) == "Cc":
            return False
    return True
    # END SOLUTION


# ------------------------------------------------------------------- ruang obrolan


class Room:
    """Siapa saja yang sudah bergabung. Semua thread memakainya; lock menjaga members."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.members: dict[str, socket.socket] = {}

    def join(self, name: str, conn: socket.socket) -> bool:
        """Daftarkan name dan kirim OK; False (dan tidak mengirim apa-apa) bila sudah dipakai."""
        # TODO 6: Bila name masih bebas, daftarkan conn, kirim OK, lalu True; bila tidak, False.
        # Ingat: memeriksa dan mendaftarkan harus satu langkah, tanpa thread lain di antaranya.
        # Periksa: python -m harness -k nickname.accept
        # BEGIN SOLUTION
        with self.lock:
            if name in self.members:
                return False
            # Bukan lewat self.broadcast: ia menunggu lock yang sedang kita pegang, selamanya.
            for other in self.members.values():
                send_line(other, f"* {name} masuk")
            # Selama lock dipegang tak ada obrolan lewat: OK pasti baris pertama bagi anggota baru.
            self.members[name] = conn
            send_line(conn, "OK")
            return True
        # END SOLUTION

    def chat(self, name: str, lines: Iterator[str]) -> None:
        """Teruskan setiap baris dari anggota name sampai ia pergi, lalu keluarkan ia dari ruang."""
        # TODO 7: Cetak dan broadcast setiap baris sebagai "name: baris"; di akhir hapus name.
        # Ingat: client bisa pergi lewat exception; finally dijalankan juga pada saat itu.
        # Periksa: python -m harness -k broadcast.log
        # BEGIN SOLUTION
        try:
            for line in lines:
                if line:
                    log(f"{name}: {line}")
                    self.broadcast(f"{name}: {line}", sender=name)
        finally:
            with self.lock:
                del self.members[name]
            self.broadcast(f"* {name} keluar", sender=name)
        # END SOLUTION

    def broadcast(self, line: str, sender: str) -> None:
        """Kirim line kepada semua anggota selain sender."""
        # TODO 8: Kirim line dengan send_line kepada setiap anggota, kecuali sender.
        # Ingat: selama self.members ditelusuri, thread lain tidak boleh mengubahnya.
        # Periksa: python -m harness -k broadcast
        # BEGIN SOLUTION
        # Mengirim sambil memegang lock boleh karena send_line tidak pernah menunggu siapa pun.
        # Untungnya: semua anggota menerima semua pesan dalam urutan yang sama.
        with self.lock:
            for name, conn in self.members.items():
                if name != sender:
                    send_line(conn, line)
        # END SOLUTION


# ---------------------------------------------------------------- mengirim, menerima, mencetak

# Poll tidak memakai file descriptor tambahan. Windows tidak memilikinya, tetapi select di
# sana tidak punya batas nomor socket seperti di Linux.
Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)


def send_line(conn: socket.socket, line: str) -> None:
    """Kirim satu baris tanpa pernah menunggu. Penerima yang tidak bisa menampungnya diputus."""
    data = f"{line}\n".encode()
    with suppress(OSError):
        # Socket ini non-blocking: bila penampungnya penuh, send menyerah (BlockingIOError)
        # atau hanya menerima sebagian. Artinya client itu berhenti membaca.
        if conn.send(data) == len(data):
            return
    with suppress(OSError):
        # Bukan close: thread miliknya masih menunggu di receive(), bangun karena ini, lalu pergi.
        conn.shutdown(socket.SHUT_RDWR)


def receive(conn: socket.socket) -> bytes:
    """Tunggu sampai ada byte dari client, lalu kembalikan. b"" berarti client sudah pergi."""
    while True:
        try:
            return conn.recv(MAX_LINE_BYTES)
        except BlockingIOError:
            with Selector() as selector:
                selector.register(conn, selectors.EVENT_READ)
                selector.select(WAKE_UP_SECONDS)


console_lock = threading.Lock()


def log(text: str) -> None:
    """Cetak satu baris utuh, walaupun banyak thread mencetak pada saat yang sama."""
    with console_lock, suppress(OSError):  # OSError: terminalnya ditutup; obrolan jalan terus.
        print(text, flush=True)


def complain(text: str) -> None:
    print(text + "\n", end="", file=sys.stderr, flush=True)


# --------------------------------------------------------------------------- menjalankan


def main() -> int:
    parser = argparse.ArgumentParser(description="Server chat Modul 4")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # Emoji tidak boleh menghentikan server di terminal mana pun.
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        listener = open_listener(options.host, options.port)
        log("Server menunggu koneksi...")
        accept_clients(listener, Room())
    except NotImplementedError as todo:
        complain(f"{todo} belum dikerjakan. Carilah '{todo}' di server.py.")
    except (OSError, OverflowError, UnicodeError) as error:
        complain(
            f"Server tidak bisa memakai {options.host}:{options.port} ({error}). "
            "Apakah server lain masih berjalan di sana?"
        )
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        # Langsung keluar: thread client yang sedang mencetak tidak perlu (dan tidak aman) ditunggu.
        os._exit(0)
