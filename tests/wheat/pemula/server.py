"""Gaya pemula: daftar global, nama bahasa Indonesia, satu fungsi satu tugas. A beginner's style.

Here because students write like this, and a program like this can be entirely right.
"""

import argparse
import os
import socket
import sys
import threading
import time
import unicodedata

anggota = []  # tiap anggota: [nama, soket, kunci_kirim]
kunci_anggota = threading.Lock()
kunci_layar = threading.Lock()


def tulis(teks):
    # Dikunci, supaya dua baris dari dua thread tidak tercampur di layar.
    kunci_layar.acquire()
    try:
        print(teks, flush=True)
    finally:
        kunci_layar.release()


def putuskan(soket):
    try:
        soket.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def kirim_sekarang(soket, pesan):
    # Pemanggil sudah memegang kunci_kirim. Kalau gagal, mungkin baru separuh baris yang keluar,
    # jadi setelah itu tidak boleh ada yang dikirim lagi.
    try:
        soket.sendall((pesan + "\n").encode("utf-8"))
        return True
    except OSError:
        putuskan(soket)
        return False


def kirim(soket, kunci_kirim, pesan):
    with kunci_kirim:
        return kirim_sekarang(soket, pesan)


def siarkan(pengirim, pesan):
    # Salin dulu daftarnya, baru kirim: selama mengirim, orang lain boleh masuk dan keluar.
    with kunci_anggota:
        salinan = anggota[:]
    for nama, soket, kunci_kirim in salinan:
        if soket is not pengirim:
            kirim(soket, kunci_kirim, pesan)


def nama_benar(nama):
    if nama == "" or len(nama) > 20:
        return False
    if nama[0] == "*" or ":" in nama:
        return False
    for huruf in nama:
        if huruf.isspace() or unicodedata.category(huruf) == "Cc":
            return False
    return True


def masuk(nama, soket, kunci_kirim):
    # Memeriksa dan mengambil nama harus satu langkah: keduanya di dalam kunci yang sama.
    with kunci_kirim:
        with kunci_anggota:
            for satu in anggota:
                if satu[0] == nama:
                    return False
            anggota.append([nama, soket, kunci_kirim])
        # OK keluar sebelum kunci_kirim dilepas, jadi pesan orang lain pasti datang sesudahnya.
        kirim_sekarang(soket, "OK")
    return True


def keluar(soket, kunci_kirim):
    with kunci_anggota:
        for nomor in range(len(anggota)):
            if anggota[nomor][1] is soket:
                del anggota[nomor]
                break
    putuskan(soket)
    with kunci_kirim:
        soket.close()


def terima_baris(soket, sisa):
    # Mengembalikan (baris, sisa); baris None berarti koneksi selesai.
    while b"\n" not in sisa:
        if len(sisa) > 4096 + 1:
            return None, b""
        try:
            data = soket.recv(1024)
        except TimeoutError:
            continue
        except OSError:
            return None, b""
        if not data:
            return None, b""
        sisa = sisa + data
    posisi = sisa.index(b"\n")
    baris = sisa[:posisi]
    sisa = sisa[posisi + 1 :]
    if baris.endswith(b"\r"):
        baris = baris[:-1]
    try:
        return baris.decode("utf-8"), sisa
    except UnicodeDecodeError:
        return None, b""


def layani(soket, alamat):
    kunci_kirim = threading.Lock()
    sisa = b""
    soket.settimeout(0.5)
    try:
        while True:
            kirim(soket, kunci_kirim, "NICK")
            nama, sisa = terima_baris(soket, sisa)
            if nama is None:
                return
            if not nama_benar(nama):
                kirim(soket, kunci_kirim, "ERR nama harus 1-20 huruf tanpa spasi dan titik dua")
            elif masuk(nama, soket, kunci_kirim):
                break
            else:
                kirim(soket, kunci_kirim, "ERR nama " + nama + " sudah dipakai")
        tulis("Client " + alamat[0] + " terhubung dengan nickname: " + nama)
        while True:
            pesan, sisa = terima_baris(soket, sisa)
            if pesan is None:
                return
            if pesan != "":
                tulis(nama + ": " + pesan)
                siarkan(soket, nama + ": " + pesan)
    finally:
        keluar(soket, kunci_kirim)


def utama():
    pengurai = argparse.ArgumentParser()
    pengurai.add_argument("--host", default="127.0.0.1")
    pengurai.add_argument("--port", type=int, default=55555)
    pilihan = pengurai.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")

    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name == "posix":
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind((pilihan.host, pilihan.port))
        server.listen(100)
    except (OSError, OverflowError) as masalah:
        print("Port", pilihan.port, "tidak bisa dipakai:", masalah, file=sys.stderr)
        sys.exit(1)

    try:
        tulis("Server menunggu koneksi...")
        while True:
            try:
                soket, alamat = server.accept()
            except OSError:
                time.sleep(0.1)
                continue
            thread = threading.Thread(target=layani, args=(soket, alamat))
            thread.daemon = True
            thread.start()
    except KeyboardInterrupt:
        sys.stdout.flush()
        os._exit(0)


if __name__ == "__main__":
    utama()
