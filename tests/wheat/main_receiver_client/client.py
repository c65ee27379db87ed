"""The receiver is the main thread; input() waits in a daemon thread.

Here because the endings turn round: the main thread sees the server go, the other the end of input.
"""

import argparse
import os
import select
import signal
import socket
import sys
import threading
import time

state = threading.Condition()  # guards the four below and everything that is written
phase = "connected"  # "connected", "asked" for a name, "joined", "leaving"
row = ""  # the prompt on the last row
server_is_gone = False
asked = 0  # how often the server asked for a name


def put(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def erase():
    return "\r\x1b[2K" if sys.stdout.isatty() else ""


def finish(status, sentence):
    """Needs the state. The process ends here, whatever the other thread waits for."""
    put(sentence)
    os._exit(status)


def prompt(text):
    global row
    with state:
        row = text
        put(erase() + text)
    line = input()
    with state:
        row = ""
    return line


def type_and_send(sock):
    """The input thread."""
    answered = 0
    try:
        while True:
            with state:
                state.wait_for(lambda: phase == "joined" or asked > answered)
                is_joined = phase == "joined"
                answered = asked
            line = prompt(">> " if is_joined else "Masukkan username: ")
            sock.sendall(line.encode("utf-8", "replace") + b"\n")
    except EOFError:
        leave(sock)
    except OSError:
        pass  # the main thread has noticed too, and says so


def leave(sock):
    global phase, row
    with state:
        phase, row = "leaving", ""
    try:
        sock.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    until = time.monotonic() + 1
    if threading.current_thread() is threading.main_thread():
        while time.monotonic() < until and receive_some(sock):
            pass
        state.acquire()
    else:
        state.acquire()
        state.wait_for(lambda: server_is_gone, timeout=1)
    finish(0, "\n")


def receive_some(sock):
    """At most half a second. False at the end of the connection."""
    ready, _, _ = select.select([sock], [], [], 0.5)  # wakes now and then to let Ctrl-C in
    if not ready:
        return True
    try:
        chunk = sock.recv(8192)
    except OSError:
        return False
    receive_some.buffer += chunk
    while b"\n" in receive_some.buffer:
        line, _, receive_some.buffer = receive_some.buffer.partition(b"\n")
        react(line.removesuffix(b"\r").decode("utf-8", "replace"))
    return chunk != b""


receive_some.buffer = b""


def react(line):
    global phase, asked
    with state:
        if phase == "leaving":
            return
        if phase in ("connected", "asked") and line == "NICK":
            phase = "asked"
            asked += 1
        elif phase == "asked" and line == "OK":
            phase = "joined"
        elif phase == "asked" and line.startswith("ERR"):
            put(f"{erase()}Username ditolak: {line[4:]}\n{row}")
        else:
            put(f"{erase()}{line}\n{row}")
        state.notify_all()


def main():
    global server_is_gone
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    for stream in (sys.stdin, sys.stdout):
        stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        sock = socket.create_connection((options.host, options.port), timeout=5)
        sock.settimeout(None)
    except (OSError, OverflowError):
        sys.exit(f"Server {options.host}:{options.port} tidak dapat dihubungi.")
    except KeyboardInterrupt:
        sys.exit(0)
    threading.Thread(target=type_and_send, args=(sock,), daemon=True).start()
    try:
        while receive_some(sock):
            pass
        with state:
            if phase != "leaving":
                finish(1, f"{erase()}Koneksi ke server terputus.\n")
            server_is_gone = True
            state.notify_all()
        while True:
            time.sleep(1)  # the input thread is ending the process
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        leave(sock)


if __name__ == "__main__":
    main()
