"""asyncio streams: a task for each client, and one more that empties the client's queue.

Here because it is right without threads: it lacks concurrency.thread_per_client and nothing else.
"""

import argparse
import asyncio
import contextlib
import os
import sys
import unicodedata


def is_nickname(text):
    def fits(c):
        return c != ":" and not c.isspace() and unicodedata.category(c) != "Cc"

    return 0 < len(text) <= 20 and text[0] != "*" and all(map(fits, text))


class Visitor:
    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer
        # None when it was reset before it was accepted.
        self.ip = (writer.get_extra_info("peername") or "?")[0]
        self.queue = asyncio.Queue(maxsize=100_000)
        self.delivery = asyncio.create_task(self.deliver())

    def post(self, line):
        """Never waits. A reader that is hopelessly behind loses its connection."""
        try:
            self.queue.put_nowait(f"{line}\n".encode())
        except asyncio.QueueFull:
            self.writer.transport.abort()

    async def deliver(self):
        with contextlib.suppress(OSError):
            while (data := await self.queue.get()) is not None:
                self.writer.write(data)
                await self.writer.drain()

    async def lines(self):
        """Whole lines only: half a line at the end is dropped."""
        while (raw := await self.reader.readline()).endswith(b"\n"):
            yield raw[:-1].removesuffix(b"\r").decode()

    async def close(self):
        with contextlib.suppress(OSError, asyncio.QueueFull):
            self.queue.put_nowait(None)
            await asyncio.wait_for(self.delivery, 1)  # its TimeoutError is an OSError
        self.delivery.cancel()
        self.writer.close()
        with contextlib.suppress(OSError):
            await asyncio.wait_for(self.writer.wait_closed(), 1)
        self.writer.transport.abort()


class Chat:
    def __init__(self):
        self.members = {}

    async def serve(self, reader, writer):
        visitor = Visitor(reader, writer)
        name = None
        try:
            visitor.post("NICK")
            async for line in visitor.lines():
                if name is None:
                    name = self.join(line, visitor)
                elif line:
                    self.say(name, line)
        except (OSError, ValueError):
            pass  # reset; or too long a line, or not UTF-8
        finally:
            if name is not None:
                del self.members[name]
            await visitor.close()

    def join(self, name, visitor):
        if not is_nickname(name):
            visitor.post("ERR nama tidak sah\nNICK")
        elif name in self.members:
            visitor.post("ERR nama sudah dipakai\nNICK")
        else:
            self.members[name] = visitor
            visitor.post("OK")
            print(f"Client {visitor.ip} terhubung dengan nickname: {name}", flush=True)
            return name
        return None

    def say(self, name, text):
        print(f"{name}: {text}", flush=True)
        for other, visitor in self.members.items():
            if other != name:
                visitor.post(f"{name}: {text}")


async def main(host, port):
    chat = Chat()
    try:
        await asyncio.start_server(chat.serve, host, port, backlog=256)
    except (OSError, OverflowError) as problem:
        print(f"Server gagal memakai {host}:{port}: {problem}", file=sys.stderr)
        return 1
    try:
        print("Server menunggu koneksi...", flush=True)
        await asyncio.Event().wait()  # until Ctrl-C cancels it
    finally:
        # At once: 3.11 prints a traceback for each client's task that asyncio.run() would cancel.
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
    except KeyboardInterrupt:
        pass
