"""Percobaan: pergi dengan tiga cara, sementara kamu melihat apa yang dilakukan servermu.

Jalankan server, lalu di terminal lain: python3 docs/id/percobaan/putus.py CARA
CARA: baik (menutup, FIN), paksa (diputus, RST), atau setengah (di tengah baris).
Pilihan --port 6000 memakai port lain.
"""

import argparse
import socket
import struct

WAYS = ("baik", "paksa", "setengah")
NAME = "tamu"


def main() -> None:
    parser = argparse.ArgumentParser(description="Masuk, lalu pergi dengan cara tertentu")
    parser.add_argument("way", choices=WAYS, metavar="|".join(WAYS))
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    conn = socket.create_connection(("127.0.0.1", options.port), timeout=5)
    print(f"server berkata {conn.recv(4096)!r}")
    conn.sendall(f"{NAME}\n".encode())
    print(f"server berkata {conn.recv(4096)!r}")
    if options.way == "setengah":
        conn.sendall(b"baris yang tidak pernah sel")
    if options.way == "paksa":
        # Menunggu 0 detik saat menutup: sistem operasi mengirim RST dan bukan FIN. Isinya dua
        # bilangan; di Windows masing-masing dua byte.
        linger = struct.pack("hh" if hasattr(socket, "SO_EXCLUSIVEADDRUSE") else "ii", 1, 0)
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    conn.close()
    print(
        f"{NAME} sudah pergi ({options.way}). Apakah nama {NAME} bebas lagi? Ulangi perintah ini."
    )


main()
