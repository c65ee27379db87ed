"""The room of two_files/server.py: who is in, and how a line reaches them. Knows no accept()."""

import contextlib
import re
import socket
import threading

FORBIDDEN = re.compile(r"[\s:\x00-\x1f\x7f-\x9f]")


class Refused(Exception):
    """The nickname cannot be had; the text is the reason."""


class Participant:
    def __init__(self, connection, ip):
        self.connection = connection
        self.ip = ip
        self.nickname = None
        self.speaking = threading.Lock()
        connection.settimeout(0.5)  # for a reader that does not read

    def send(self, *lines):
        with self.speaking:
            self.send_now(*lines)

    def send_now(self, *lines):
        """Needs self.speaking. After a failure nothing more can be sent, not even the rest."""
        try:
            self.connection.sendall("".join(f"{line}\n" for line in lines).encode("utf-8"))
        except OSError:
            self.disconnect()
            raise

    def disconnect(self):
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.disconnect()
        with self.speaking:
            self.connection.close()


class ChatRoom:
    def __init__(self):
        self.participants = {}
        self.lock = threading.Lock()

    def join(self, participant, nickname):
        if not 1 <= len(nickname) <= 20:
            raise Refused("nama harus 1 sampai 20 karakter")
        if nickname.startswith("*") or FORBIDDEN.search(nickname):
            raise Refused("nama berisi karakter terlarang")
        with participant.speaking:
            with self.lock:
                if nickname in self.participants:
                    raise Refused("nama sudah dipakai")
                self.participants[nickname] = participant
                participant.nickname = nickname
            participant.send_now("OK")

    def leave(self, participant):
        with self.lock:
            if self.participants.get(participant.nickname) is participant:
                del self.participants[participant.nickname]

    def broadcast(self, author, text):
        with self.lock:
            listeners = [p for p in self.participants.values() if p is not author]
        for listener in listeners:
            with contextlib.suppress(OSError):
                listener.send(f"{author.nickname}: {text}")
