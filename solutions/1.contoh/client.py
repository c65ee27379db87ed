"""Client chat Modul 4: mengetik dan menerima pesan pada saat yang sama.

Dua thread bekerja di sini. Thread pengetik menunggu pengguna (input), thread penerima menunggu
server. Keduanya menulis ke layar yang sama, jadi layar dijaga oleh sebuah lock. Thread utama
hanya menunggu Ctrl-C.
"""

from __future__ import annotations

import argparse
import os
import queue
import shutil
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress

MAX_LINE_BYTES = 1_000_000
# Karakter kendali (kecuali tab) dalam pesan orang lain bisa menghapus layar kita.
HARMLESS = dict.fromkeys({*range(32), *range(127, 160)} - {ord("\t")}, "\N{REPLACEMENT CHARACTER}")


# ------------------------------------------------------------------------- jaringan


def connect(host: str, port: int) -> socket.socket:
    """Kembalikan socket yang sudah tersambung ke server."""
    # TODO 9: Sambungkan sebuah socket TCP ke (host, port), lalu kembalikan.
    # Ingat: bila tidak ada server, biarkan OSError lewat; main sudah mengurusnya.
    # Periksa: python -m harness -k client.no_server
    # BEGIN SOLUTION
    conn = socket.create_connection((host, port))
    # Tanpa ini baris pendek kedua bisa tertahan 40 ms (algoritma Nagle).
    conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return conn
    # END SOLUTION


def follow_server(conn: socket.socket, answers: queue.Queue[str], screen: Screen) -> None:
    """Isi thread penerima: olah setiap baris dari server sampai koneksi berakhir."""
    # TODO 10: Taruh NICK dan OK di answers, tampilkan yang lain; sesudah OK tampilkan semuanya.
    # Ingat: setelah bergabung, baris "NICK" atau "OK" hanyalah obrolan biasa.
    # Periksa: python3 client.py selagi server berjalan  (sekarang TODO 11 yang disebut)
    # BEGIN SOLUTION
    joined = False
    for line in receive_lines(conn):
        if joined:
            screen.show(line)
        elif line in ("NICK", "OK"):
            joined = line == "OK"
            answers.put(line)
        else:
            screen.show(line.removeprefix("ERR "))
    # END SOLUTION


def receive_lines(conn: socket.socket) -> Iterator[str]:
    r"""Hasilkan baris demi baris (tanpa '\n') sampai server memutus koneksi."""
    # TODO 11: Kumpulkan byte dari conn.recv, potong di setiap b"\n", dan yield tiap baris utuh.
    # Ingat: satu recv bisa membawa "NI" saja, atau NICK bersama tiga baris lain.
    # Periksa: python3 client.py selagi server berjalan  (sekarang TODO 12 yang disebut)
    # BEGIN SOLUTION
    rest = b""
    while data := conn.recv(65536):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            # Byte yang bukan UTF-8 tampil sebagai tanda tanya; obrolan tidak berhenti karenanya.
            yield line.removesuffix(b"\r").decode(errors="replace")
        if len(rest) > MAX_LINE_BYTES:
            return
    # END SOLUTION


# -------------------------------------------------------------------------- pengguna


def choose_nickname(conn: socket.socket, answers: queue.Queue[str], screen: Screen) -> None:
    """Jawab setiap NICK dengan nama yang diketik pengguna, sampai server menjawab OK."""
    # TODO 12: Selama answers.get() adalah NICK, tanyakan username dengan screen.ask dan kirimkan.
    # Ingat: tanyalah baru setelah NICK datang, supaya tak ada pesan yang tersangka nama.
    # Periksa: python -m harness -k client.nickname
    # BEGIN SOLUTION
    while answers.get() == "NICK":
        name = screen.ask("Masukkan username: ")
        send_line(conn, name)
    # END SOLUTION


def chat(conn: socket.socket, screen: Screen) -> None:
    """Kirim setiap baris yang diketik, selamanya; Ctrl-C dan akhir masukan diurus talk."""
    # TODO 13: Ulangi terus: tanyakan ">> " dengan screen.ask, lalu kirim barisnya ke server.
    # Ingat: kirim teksnya saja; server yang menambahkan nama. Baris kosong tidak dikirim.
    # Periksa: python -m harness -k client
    # BEGIN SOLUTION
    while True:
        text = screen.ask(">> ")
        if text:
            send_line(conn, text)
    # END SOLUTION


def send_line(conn: socket.socket, line: str) -> None:
    conn.sendall(f"{line}\n".encode())


# ----------------------------------------------------------------------------- layar


