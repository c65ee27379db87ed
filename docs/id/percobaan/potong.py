r"""Percobaan: menjadi client yang mengirim baris dalam potongan.

Jalankan server, lalu di terminal lain:
python3 docs/id/percobaan/potong.py "budi\n" "sa" "tu\ndua\n"
Setiap kata dikirim sendiri. \n berarti akhir baris; \xc3 berarti satu byte.
Pilihan --port 6000 memakai port lain.
"""

import argparse
import re
import socket

# Detik untuk menunggu jawaban sebelum potongan berikutnya dikirim.
PAUSE = 0.5


def as_bytes(word: str) -> bytes:
    r"""Byte dari sebuah kata; \n, \r, \t, dan \xc3 di dalamnya dijadikan byte sungguhan."""
    single = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
    return re.sub(
        rb"\\(n|r|t|x[0-9a-fA-F]{2})",
        lambda found: single.get(found[1]) or bytes.fromhex(found[1][1:].decode()),
        word.encode(),
    )


def show(conn: socket.socket) -> bool:
    """Tampilkan yang datang selama PAUSE detik; False bila server menutup koneksi."""
    conn.settimeout(PAUSE)
    try:
        data = conn.recv(4096)
    except TimeoutError:
        return True
    print(f"    <- {data!r}" if data else "    server menutup koneksi")
    return bool(data)


def main() -> None:
    parser = argparse.ArgumentParser(description="Kirim potongan demi potongan")
    parser.add_argument("pieces", nargs="+", help=r'misalnya "budi\n" "sa" "tu\n"')
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    with socket.create_connection(("127.0.0.1", options.port)) as conn:
        is_open = show(conn)
        for piece in map(as_bytes, options.pieces):
            if not is_open:
                break
            print(f"-> {piece!r}")
            conn.sendall(piece)
            is_open = show(conn)


main()
