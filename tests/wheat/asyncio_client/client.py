"""asyncio: the session is two coroutines; a daemon thread feeds typed lines into the loop.

Here because screen and socket then belong to one thread, and only readline() blocks elsewhere.
"""

import argparse
import asyncio
import contextlib
import os
import sys
import threading

ERASE = "\r\33[K" if sys.stdout.isatty() else ""


def feed_typed_lines(loop, typed):
    """The keyboard thread. None stands for the end of input."""
    with contextlib.suppress(RuntimeError):  # the loop is closed: the program is ending
        while line := sys.stdin.readline():
            loop.call_soon_threadsafe(typed.put_nowait, line.removesuffix("\n"))
        loop.call_soon_threadsafe(typed.put_nowait, None)


class Chat:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.typed = asyncio.Queue()
        self.handshake = asyncio.Queue()
        self.prompt = ""

    def draw(self, text):
        sys.stdout.write(ERASE + text)
        sys.stdout.flush()

    async def listen(self):
        """Shows what arrives, until the server goes."""
        joined = False
        while line := await self.next_line():
            text = line.rstrip(b"\n").removesuffix(b"\r").decode("utf-8", "replace")
            if not joined and text in ("NICK", "OK"):
                joined = text == "OK"
                self.handshake.put_nowait(text)
            elif not joined and text.startswith("ERR"):
                self.draw(f"Server: {text[4:]}\n{self.prompt}")
            else:
                self.draw(f"{text}\n{self.prompt}")

    async def next_line(self):
        try:
            line = await self.reader.readline()
        except (OSError, ValueError):
            return b""
        return line if line.endswith(b"\n") else b""

    async def talk(self):
        """Sends what is typed, until the end of input."""
        while await self.handshake.get() == "NICK":
            if not await self.ask("Masukkan username: "):
                return
        while await self.ask(">> "):
            pass

    async def ask(self, prompt):
        self.prompt = prompt
        self.draw(prompt)
        text = await self.typed.get()
        self.prompt = ""
        if text is None:
            return False
        self.writer.write(text.encode("utf-8", "replace") + b"\n")
        try:
            await self.writer.drain()
        except OSError:
            await asyncio.Event().wait()  # listen() sees the end too, and ends the program
        return True

    async def leave(self):
        self.writer.write_eof()
        while await self.reader.read(65536):
            pass


async def session(host, port):
    try:
        streams = await asyncio.wait_for(asyncio.open_connection(host, port, limit=2**20), 5)
    except (OSError, OverflowError) as problem:  # TimeoutError is an OSError
        print(f"Server di {host}:{port} tidak menjawab. {problem}", file=sys.stderr)
        return 1
    chat = Chat(*streams)
    keyboard = (asyncio.get_running_loop(), chat.typed)
    threading.Thread(target=feed_typed_lines, args=keyboard, daemon=True).start()
    listening = asyncio.create_task(chat.listen())
    talking = asyncio.create_task(chat.talk())
    try:
        done, _ = await asyncio.wait({listening, talking}, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:  # Ctrl-C
        done = set()
    if listening in done:
        chat.draw("Koneksi ke server hilang.\n")
        return 1
    chat.prompt = ""
    print(flush=True)
    listening.cancel()
    try:
        await asyncio.wait({listening})
        await asyncio.wait_for(chat.leave(), 1)
    except (OSError, asyncio.CancelledError):
        pass
    return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    try:
        status = asyncio.run(session(options.host, options.port))
    except KeyboardInterrupt:
        status = 0
    sys.stdout.flush()
    os._exit(status)  # the keyboard thread may sit in readline() for ever


if __name__ == "__main__":
    main()
