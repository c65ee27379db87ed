"""Coloured prompts and names; the main thread types, a daemon thread listens.

Here because a colour code may stand inside `>> ` and `Masukkan username: `: the terminal shows the
same characters.
"""

import argparse
import os
import queue
import socket
import sys
import threading

PROMPT = "\x1b[1;36m>>\x1b[0m "
layar = threading.Lock()
berita = queue.Queue()
pergi = threading.Event()


def tampil(teks):
    with layar:
        sys.stdout.write(teks)
        sys.stdout.flush()


def selesai(teks, kode):
    if not pergi.is_set():
        tampil("\r\x1b[K" + teks + "\n")
        os._exit(kode)


def dengar(sok):
    bergabung = False
    sisa = b""
    try:
        while data := sok.recv(4096):
            sisa += data
            *baris2, sisa = sisa.split(b"\n")
            for mentah in baris2:
                baris = mentah.removesuffix(b"\r").decode("utf-8", "replace")
                if bergabung:
                    siapa, titik, isi = baris.partition(":")
                    tampil(f"\r\x1b[K\x1b[32m{siapa}\x1b[0m{titik}{isi}\n{PROMPT}")
                elif baris.startswith("* "):
                    tampil(f"\r\x1b[K{baris}\n")
                else:
                    bergabung = baris == "OK"
                    berita.put(baris)
    except OSError:
        pass
    selesai("Koneksi ke server terputus.", 1)


def ketik():
    baris = sys.stdin.readline()
    if not baris:
        raise EOFError
    return baris.rstrip("\n")


def jabat_tangan(sok):
    while True:
        baris = berita.get()
        if baris == "NICK":
            tampil("\x1b[33mMasukkan\x1b[39m \x1b[33musername:\x1b[0m ")
            sok.sendall(ketik().encode() + b"\n")
        elif baris == "OK":
            return
        elif baris.startswith("ERR"):
            tampil(f"Ditolak: {baris[3:].strip()}\n")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--host", default="127.0.0.1")
    p.add_argument("--port", type=int, default=55555)
    a = p.parse_args()
    sys.stdin.reconfigure(errors="replace")
    sys.stdout.reconfigure(errors="replace")
    try:
        sok = socket.create_connection((a.host, a.port))
    except OSError as e:
        print(f"Tidak ada server di {a.host}:{a.port} ({e}).")
        return 1
    telinga = threading.Thread(target=dengar, args=(sok,), daemon=True)
    telinga.start()
    try:
        jabat_tangan(sok)
        while True:
            tampil("\r\x1b[K" + PROMPT)
            teks = ketik()
            if teks:
                sok.sendall(teks.encode() + b"\n")
    except (EOFError, KeyboardInterrupt):
        pergi.set()
    except OSError:
        telinga.join(1.5)
        selesai("Server tidak menjawab lagi.", 1)
    try:
        sok.shutdown(socket.SHUT_WR)
        telinga.join(0.8)
    except (OSError, KeyboardInterrupt):
        pass
    tampil("\n")
    return 0


if __name__ == "__main__":
    try:
        kode = main()
    except KeyboardInterrupt:
        kode = 0
    sys.stdout.flush()
    os._exit(kode)
