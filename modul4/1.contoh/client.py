"""Client chat Modul 4: satu thread menunggu ketikan, satu lagi menunggu pesan dari server."""

import argparse
import os
import queue
import shutil
import socket
import sys
import threading
import traceback
from contextlib import suppress

# Karakter kendali (kecuali tab) dalam pesan orang lain bisa mengacaukan layar kita.
HARMLESS = dict.fromkeys({*range(32), *range(127, 160)} - {9}, "\N{REPLACEMENT CHARACTER}")

screen_lock = threading.Lock()  # Kedua thread menulis ke layar yang sama.
prompt = ""  # Pertanyaan yang sedang menunggu ketikan.


# ------------------------------------------------------------------------- jaringan


def connect(host: str, port: int) -> socket.socket:
    # TODO 10: Buka socket TCP, sambungkan ke (host, port), lalu kembalikan.
    # Ingat: bila tidak ada server, biarkan OSError lewat; main sudah mengurusnya.
    # Periksa: python -m harness -k client.no_server
    raise NotImplementedError("TODO 10")


def follow_server(lines, answers: queue.Queue[str]) -> None:
    # TODO 11: Taruh NICK dan OK di answers, tampilkan yang lain; sesudah OK tampilkan semuanya.
    # Ingat: setelah bergabung, baris "NICK" atau "OK" hanyalah obrolan biasa.
    # Periksa: python3 client.py selagi server berjalan  (sekarang TODO 12 yang disebut)
    raise NotImplementedError("TODO 11")


def read_lines(conn: socket.socket):
    # Hasilkan baris demi baris (tanpa "\n") sampai koneksi berakhir.
    with suppress(OSError):  # Koneksi putus mendadak: sama saja dengan berakhir.
        for line in conn.makefile("rb"):
            # Byte yang bukan UTF-8 tampil sebagai tanda tanya; obrolan tidak berhenti karenanya.
            yield line.removesuffix(b"\n").removesuffix(b"\r").decode(errors="replace")


def send_line(conn: socket.socket, line: str) -> None:
    with suppress(OSError):  # Koneksi putus: thread penerima juga mengetahuinya.
        conn.sendall(f"{line}\n".encode())


# -------------------------------------------------------------------------- pengguna


def choose_nickname(conn: socket.socket, answers: queue.Queue[str]) -> None:
    # TODO 12: Tanyakan username dengan ask dan kirimkan; ulangi sampai answers.get() adalah OK.
    # Ingat: answers.get() menunggu jawaban server: OK, atau NICK bila nama itu ditolak.
    # Periksa: python3 client.py selagi server berjalan  (sekarang TODO 13 yang disebut)
    raise NotImplementedError("TODO 12")


def chat(conn: socket.socket) -> None:
    # TODO 13: Ulangi terus: tanyakan ">> " dengan ask, lalu kirim barisnya ke server.
    # Ingat: kirim teksnya saja; server yang menambahkan nama. Baris kosong tidak perlu dikirim.
    # Periksa: python -m harness -k client
    raise NotImplementedError("TODO 13")


def ask(question: str) -> str:
    """Tampilkan question, lalu kembalikan satu baris ketikan. EOFError bila masukan habis."""
    global prompt
    with screen_lock:
        prompt = question
        print(prompt, end="", flush=True)
    text = input()
    with screen_lock:
        prompt = ""
    return text


def show(line: str) -> None:
    """Tampilkan line di tempat prompt; prompt muncul lagi di bawahnya."""
    with screen_lock:
        print(f"{erase()}{line.translate(HARMLESS)}\n{prompt}", end="", flush=True)


def erase() -> str:
    # Teks yang mengosongkan baris prompt: di terminal baris itu ditimpa dengan spasi.
    if not sys.stdout.isatty():
        return "\n"
    return "\r" + " " * (shutil.get_terminal_size().columns - 1) + "\r"


# ----------------------------------------------------------------------- menjalankan


def run_thread(ended: threading.Event, work, *arguments) -> None:
    """Isi tiap thread: kerjakan work(*arguments), lalu kabarkan lewat ended bahwa ia selesai."""
    try:
        work(*arguments)
    except Exception:
        traceback.print_exc()  # Sekarang juga: sesudah ended, main mengakhiri program.
    finally:
        ended.set()


def run_typist(conn: socket.socket, answers: queue.Queue[str], leaving: threading.Event) -> None:
    """Isi thread pengetik; selesai bila pengguna mengakhiri masukan (Ctrl-D)."""
    try:
        answers.get()  # NICK yang pertama: baru sekarang server mau mendengar nama.
        choose_nickname(conn, answers)
        chat(conn)
    except (EOFError, OSError):
        leaving.set()


def main() -> None:
    parser = argparse.ArgumentParser(description="Client chat Modul 4")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # Di Windows: supaya emoji tampil.
    try:
        conn = connect(options.host, options.port)
    except (OSError, OverflowError, UnicodeError) as error:
        sys.exit(f"Tidak ada server di {options.host}:{options.port}: {error}")
    answers: queue.Queue[str] = queue.Queue()
    leaving = threading.Event()  # Pengguna yang mengakhiri.
    ended = threading.Event()  # Salah satu thread sudah selesai.
    receiving = (ended, follow_server, read_lines(conn), answers)
    typing = (ended, run_typist, conn, answers, leaving)
    receiver = threading.Thread(target=run_thread, args=receiving, daemon=True)
    typist = threading.Thread(target=run_thread, args=typing, daemon=True)
    receiver.start()
    typist.start()
    try:
        # Ctrl-C hanya sampai ke thread utama. Di Windows ia baru terasa bila wait selesai menunggu.
        while not ended.wait(timeout=0.2 if os.name == "nt" else None):
            pass
    except KeyboardInterrupt:
        leaving.set()
    if not leaving.is_set():
        print(f"{erase()}Koneksi ke server berakhir.", file=sys.stderr, flush=True)
        os._exit(1)  # sys.exit tidak mengakhiri thread yang sedang menunggu input().
    # Menutup socket yang masih menyimpan byte belum terbaca mengirim reset (RST), dan reset bisa
    # menghapus pesan terakhir kita. Jadi: tutup arah kirim saja, lalu baca sampai server menutup.
    with suppress(OSError):
        conn.shutdown(socket.SHUT_WR)
    receiver.join(timeout=1)
    print(flush=True)
    os._exit(0)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        os._exit(0)
