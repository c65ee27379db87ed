"""`socket.socket` for the submission: the same methods, over the network in memory.

Each one owns a real, never connected socket, so that `fileno()` is a number like any other.

Longer than 300 lines because it has one class for one class of the standard library: whatever a
program may call on a socket is here.
"""

from __future__ import annotations

import errno
import importlib
import socket
import sys
from collections.abc import Callable
from typing import Any

from .network import Address, Port, Stream, failure
from .world import network, scheduler

Real: Any = socket.socket
TCP_FAMILIES = {
    int(getattr(socket, name))
    for name in ("AF_INET", "AF_INET6", "AF_UNIX")
    if hasattr(socket, name)
}
DONTWAIT = int(getattr(socket, "MSG_DONTWAIT", 0))
PEEK = int(socket.MSG_PEEK)

# What stands behind a file number: for select and selectors.
ends: dict[int, Stream | Port] = {}
# Numbers that a socket gave away with detach(), until another socket takes them over.
detached: dict[int, tuple[Stream | Port | None, Address]] = {}


class Socket(Real):  # type: ignore[misc]
    """A TCP socket whose calls block a task, never the thread of the operating system."""

    def __init__(
        self,
        family: int = -1,
        type: int = -1,  # noqa: A002 (the name that callers use)
        proto: int = -1,
        fileno: int | None = None,
    ) -> None:
        super().__init__(family, type, proto, fileno)
        self.end: Stream | Port | None = None
        self.address: Address = ("0.0.0.0", 0)
        self.patience: float | None = socket.getdefaulttimeout()
        # Which thread limited it last, and where.
        self.limited_by: list[Any] = []
        self.linger_off = False
        self.send_patience: float | None = None
        self.receive_patience: float | None = None
        self.virtual = (
            fileno is None
            and int(self.family) in TCP_FAMILIES
            and (int(self.type) & 0xF) == int(socket.SOCK_STREAM)
        )
        if fileno is not None and fileno in detached:
            self.end, self.address = detached.pop(fileno)
            self.virtual = True

    # Naming and state.

    def _stream(self) -> Stream:
        if self._closed_here():
            raise failure(errno.EBADF)
        if not isinstance(self.end, Stream):
            raise failure(errno.ENOTCONN)
        return self.end

    def _closed_here(self) -> bool:
        return bool(super().fileno() == -1)

    def bind(self, address: Any) -> None:
        if not self.virtual:
            super().bind(address)
            return
        host, port = (address[0], int(address[1])) if isinstance(address, tuple) else (address, 1)
        if not 0 <= port <= 65535:
            raise OverflowError("bind(): port must be 0-65535.")
        self.address = (host or "0.0.0.0", port or network.fresh_port())

    def listen(self, backlog: int = 128) -> None:
        if self._closed_here():
            raise failure(errno.EBADF)
        if isinstance(self.end, Port):
            self.end.backlog = max(backlog, 1)
            return
        if not self.address[1]:
            self.address = (self.address[0], network.fresh_port())
        self.end = network.listen(self.address, backlog)
        ends[self.fileno()] = self.end
        scheduler.progress()

    def getsockname(self) -> Any:
        if self._closed_here():
            raise failure(errno.EBADF)
        return self.end.local if isinstance(self.end, Stream) else self.address

    def getpeername(self) -> Any:
        stream = self._stream()
        if stream.dead:
            raise failure(errno.ENOTCONN)
        return stream.remote

    def settimeout(self, value: float | None) -> None:
        if value is not None and value < 0:
            raise ValueError("Timeout value out of range")
        self.patience = None if value is None else float(value)
        if self.patience is not None and self.virtual and scheduler.expired is not None:
            # This is no point of a schedule, so the scheduler has not seen the line.
            key, label, file, _ = scheduler.current.whereabouts
            self.limited_by = [key, label, file, sys._getframe(1).f_lineno]

    def gettimeout(self) -> float | None:
        return self.patience

    @property
    def timeout(self) -> float | None:
        return self.patience

    def setblocking(self, flag: bool) -> None:
        self.patience = None if flag else 0.0

    def getblocking(self) -> bool:
        return self.patience != 0.0

    def setsockopt(self, level: int, name: int, *value: Any) -> None:
        if self._closed_here():
            raise failure(errno.EBADF)
        if level == socket.SOL_SOCKET and name == socket.SO_LINGER and value:
            raw = value[0] if isinstance(value[0], bytes) else b"\0" * 8
            half = len(raw) // 2
            self.linger_off = any(raw[:half]) and not any(raw[half:])
            return
        if level == socket.SOL_SOCKET and name in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
            seconds = _seconds(value[0])
            if name == socket.SO_SNDTIMEO:
                self.send_patience = seconds
            else:
                self.receive_patience = seconds
            return
        super().setsockopt(level, name, *value)

    def getsockopt(self, level: int, name: int, *size: int) -> Any:
        if level == socket.SOL_SOCKET and name == socket.SO_ERROR and not size:
            if isinstance(self.end, Stream):
                code, self.end.error = self.end.error, 0
                return code
            return 0
        return super().getsockopt(level, name, *size)

    # Waiting.

    def _wait(
        self, ready: Callable[[], bool], waits: tuple[str, Any], flags: int, kernel: float | None
    ) -> None:
        patience = 0.0 if DONTWAIT and flags & DONTWAIT else self.patience
        scheduler.point()
        if ready():
            return
        if patience == 0.0:
            raise failure(errno.EAGAIN)
        if not scheduler.block(ready, waits, kernel if patience is None else patience):
            if patience is None:
                raise failure(errno.EAGAIN)
            raise TimeoutError("timed out")

    # Listening.

    def accept(self) -> tuple[Any, Any]:
        if not self.virtual:
            return super().accept()  # type: ignore[no-any-return]
        port = self.end
        if self._closed_here():
            raise failure(errno.EBADF)
        if not isinstance(port, Port):
            raise failure(errno.EINVAL)
        self._wait(lambda: bool(port.pending) or not port.open, ("accept", port), 0, None)
        if not port.pending:
            raise failure(errno.EINVAL)
        stream = port.pending.popleft()
        scheduler.dirty = True
        conn = Socket(self.family, self.type, self.proto)
        conn._adopt(stream)
        return conn, stream.remote

    def _adopt(self, stream: Stream) -> None:
        self.end = stream
        self.virtual = True
        ends[self.fileno()] = stream

    # Connecting: only a program that connects to itself does it.

    def connect(self, address: Any) -> None:
        if not self.virtual:
            super().connect(address)
            return
        for port in network.ports:
            if port.open and isinstance(address, tuple) and port.address[1] == address[1]:
                mine = Stream(None, ("127.0.0.1", network.fresh_port()), port.address, "")
                other = Stream(mine, port.address, mine.local, "")
                mine.peer = other
                port.pending.append(other)
                self._adopt(mine)
                scheduler.progress()
                return
        raise failure(errno.ECONNREFUSED)

    def connect_ex(self, address: Any) -> int:
        try:
            self.connect(address)
        except OSError as error:
            return error.errno or errno.ECONNREFUSED
        return 0

    # Receiving.

    def _receive(self, size: int, flags: int) -> bytes:
        stream = self._stream()
        if size < 0:
            raise ValueError("negative buffersize in recv")
        stream.waiting += 1
        try:
            self._wait(stream.readable, ("recv", stream), flags, self.receive_patience)
        except TimeoutError:
            if scheduler.expired is not None and self.limited_by:
                here = scheduler.current.whereabouts
                scheduler.expired.append([here, stream.owner, self.limited_by, scheduler.mark()])
            raise
        finally:
            stream.waiting -= 1
            if stream.closing is not None and not stream.waiting:
                stream.close(stream.closing)
        task = scheduler.current
        if stream.owner and task.key != "main":
            task.label = stream.owner
        task.busy = 0
        data = stream.take(size, bool(flags & PEEK))
        if not data and size and stream.empty_reads > 3:
            scheduler.yield_idly()
        return data

    def recv(self, size: int, flags: int = 0) -> bytes:
        return self._receive(size, flags) if self.virtual else super().recv(size, flags)

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        view = memoryview(buffer).cast("B")
        data = self._receive(nbytes or len(view), flags)
        view[: len(data)] = data
        return len(data)

    def recvfrom(self, size: int, flags: int = 0) -> Any:
        if not self.virtual:
            return super().recvfrom(size, flags)
        return self._receive(size, flags), None

    def recvmsg(self, size: int, *rest: Any) -> Any:
        return self._receive(size, 0), [], 0, None

    # Sending.

    def _send_once(self, data: Any, flags: int) -> int:
        stream = self._stream()
        payload = bytes(data)
        if not payload:
            return 0
        self._wait(stream.writable, ("send", stream), flags, self.send_patience)
        if self._closed_here():
            raise failure(errno.EBADF)
        sent = stream.put(payload)
        me = scheduler.current
        if scheduler.sends is not None:
            held = [[task.label, *lock.place] for task in scheduler.tasks for lock in task.locks]
            scheduler.sends.append([*me.whereabouts, stream.owner, scheduler.mark(), held])
        me.busy = 0
        scheduler.progress()
        return sent

    def send(self, data: Any, flags: int = 0) -> int:
        return self._send_once(data, flags) if self.virtual else super().send(data, flags)

    def sendall(self, data: Any, flags: int = 0) -> None:
        view = memoryview(data).cast("B")
        while len(view):
            view = view[self._send_once(view, flags) :]

    def sendmsg(self, buffers: Any, *rest: Any) -> int:
        return self._send_once(b"".join(bytes(part) for part in buffers), 0)

    def sendto(self, data: Any, *rest: Any) -> int:
        return self._send_once(data, 0) if self.virtual else super().sendto(data, *rest)

    # Ending.

    def shutdown(self, how: int) -> None:
        if not self.virtual:
            super().shutdown(how)
            return
        if isinstance(self.end, Port):
            self.end.open = False
            scheduler.progress()
            return
        self._stream().shut(int(how))
        scheduler.progress()

    def _real_close(self, *args: Any) -> None:
        number = super().fileno()
        ends.pop(number, None)
        super()._real_close(*args)
        end = self.end
        if isinstance(end, Port):
            # As on Linux, a thread in accept() goes on waiting; nobody new is accepted.
            if end in network.ports:
                network.ports.remove(end)
            for stream in end.pending:
                stream.close(abort=True)
        elif isinstance(end, Stream) and not end.closed:
            if end.waiting:
                # The kernel keeps the connection while a call is under way on it.
                end.closing = self.linger_off
            else:
                end.close(self.linger_off)
        scheduler.progress()

    def __del__(self) -> None:
        # Sockets that nobody holds any more are closed, as by the interpreter itself.
        if self.virtual and not self._closed_here():
            self._real_close()

    def detach(self) -> int:
        number = int(super().detach())
        if self.virtual and number >= 0:
            detached[number] = (self.end, self.address)
        return number

    def makefile(
        self,
        mode: str = "r",
        buffering: int | None = None,
        *,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> Any:
        # The C buffers hold a lock of the operating system across a blocking call; these do not.
        pure: Any = importlib.import_module("_pyio")
        reading, writing = "r" in mode, "w" in mode
        raw = socket.SocketIO(self, ("r" if reading else "") + ("w" if writing else ""))  # type: ignore[arg-type]
        self._io_refs += 1
        size = 8192 if buffering is None or buffering < 0 else buffering
        if size == 0:
            return raw
        buffer = (
            pure.BufferedRWPair(raw, raw, size)
            if reading and writing
            else pure.BufferedReader(raw, size)
            if reading
            else pure.BufferedWriter(raw, size)
        )
        if "b" in mode:
            return buffer
        text = pure.TextIOWrapper(
            buffer, encoding or "utf-8", errors, newline, line_buffering=size == 1
        )
        text.mode = mode
        return text


def _seconds(raw: Any) -> float | None:
    """A struct timeval, or on Windows a number of milliseconds, as setsockopt takes it."""
    if isinstance(raw, int):
        return raw / 1000 or None
    if not isinstance(raw, bytes) or len(raw) % 2:
        return None
    half = len(raw) // 2
    seconds = int.from_bytes(raw[:half], "little") + int.from_bytes(raw[half:], "little") / 1e6
    return seconds or None


def socketpair(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
    """Two connected sockets, as programs use them to wake themselves."""
    here, there = Socket(), Socket()
    address = ("127.0.0.1", network.fresh_port())
    one = Stream(None, address, address, "")
    two = Stream(one, address, address, "")
    one.peer = two
    here._adopt(one)
    there._adopt(two)
    return here, there


def create_connection(address: Any, timeout: Any = None, *rest: Any, **more: Any) -> Any:
    sock = Socket()
    sock.connect(address)
    return sock


def install() -> None:
    module: Any = socket
    # In an exception's text it is called what the student knows.
    Socket.__module__, Socket.__name__, Socket.__qualname__ = "socket", "socket", "socket"
    module.socket = module.SocketType = Socket
    module.socketpair = socketpair
    module.create_connection = create_connection
    module.fromfd = _no_fromfd


def _no_fromfd(*args: Any) -> None:
    from .world import unsupported

    unsupported("socket.fromfd")
