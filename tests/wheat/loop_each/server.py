"""A thread for each client, and in each thread an asyncio loop of its own.

Here because it is asyncio *with* a thread for each client: lines cross by call_soon_threadsafe().
"""

import argparse
import asyncio
import contextlib
import os
import socket
import sys
import threading
import unicodedata

lock = threading.Lock()
desks = {}


def valid(n):
    return (
        0 < len(n) <= 20
        and not n.startswith("*")
        and not any(x == ":" or x.isspace() or unicodedata.category(x) == "Cc" for x in n)
    )


class Desk:
    def __init__(self, loop, writer):
        self.loop, self.writer = loop, writer

    def post(self, line):
        """From any thread, the lock held: the loop cannot be closed meanwhile."""
        self.loop.call_soon_threadsafe(self.write, line)

    def write(self, line):
        if not self.writer.is_closing():
            self.writer.write(f"{line}\n".encode())
            if self.writer.transport.get_write_buffer_size() > 3_000_000:
                self.writer.transport.abort()


async def converse(sock, ip):
    reader, writer = await asyncio.open_connection(sock=sock, limit=1 << 16)
    desk, name = Desk(asyncio.get_running_loop(), writer), None
    try:
        desk.write("NICK")
        while True:
            raw = await reader.readuntil(b"\n")
            text = raw[:-1].removesuffix(b"\r").decode()
            with lock:
                if name is None:
                    if valid(text) and text not in desks:
                        desks[text], name = desk, text
                        desk.write("OK")
                        print(f"Client {ip} terhubung dengan nickname: {name}", flush=True)
                    else:
                        desk.write("ERR nama tidak dapat dipakai")
                        desk.write("NICK")
                elif text:
                    print(f"{name}: {text}", flush=True)
                    for other in desks.values():
                        if other is not desk:
                            other.post(f"{name}: {text}")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError, UnicodeDecodeError):
        pass
    finally:
        with lock:
            if name is not None:
                del desks[name]
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def serve(sock, addr):
    sock.setblocking(False)
    asyncio.run(converse(sock, addr[0]))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--host", default="127.0.0.1")
    ap.add_argument("--port", type=int, default=55555)
    a = ap.parse_args()
    try:
        door = socket.create_server((a.host, a.port))
    except OSError as e:
        print(f"Port {a.port}: {e.strerror}", file=sys.stderr)
        return 1
    print("Server menunggu koneksi...", flush=True)
    while True:
        threading.Thread(target=serve, args=door.accept(), daemon=True).start()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        os._exit(0)
