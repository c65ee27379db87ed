"""asyncio.Protocol: callbacks, no coroutine for a client; the transport does the buffering.

Here because it is the other asyncio: lines are framed by hand, leaving has three ways in.
"""

import argparse
import asyncio
import os
import sys
import unicodedata

TOO_FAR_BEHIND = 32_000_000  # bytes in a transport's buffer


class Room:
    def __init__(self):
        self.by_name = {}

    def refusal(self, name):
        if not 1 <= len(name) <= 20:
            return "panjang nama 1 sampai 20 karakter"
        if name.startswith("*") or ":" in name:
            return "nama tidak boleh berisi titik dua atau diawali bintang"
        if any(c.isspace() or unicodedata.category(c) == "Cc" for c in name):
            return "nama tidak boleh berisi spasi atau karakter kendali"
        if name in self.by_name:
            return f"nama {name} sudah dipakai"
        return None


class ChatProtocol(asyncio.Protocol):
    def __init__(self, room):
        self.room = room
        self.name = None
        self.pending = b""

    def connection_made(self, transport):
        self.transport = transport
        self.say("NICK")

    def say(self, line):
        if self.transport.is_closing():
            return
        self.transport.write(line.encode() + b"\n")
        if self.transport.get_write_buffer_size() > TOO_FAR_BEHIND:
            self.transport.abort()

    def data_received(self, data):
        *lines, self.pending = (self.pending + data).split(b"\n")
        try:
            for line in lines:
                if self.transport.is_closing():
                    return
                self.line_received(line.removesuffix(b"\r").decode())
        except UnicodeDecodeError:
            self.drop()
            return
        if len(self.pending) > 4097:
            self.drop()

    def line_received(self, line):
        if self.name is None:
            reason = self.room.refusal(line)
            if reason:
                self.say(f"ERR {reason}")
                self.say("NICK")
                return
            self.name = line
            self.room.by_name[line] = self
            self.say("OK")
            ip = (self.transport.get_extra_info("peername") or "?")[0]  # None after a reset
            print(f"Client {ip} terhubung dengan nickname: {line}", flush=True)
        elif line:
            print(f"{self.name}: {line}", flush=True)
            for other in self.room.by_name.values():
                if other is not self:
                    other.say(f"{self.name}: {line}")

    def leave(self):
        if self.room.by_name.get(self.name) is self:
            del self.room.by_name[self.name]

    def drop(self):
        self.leave()
        self.transport.abort()

    def eof_received(self):
        self.leave()
        # None closes once the buffer is empty, which may be never: so not without an end.
        asyncio.get_running_loop().call_later(1, self.transport.abort)

    def connection_lost(self, exc):
        self.leave()


async def main(host, port):
    room = Room()
    loop = asyncio.get_running_loop()
    try:
        await loop.create_server(lambda: ChatProtocol(room), host, port, backlog=300)
    except (OSError, OverflowError) as problem:
        print(f"Port {port} di {host} tidak bisa dipakai: {problem}", file=sys.stderr)
        return 1
    print("Server menunggu koneksi...", flush=True)
    try:
        await loop.create_future()
    except asyncio.CancelledError:  # Ctrl-C
        # At once: 3.13 prints a traceback for what was accepted while the server was being closed.
        sys.stdout.flush()
        os._exit(0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    try:
        sys.exit(asyncio.run(main(options.host, options.port)))
    except KeyboardInterrupt:  # before the server was there
        sys.exit(130)
