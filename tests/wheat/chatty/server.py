"""Talkative: notices on every join and leave, a welcome after OK, coloured logs with time stamps.

Here because all of that is allowed: `* ` lines to anyone who is in, ANSI codes round console lines.
"""

import argparse
import os
import socket
import sys
import threading
import time
import unicodedata

GREEN, YELLOW, CYAN, GREY, RESET = "\33[32m", "\33[33m", "\33[1;36m", "\33[90m", "\33[0m"


class Log:
    lock = threading.Lock()

    @classmethod
    def line(cls, colour, text):
        with cls.lock:
            print(f"{colour}{text}{RESET}" if colour else text, flush=True)

    @classmethod
    def info(cls, text):
        cls.line(GREY, f"[INFO] {time.strftime('%H:%M:%S')} {text}")


class Guest:
    def __init__(self, conn, ip):
        self.conn = conn
        self.ip = ip
        self.nickname = None
        self.pen = threading.Lock()  # one writer at a time
        conn.settimeout(0.5)

    def write(self, *lines):
        with self.pen:
            self.write_holding_pen(*lines)

    def write_holding_pen(self, *lines):
        try:
            self.conn.sendall("".join(f"{line}\n" for line in lines).encode())
        except OSError:
            self.push_out()
            raise

    def push_out(self):
        try:
            self.conn.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def read(self):
        data = b""
        while True:
            line, end, rest = data.partition(b"\n")
            if end:
                data = rest
                yield line.removesuffix(b"\r").decode()
                continue
            if len(data) > 4097:
                Log.info(f"{self.ip}: baris terlalu panjang")
                return
            try:
                chunk = self.conn.recv(4096)
            except TimeoutError:
                continue
            if not chunk:
                return
            data += chunk


class Lobby:
    def __init__(self):
        self.guests = []
        self.lock = threading.Lock()

    def welcome(self, guest, nickname):
        if not 1 <= len(nickname) <= 20 or nickname.startswith("*") or ":" in nickname:
            return "nickname harus 1-20 karakter, tanpa titik dua, tanpa bintang di depan"
        if any(c.isspace() or unicodedata.category(c) == "Cc" for c in nickname):
            return "nickname tanpa spasi dan tanpa karakter kendali, ya"
        with guest.pen:
            with self.lock:
                if any(other.nickname == nickname for other in self.guests):
                    return f"nickname {nickname} sedang dipakai orang lain"
                guest.nickname = nickname
                self.guests.append(guest)
                count = len(self.guests)
            guest.write_holding_pen("OK", f"* Selamat datang, {nickname}! Ada {count} orang.")
        Log.line(GREEN, f"Client {guest.ip} terhubung dengan nickname: {nickname}")
        self.tell(f"* {nickname} bergabung", except_for=guest)
        return None

    def farewell(self, guest):
        with self.lock:
            if guest not in self.guests:
                return
            self.guests.remove(guest)
            count = len(self.guests)
        Log.info(f"{guest.nickname} keluar, tinggal {count} orang")
        self.tell(f"* {guest.nickname} keluar", except_for=guest)

    def tell(self, line, except_for):
        with self.lock:
            audience = [guest for guest in self.guests if guest is not except_for]
        for guest in audience:
            try:
                guest.write(line)
            except OSError:
                Log.info(f"{guest.nickname} tidak terjangkau")


def host(lobby, guest):
    Log.info(f"Koneksi baru dari {guest.ip}")
    try:
        guest.write("NICK")
        for line in guest.read():
            if guest.nickname is not None:
                if line:
                    Log.line(CYAN, f"{guest.nickname}: {line}")
                    lobby.tell(f"{guest.nickname}: {line}", except_for=guest)
                continue
            reason = lobby.welcome(guest, line)
            if reason:
                Log.line(YELLOW, f"[INFO] ditolak: {reason}")
                guest.write(f"ERR {reason}", "NICK")
    except OSError as problem:
        Log.info(f"Koneksi {guest.ip} terputus: {problem}")
    except UnicodeDecodeError:
        Log.info(f"{guest.ip} mengirim sesuatu yang bukan UTF-8")
    finally:
        lobby.farewell(guest)
        guest.push_out()
        with guest.pen:
            guest.conn.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    Log.line(GREY, "=" * 40)
    Log.info("Server sedang dimulai")
    try:
        listener = socket.create_server((options.host, options.port), backlog=256)
    except (OSError, OverflowError) as problem:
        print(f"[ERROR] Port {options.port} tidak bisa dipakai: {problem}", file=sys.stderr)
        return 1
    lobby = Lobby()
    try:
        Log.line(GREEN, "Server menunggu koneksi...")
        while True:
            try:
                conn, (ip, _) = listener.accept()
            except OSError as problem:
                Log.info(f"accept gagal: {problem}")
                time.sleep(0.2)
                continue
            threading.Thread(target=host, args=(lobby, Guest(conn, ip)), daemon=True).start()
    except KeyboardInterrupt:
        print(f"{GREY}[INFO] Server berhenti, sampai jumpa{RESET}", flush=True)
        os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
