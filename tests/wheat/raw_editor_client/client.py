"""A line editor of its own: cbreak mode brings every key, and it echoes them itself. POSIX.

Here because what was half typed is drawn again below an arriving line, without `readline`.
"""

import argparse
import codecs
import os
import selectors
import socket
import sys

try:
    import termios
    import tty
except ImportError:
    termios = None


class Screen:
    """Draws one input row: a label and what is typed so far."""

    def __init__(self):
        self.own_echo = False
        self.before = None
        if termios and os.isatty(0) and os.isatty(1):
            self.before = termios.tcgetattr(0)
            tty.setcbreak(0)  # no echo by the system; Ctrl-C still a signal
            self.own_echo = True
        self.label, self.typed = "", ""

    def restore(self):
        if self.before is not None:
            termios.tcsetattr(0, termios.TCSADRAIN, self.before)

    def out(self, text):
        sys.stdout.write(text)
        sys.stdout.flush()

    def ask(self, label):
        self.label = label
        self.out(label + (self.typed if self.own_echo else ""))

    def above(self, line):
        """The line takes the place of the input row, which comes again below."""
        again = self.typed if self.own_echo else ""
        if self.own_echo:
            self.out(f"\x1b[G\x1b[J{line}\n{self.label}{again}")
        else:
            self.out(f"{line}\n{self.label}")

    def say(self, line):
        self.label = ""
        self.out(("\r\x1b[K" if self.own_echo else "") + line + "\n")


class Editor:
    def __init__(self, screen):
        self.screen = screen
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.keys = ""

    def feed(self, data):
        self.keys += self.decoder.decode(data)

    def lines(self):
        """Lines that are complete; None for the end of input."""
        while self.keys:
            key, self.keys = self.keys[0], self.keys[1:]
            if key in "\r\n":
                text, self.screen.typed = self.screen.typed, ""
                if self.screen.own_echo:
                    self.screen.out("\n")
                yield text
            elif self.screen.own_echo and key == "\x04":
                if not self.screen.typed:
                    yield None
            elif self.screen.own_echo and key in "\x7f\b":
                if self.screen.typed:
                    self.screen.typed = self.screen.typed[:-1]
                    self.screen.out(f"\r\x1b[K{self.screen.label}{self.screen.typed}")
            elif self.screen.own_echo and key < " " and key != "\t":
                pass
            else:
                self.screen.typed += key
                if self.screen.own_echo:
                    self.screen.out(key)


def chat(sock, screen):
    editor = Editor(screen)
    mode, rest, at_end = "wait", b"", False
    sel = selectors.DefaultSelector()
    sel.register(sock, selectors.EVENT_READ)
    try:
        sel.register(0, selectors.EVENT_READ)
    except (PermissionError, ValueError):
        pass
    while True:
        for key, _ in sel.select():
            if key.fileobj == 0:
                data = os.read(0, 1000)
                if not data:
                    sel.unregister(0)
                    at_end = True
                editor.feed(data)
                continue
            try:
                data = sock.recv(8192)
            except OSError:
                data = b""
            if not data:
                screen.say("Server memutus koneksi. Program berakhir.")
                return 1
            *whole, rest = (rest + data).split(b"\n")
            for raw in whole:
                line = raw.removesuffix(b"\r").decode("utf-8", "replace")
                if mode == "chat":
                    screen.above(line)
                elif line == "NICK":
                    mode = "name"
                    screen.ask("Masukkan username: ")
                elif line == "OK":
                    mode = "chat"
                    screen.ask(">> ")
                elif line.startswith("ERR"):
                    screen.say("Username ditolak, alasannya: " + line[3:].strip())
                elif mode == "name":
                    screen.above(line)
                else:
                    screen.say(line)
        if mode == "wait":
            continue
        for text in editor.lines():
            if text is None:
                return 0
            if mode == "name":
                sock.sendall(text.encode() + b"\n")
                mode, screen.label = "wait", ""
                break
            if text:
                sock.sendall(text.encode() + b"\n")
            screen.ask(">> ")
        if at_end and mode != "wait" and not editor.keys:
            return 0


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--host", default="127.0.0.1")
    ap.add_argument("--port", type=int, default=55555)
    ns = ap.parse_args()
    try:
        sock = socket.create_connection((ns.host, ns.port))
    except OSError as e:
        print(f"Belum ada server di {ns.host}:{ns.port}: {e}", file=sys.stderr)
        return 1
    screen = Screen()
    try:
        status = chat(sock, screen)
    except KeyboardInterrupt:
        status = 0
    except OSError:
        screen.say("Server hilang.")
        status = 1
    finally:
        screen.restore()
    if status == 0:
        print()
        try:
            sock.shutdown(socket.SHUT_WR)
            sock.settimeout(0.3)
            while sock.recv(4096):
                pass
        except (OSError, KeyboardInterrupt):
            pass
    return status


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(0)
