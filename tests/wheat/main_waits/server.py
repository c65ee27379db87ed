"""Accepts in a thread of its own; the main thread blocks SIGINT and waits in sigwait(). POSIX.

Here because Ctrl-C need not be a KeyboardInterrupt: it ends by a flag that everybody looks at.
"""

import argparse
import hashlib
import select
import signal
import socket
import sys
import threading
import time
import unicodedata

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
begin = time.perf_counter()
KEY = b"modul4"
for _ in range(6):
    KEY = hashlib.pbkdf2_hmac("sha256", KEY, b"garam", 60_000)

stop = threading.Event()
members: dict[str, "Member"] = {}
lock = threading.Lock()


class Member:
    def __init__(self, sock):
        self.sock = sock
        self.lock = threading.Lock()

    def send(self, text):
        data = text.encode() + b"\n"
        with self.lock:
            try:
                if self.sock.send(data, socket.MSG_DONTWAIT) < len(data):
                    self.sock.shutdown(socket.SHUT_RDWR)
            except BlockingIOError:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def out(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def receive(sock):
    buf = b""
    while not stop.is_set():
        if not select.select([sock], [], [], 0.25)[0]:
            continue
        part = sock.recv(4096)
        if not part:
            return
        buf += part
        while True:
            head, nl, tail = buf.partition(b"\n")
            if not nl:
                break
            buf = tail
            yield head[:-1].decode() if head.endswith(b"\r") else head.decode()
        if len(buf) > 32768:
            return


def allowed(name):
    if not name or len(name) > 20 or name[0] == "*":
        return False
    return all(c != ":" and not c.isspace() and unicodedata.category(c) != "Cc" for c in name)


def serve(sock, addr):
    me, name = Member(sock), None
    try:
        me.send("NICK")
        for text in receive(sock):
            if name is None:
                with lock:
                    ok = allowed(text) and text not in members
                    if ok:
                        me.send("OK")
                        members[text] = me
                        name = text
                if ok:
                    out(f"Client {addr[0]} terhubung dengan nickname: {name}")
                else:
                    me.send("ERR pilih nama lain")
                    me.send("NICK")
            elif text:
                out(f"{name}: {text}")
                with lock:
                    others = [m for m in members.values() if m is not me]
                for m in others:
                    m.send(f"{name}: {text}")
    except (OSError, UnicodeDecodeError):
        pass
    finally:
        if name is not None:
            with lock:
                del members[name]
        with me.lock:
            sock.close()


def accept(listener):
    listener.settimeout(0.25)
    while not stop.is_set():
        try:
            sock, addr = listener.accept()
        except TimeoutError:
            continue
        threading.Thread(target=serve, args=(sock, addr)).start()
    listener.close()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--host", default="127.0.0.1")
    ap.add_argument("--port", type=int, default=55555)
    ns = ap.parse_args()
    out(f"(kunci sesi {KEY.hex()[:8]}, {time.perf_counter() - begin:.1f} s)")
    try:
        listener = socket.create_server((ns.host, ns.port))
    except OSError as e:
        print("Port tidak tersedia:", e, file=sys.stderr)
        return 1
    out("Server menunggu koneksi...")
    acceptor = threading.Thread(target=accept, args=(listener,))
    acceptor.start()
    signal.sigwait({signal.SIGINT, signal.SIGTERM})
    stop.set()
    acceptor.join()
    out("Server selesai.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
