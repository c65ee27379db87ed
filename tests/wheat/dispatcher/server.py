"""One dispatcher thread owns the room; reader threads only put events into its queue. POSIX.

Here because nothing is shared or locked: names, sends and the console belong to one thread.
"""

import argparse
import collections
import queue
import signal
import socket
import sys
import threading
import time
import unicodedata

BACKLOG_LIMIT = 32_000_000  # bytes kept for one slow reader before it is dropped
RETRY = 0.02  # seconds between two tries, only while somebody is behind

Event = collections.namedtuple("Event", "kind peer data", defaults=(None, b""))


class Peer:
    """State of one connection. Only the dispatcher thread touches it, but for sock.recv()."""

    def __init__(self, sock, ip):
        self.sock = sock
        self.ip = ip
        self.name = None
        self.inbox = bytearray()
        self.outbox = bytearray()
        self.doomed = False

    def doom(self):
        """Its reader wakes from recv() and reports that it is gone; only then it is closed."""
        self.doomed = True
        self.outbox.clear()
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Dispatcher(threading.Thread):
    def __init__(self, events):
        super().__init__(daemon=True)
        self.events = events
        self.peers = set()
        self.names = {}
        self.behind = set()

    def run(self):
        print("Server menunggu koneksi...", flush=True)
        reactions = {"came": self.came, "heard": self.heard, "gone": self.gone}
        while True:
            try:
                event = self.events.get(timeout=RETRY if self.behind else None)
            except queue.Empty:
                event = None
            for peer in list(self.behind):
                self.flush(peer)
            if event is None:
                continue
            if event.kind == "stop":
                break
            reactions[event.kind](event.peer, event.data)
        for peer in self.peers:
            peer.doom()

    def came(self, peer, _):
        self.peers.add(peer)
        self.post(peer, "NICK")

    def heard(self, peer, data):
        peer.inbox += data
        while not peer.doomed and b"\n" in peer.inbox:
            raw, _, peer.inbox = peer.inbox.partition(b"\n")
            try:
                self.line(peer, raw.removesuffix(b"\r").decode())
            except UnicodeDecodeError:
                peer.doom()
        if len(peer.inbox) > 4097:
            peer.doom()

    def gone(self, peer, _):
        if self.names.get(peer.name) is peer:
            del self.names[peer.name]
        self.flush(peer)
        self.behind.discard(peer)
        self.peers.discard(peer)
        peer.sock.close()

    def line(self, peer, text):
        if peer.name is None:
            self.claim(peer, text)
        elif text:
            print(f"{peer.name}: {text}", flush=True)
            for other in self.names.values():
                if other is not peer:
                    self.post(other, f"{peer.name}: {text}")

    def claim(self, peer, name):
        odd = [c for c in name if c in ":" or c.isspace() or unicodedata.category(c) == "Cc"]
        if odd or not 0 < len(name) < 21 or name.startswith("*"):
            self.post(peer, "ERR nama tidak sah\nNICK")
        elif name in self.names:
            self.post(peer, "ERR nama sedang dipakai\nNICK")
        else:
            self.names[name] = peer
            peer.name = name
            self.post(peer, "OK")
            print(f"Client {peer.ip} terhubung dengan nickname: {name}", flush=True)

    def post(self, peer, text):
        if peer.doomed:
            return
        peer.outbox += text.encode() + b"\n"
        self.flush(peer)
        if len(peer.outbox) > BACKLOG_LIMIT:
            peer.doom()

    def flush(self, peer):
        try:
            while peer.outbox and not peer.doomed:
                sent = peer.sock.send(peer.outbox, socket.MSG_DONTWAIT)
                del peer.outbox[:sent]
        except BlockingIOError:
            self.behind.add(peer)
            return
        except OSError:
            peer.doom()
        self.behind.discard(peer)


def read(peer, events):
    try:
        while data := peer.sock.recv(8192):
            events.put(Event("heard", peer, data))
    except OSError:
        pass
    events.put(Event("gone", peer))  # from here on this thread leaves the socket alone


def accept(listener, events):
    while True:
        try:
            sock, address = listener.accept()
        except OSError:
            time.sleep(0.1)
            continue
        peer = Peer(sock, address[0])
        events.put(Event("came", peer))
        threading.Thread(target=read, args=(peer, events), daemon=True).start()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=55555)
    options = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    try:
        listener = socket.create_server((options.host, options.port), backlog=256)
    except (OSError, OverflowError) as problem:
        sys.exit(f"Server tidak dapat memakai port {options.port}: {problem}")
    events = queue.Queue(maxsize=50)  # readers wait when the dispatcher is behind
    dispatcher = Dispatcher(events)
    try:
        dispatcher.start()
        threading.Thread(target=accept, args=(listener, events), daemon=True).start()
        while True:  # a wait without an end could miss a Ctrl-C that another thread took
            time.sleep(0.3)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        events.put(Event("stop"))
        dispatcher.join(1)


if __name__ == "__main__":
    main()