class Screen:
    """Layar yang dipakai bersama oleh thread pengetik (ask) dan thread penerima (show)."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.is_terminal = bool(sys.stdout and sys.stdout.isatty())
        self.prompt = ""  # Pertanyaan yang sedang menunggu ketikan.

    def ask(self, prompt: str) -> str:
        """Tampilkan prompt, lalu kembalikan satu baris ketikan. EOFError bila masukan habis."""
        with self.lock:
            self.write((self.erase() if self.is_terminal else "") + prompt)
            self.prompt = prompt
        try:
            text = input()
        except (OSError, RuntimeError):  # Terminalnya hilang, atau masukan memang tidak ada.
            raise EOFError from None
        with self.lock:
            self.prompt = ""
            if not sys.stdin.isatty():
                self.write("\n")  # Di terminal, tombol Enter sendiri yang sudah pindah baris.
        return text

    def show(self, line: str) -> None:
        """Tampilkan line di tempat prompt; prompt muncul lagi di bawahnya."""
        with self.lock:
            self.write(f"{self.erase()}{line.translate(HARMLESS)}\n{self.prompt}")

    def erase(self) -> str:
        """Teks yang mengosongkan baris tempat kursor berada."""
        if not self.is_terminal:
            return "\n" if self.prompt else ""
        if os.name == "nt":  # Konsol Windows lama tidak mengenal kode ANSI: timpa dengan spasi.
            return "\r" + " " * (shutil.get_terminal_size().columns - 1) + "\r"
        return "\r\x1b[K"

    def write(self, text: str) -> None:
        with suppress(OSError):  # Mungkin tak ada lagi yang membaca layar ini.
            print(text, end="", flush=True)

    def close(self, status: int, reason: str = "") -> None:
        """Tinggalkan baris prompt, sebutkan alasannya, dan akhiri seluruh program."""
        # os._exit, karena sys.exit mengakhiri satu thread saja, dan input() di thread pengetik
        # baru selesai setelah seseorang menekan Enter. Lock tidak dilepas lagi, jadi tak ada
        # thread lain yang sempat menulis sesudahnya.
        self.lock.acquire(timeout=1)
        self.write(self.erase() if reason else "\n")
        if reason:
            print(reason, file=sys.stderr, flush=True)
        os._exit(status)


# ----------------------------------------------------------------------- menjalankan


def run_receiver(
    conn: socket.socket, answers: queue.Queue[str], screen: Screen, leaving: threading.Event
) -> None:
    """Isi thread penerima. Koneksi yang berakhir tanpa kita minta mengakhiri program."""
    reason = "Server memutus koneksi."
    try:
        follow_server(conn, answers, screen)
    except NotImplementedError as todo:
        reason = f"{todo} belum dikerjakan. Carilah '{todo}' di client.py."
    except OSError:
        pass
    if not leaving.is_set():
        screen.close(1, reason)


def run_typist(conn: socket.socket, answers: queue.Queue[str], screen: Screen) -> None:
    """Isi thread pengetik; selesai bila pengguna mengakhiri masukan (Ctrl-D)."""
    try:
        choose_nickname(conn, answers, screen)
        chat(conn, screen)
    except (EOFError, KeyboardInterrupt):
        pass
    except NotImplementedError as todo:
        screen.close(1, f"{todo} belum dikerjakan. Carilah '{todo}' di client.py.")
    except OSError:
        threading.Event().wait()  # Koneksi putus: thread penerima yang mengakhiri program.


def talk(conn: socket.socket) -> None:
    """Jalankan kedua thread, tunggu sampai pengguna pergi, lalu berpamitan."""
    answers: queue.Queue[str] = queue.Queue()
    screen = Screen()
    leaving = threading.Event()
    receiver = threading.Thread(
        target=run_receiver, args=(conn, answers, screen, leaving), daemon=True
    )
    typist = threading.Thread(target=run_typist, args=(conn, answers, screen), daemon=True)
    receiver.start()
    with suppress(KeyboardInterrupt):
        typist.start()
        # Ctrl-C hanya sampai ke thread utama, dan bisa luput bila datang sesaat sebelum input()
        # mulai menunggu. Karena itu input() ada di thread lain, dan di sini kita sering terjaga.
        while typist.is_alive():
            typist.join(timeout=0.2)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C kedua tidak mengganggu pamitan.
    leaving.set()
    # Menutup socket yang masih menyimpan byte belum terbaca mengirim reset (RST), dan reset bisa
    # menghapus pesan terakhir kita. Jadi: tutup arah kirim saja, lalu baca sampai server menutup.
    with suppress(OSError):
        conn.shutdown(socket.SHUT_WR)
    receiver.join(timeout=1)
    screen.close(0)


def main() -> int:
    parser = argparse.ArgumentParser(description="Client chat Modul 4")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if stream is not None:  # Emoji tidak boleh menghentikan client di terminal mana pun.
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        conn = connect(options.host, options.port)
    except NotImplementedError as todo:
        print(f"{todo} belum dikerjakan. Carilah '{todo}' di client.py.", file=sys.stderr)
        return 1
    except (OSError, OverflowError, UnicodeError) as error:
        print(
            f"Tidak ada server di {options.host}:{options.port} ({error}). "
            "Jalankan dulu: python3 server.py",
            file=sys.stderr,
        )
        return 1
    talk(conn)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        os._exit(0)
