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
    return socket.create_server((host, port), backlog=socket.SOMAXCONN)


def accept_clients(listener: socket.socket) -> None:
    while True:
        client = listener.accept()
        thread = threading.Thread(target=serve_client, args=client)
        thread.daemon = True
        thread.start()


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
    while True:
        send_line(conn, "NICK")
        name = next(lines, None)
        if name is None:
            return None
        if not is_valid_nickname(name):
            send_line(conn, "ERR nama ini tidak sah")
        elif not join(name, conn):
            send_line(conn, "ERR nama ini sudah ada yang memakai")
        else:
            log("Client " + ip + " terhubung dengan nickname: " + name)
            return name


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
    found = []
    end = data.find(b"\n")
    while end >= 0:
        line = data[:end]
        found.append(line[:-1] if line.endswith(b"\r") else line)
        data = data[end + 1 :]
        end = data.find(b"\n")
    return found, data


def is_valid_nickname(name: str) -> bool:
    def is_wrong(letter):
        return letter.isspace() or letter == ":" or unicodedata.category(letter) == "Cc"

    return 0 < len(name) < 21 and name[0] != "*" and not any(map(is_wrong, name))


# ------------------------------------------------------------------- ruang obrolan


def join(name: str, conn: socket.socket) -> bool:
    lock.acquire()
    try:
        is_mine = members.setdefault(name, conn) is conn
        if is_mine:
            send_line(conn, "OK")
    finally:
        lock.release()
    return is_mine


def take_part(name: str, lines) -> None:
    try:
        chat(name, lines)
    finally:
        lock.acquire()
        members.pop(name)
        lock.release()


def chat(name: str, lines) -> None:
    line = next(lines, None)
    while line is not None:
        if line != "":
            text = "%s: %s" % (name, line)
            log(text)
            broadcast(text, name)
        line = next(lines, None)


def broadcast(line: str, sender: str) -> None:
    lock.acquire()
    try:
        for other in list(members):
            if other == sender:
                continue
            send_line(members[other], line)
    finally:
        lock.release()


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
