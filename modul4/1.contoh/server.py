"""Server chat Modul 4: satu ruang obrolan, satu thread untuk setiap client."""

# Urutan di file ini mengikuti satu client: diterima, ditanya namanya, masuk, mengobrol, pergi.

import argparse
import os
import socket
import struct
import sys
import threading
import time
import unicodedata
from contextlib import suppress

MAX_LINE_BYTES = 4096

lock = threading.Lock()
members: dict[str, socket.socket] = {}  # nickname -> socket. Peganglah lock bila memakainya.


# ---------------------------------------------------------------- membuka pintu


def open_listener(host: str, port: int) -> socket.socket:
    # TODO 1: Buka socket TCP, ikat ke (host, port), mulai mendengarkan, lalu kembalikan.
    # Ingat: tanpa SO_REUSEADDR, server yang baru dimatikan tidak bisa langsung dinyalakan lagi.
    # Periksa: python3 server.py  (harus tercetak: Server menunggu koneksi...)
    raise NotImplementedError("TODO 1")


def accept_clients(listener: socket.socket) -> None:
    # TODO 2: Ulangi terus: terima satu client, lalu jalankan serve_client di thread baru.
    # Ingat: target hanya nama fungsinya, tanpa kurung; argumennya sebuah tuple di args.
    # Periksa: python -m harness -k start
    raise NotImplementedError("TODO 2")


# ---------------------------------------------------- satu client, dari awal sampai akhir


def serve_client(conn: socket.socket, address: tuple[str, int]) -> None:
    """Isi thread milik satu client. Apa pun yang terjadi di sini, client lain tidak terganggu."""
    # with conn: socket-nya ditutup, lewat jalan mana pun kita keluar. Koneksi putus mendadak
    # (OSError), atau yang dikirim bukan UTF-8: cukup ia yang pergi.
    with conn, suppress(OSError, UnicodeDecodeError):
        limit_sending(conn)
        lines = read_lines(conn)
        name = ask_nickname(conn, address[0], lines)
        if name is not None:
            take_part(name, lines)


def ask_nickname(conn: socket.socket, ip: str, lines) -> str | None:
    # TODO 3: Kirim NICK, baca nama dari lines; ulangi (ERR, NICK) sampai namanya sah dan bebas.
    # Ingat: is_valid_nickname, lalu join (kirim OK); log("Client ..."). None bila lines habis.
    # Periksa: python -m harness -k nickname.request
    raise NotImplementedError("TODO 3")


def read_lines(conn: socket.socket):
    """Hasilkan baris demi baris sampai client pergi; baris yang masih terpotong dibuang."""
    rest = b""
    while data := conn.recv(MAX_LINE_BYTES):
        lines, rest = split_lines(rest + data)
        for line in lines:
            # Baru di sini diubah menjadi teks: baris yang utuh tidak memuat huruf yang terbelah.
            yield line.decode()
        # Baris tanpa akhir tidak boleh menghabiskan memori. (+ 1: mungkin ada b"\r")
        if len(rest) > MAX_LINE_BYTES + 1:
            return


def split_lines(data: bytes) -> tuple[list[bytes], bytes]:
    # TODO 4: Potong data di setiap b"\n"; kembalikan daftar baris yang utuh, dan sisanya.
    # Ingat: sisa boleh kosong, boleh pula seluruh data. Buang b"\r" di akhir setiap baris.
    # Periksa: python -m harness -k nickname  (sekarang TODO 5 yang disebut)
    raise NotImplementedError("TODO 4")


def is_valid_nickname(name: str) -> bool:
    # TODO 5: Kembalikan True hanya jika name memenuhi semua aturan nickname di lembar praktikum.
    # Ingat: bukan hanya " " dan "\t" yang termasuk spasi; str punya metode untuk menanyakannya.
    # Periksa: python -m harness -k nickname  (sekarang TODO 6 yang disebut)
    raise NotImplementedError("TODO 5")


# ------------------------------------------------------------------- ruang obrolan


def join(name: str, conn: socket.socket) -> bool:
    # TODO 6: Bila name masih bebas, daftarkan conn, kirim OK, lalu True; bila tidak, False.
    # Ingat: memeriksa dan mendaftarkan harus satu langkah, tanpa thread lain di antaranya.
    # Periksa: python -m harness -k nickname.accept
    raise NotImplementedError("TODO 6")


def take_part(name: str, lines) -> None:
    # TODO 7: Panggil chat(name, lines); sesudahnya, apa pun yang terjadi, hapus name dari members.
    # Ingat: client bisa pergi lewat exception; finally dijalankan juga pada saat itu.
    # Periksa: python -m harness -k disconnect.nickname_freed
    raise NotImplementedError("TODO 7")


def chat(name: str, lines) -> None:
    # TODO 8: Cetak (log) dan broadcast setiap baris sebagai "name: baris", kecuali yang kosong.
    # Ingat: teks di konsol dan teks untuk yang lain sama persis: satu spasi sesudah titik dua.
    # Periksa: python -m harness -k broadcast.log
    raise NotImplementedError("TODO 8")


def broadcast(line: str, sender: str) -> None:
    # TODO 9: Kirim line dengan send_line kepada setiap anggota, kecuali sender.
    # Ingat: selama members ditelusuri, thread lain tidak boleh mengubahnya.
    # Periksa: python -m harness -k broadcast
    raise NotImplementedError("TODO 9")


# ------------------------------------------------------------------ mengirim dan mencetak


def limit_sending(conn: socket.socket) -> None:
    """Sejak ini sendall menunggu paling lama 0,2 detik. (settimeout membatasi recv juga.)"""
    # Windows meminta milidetik; sistem lain sebuah struct timeval: detik, mikrodetik.
    limit = 200 if os.name == "nt" else struct.pack("ll", 0, 200_000)
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
    # Tanpa ini baris pendek kedua bisa tertahan 40 ms (algoritma Nagle).
    conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def send_line(conn: socket.socket, line: str) -> None:
    """Kirim satu baris. Penerima yang berhenti membaca diputus, supaya tidak menahan yang lain."""
    try:
        conn.sendall(f"{line}\n".encode())
    except OSError:
        # Bukan close: thread miliknya masih menunggu di recv, bangun karena ini, lalu pergi.
        with suppress(OSError):
            conn.shutdown(socket.SHUT_RDWR)


def log(text: str) -> None:
    # Satu teks yang sudah memuat "\n": dua thread tidak bisa mencampur baris mereka.
    print(f"{text}\n", end="", flush=True)


# --------------------------------------------------------------------------- menjalankan


def main() -> None:
    parser = argparse.ArgumentParser(description="Server chat Modul 4")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8")  # Di Windows: emoji tidak boleh menghentikan server.
    try:
        listener = open_listener(options.host, options.port)
    except (OSError, OverflowError, UnicodeError) as error:
        sys.exit(f"Server tidak bisa memakai {options.host}:{options.port}: {error}")
    if os.name == "nt":
        listener.settimeout(1)  # Di Windows Ctrl-C baru terasa bila accept selesai menunggu.
    log("Server menunggu koneksi...")
    while True:
        with suppress(OSError):  # Tak ada yang datang (Windows), atau terlalu banyak file terbuka.
            accept_clients(listener)
        time.sleep(0.1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        os._exit(0)  # Langsung: thread client yang sedang mencetak tidak perlu ditunggu.
