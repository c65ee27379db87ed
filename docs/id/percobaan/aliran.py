"""Percobaan: apa yang diterima recv bila tiga baris dikirim dalam empat potong.

Tidak memerlukan programmu. Jalankan: python3 docs/id/percobaan/aliran.py
"""

import socket
import threading

# Tiga baris: "halo", "apa kabar", "café". Huruf é adalah dua byte, dan di sini ia terbelah.
PIECES = [b"halo\napa ", b"kabar\ncaf", b"\xc3", b"\xa9\n"]


def send_slowly(conn: socket.socket, seen: threading.Semaphore) -> None:
    """Kirim potongan berikutnya setelah yang sebelumnya diterima."""
    with conn:
        for piece in PIECES:
            conn.sendall(piece)
            seen.acquire()


def main() -> None:
    ours, theirs = socket.socketpair()
    seen = threading.Semaphore(0)
    threading.Thread(target=send_slowly, args=(theirs, seen), daemon=True).start()
    received = b""
    while data := ours.recv(4096):
        received += data
        print(f"recv mengembalikan {data!r}")
        try:
            print(f"    sebagai teks: {data.decode()!r}")
        except UnicodeDecodeError as error:
            print(f"    sebagai teks: tidak bisa, {error.reason}")
        print(f"    akhir baris di dalamnya: {data.count(10)}")
        seen.release()
    print(f"recv mengembalikan {data!r}: pengirim sudah pergi")
    print(f"Semuanya bersama: {received!r}, {received.count(10)} baris")


main()
