"""The racy chaff: each one edit (or two) of a correct twin, named after the misconception.

`source(name)` is the program; an edit whose old text does not occur exactly once is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
TWINS = (
    "dict_lock",
    "two_lists",
    "room_class",
    "writers",
    "handlers",
    "dispatcher",
    "strikes_off",
)


@dataclass(frozen=True)
class Fault:
    """A twin, what is changed in it, and the kinds of violation that may come of it."""

    twin: str
    edits: tuple[tuple[str, str], ...]
    kinds: frozenset[str]


def fault(twin: str, kinds: str, *edits: tuple[str, str]) -> Fault:
    return Fault(twin, edits, frozenset(kinds.split()))


DICT_JOIN = """    with lock:
        if name in clients:
            return False
        clients[name] = conn
        online += 1
        send_line(conn, "OK")
    return True
"""
DICT_SNAPSHOT = """    with lock:
        targets = [conn for name, conn in clients.items() if name != sender]
    for conn in targets:
        send_line(conn, text)
"""
DICT_LEAVE = """    with lock:
        clients.pop(name)
        online -= 1
"""
LIST_JOIN = """    with lock:
        if nickname in nicknames:
            return False
        clients.append(client)
        nicknames.append(nickname)
        send(client, "OK")
        return True
"""
LIST_REMOVE = """    with lock:
        if client in clients:
            index = clients.index(client)
            clients.pop(index)
            nicknames.pop(index)
"""
LIST_BROADCAST = """    with lock:
        for client in clients:
            if client is not sender:
                send(client, message)
"""
ROOM_ENTER = """        with self.members_lock:
            with self.names_lock:
                if name in self.names:
                    return False
                self.names.add(name)
            member.name = name
            self.members.append(member)
            member.tell("OK")
        return True
"""
ROOM_SAY = """        with self.members_lock:
            for member in self.members:
                if member is not speaker:
                    member.tell(f"{speaker.name}:", text)
"""
ROOM_EXIT = """        with self.members_lock:
            with self.names_lock:
                self.names.discard(member.name)
            if member in self.members:
                self.members.remove(member)
"""
ROOM_TELL = """            with self.sending:
                if select.select([], [self.conn], [], 0)[1]:
                    self.conn.sendall(" ".join(words).encode() + b"\\n")
                else:
                    self.conn.shutdown(socket.SHUT_RDWR)
"""
WRITER_REGISTER = """    with guard:
        if name in taken.values():
            return False
        number = next_id
        next_id = number + 1
        taken[number] = name
        member.name, member.number = name, number
        member.send("OK")
        members = members + [member]
        return True
"""
WRITER_UNREGISTER = """    with guard:
        members = [other for other in members if other is not member]
        del taken[member.number]
"""

SEND_IGNORES_ERRORS = """            client.shutdown(socket.SHUT_RDWR)
    except (OSError, ValueError):
        pass
"""

HANDLERS_RELAY = """            person.send(f"{self.name}: {text}")
"""
DISPATCH_ANSWER = """            extra.put(False)
        else:
            room[name] = conn
            send(conn, "OK")
            extra.put(True)
"""
DISPATCH_READ = """def read_lines(conn):
    rest = b""
    while True:
        chunk = conn.recv(4096)
        if not chunk:
            return
        *full, rest = (rest + chunk).split(b"\\n")
        for line in full:
"""

FAULTS: dict[str, Fault] = {
    "name_checked_then_taken_dict": fault(
        "dict_lock",
        "two_holders exception",
        (
            DICT_JOIN,
            """    if name in clients:
        return False
    with lock:
        clients[name] = conn
        online += 1
        send_line(conn, "OK")
    return True
""",
        ),
    ),
    "ok_after_the_lock": fault(
        "dict_lock",
        "not_joined",
        (
            DICT_JOIN,
            """    with lock:
        if name in clients:
            return False
        clients[name] = conn
        online += 1
    send_line(conn, "OK")
    return True
""",
        ),
    ),
    "ok_after_the_list": fault(
        "two_lists",
        "not_joined",
        (
            LIST_JOIN,
            """    with lock:
        if nickname in nicknames:
            return False
        clients.append(client)
        nicknames.append(nickname)
    send(client, "OK")
    return True
""",
        ),
    ),
    "name_checked_then_taken_far_apart": fault(
        "dict_lock",
        "two_holders exception",
        (
            "            if is_valid(want) and join(want, conn):\n",
            "            with lock:\n"
            "                free = want not in clients\n"
            "            if is_valid(want) and free:\n"
            "                join(want, conn)\n",
        ),
        (
            DICT_JOIN,
            """    with lock:
        clients[name] = conn
        online += 1
        send_line(conn, "OK")
    return True
""",
        ),
    ),
    "name_checked_then_taken_list": fault(
        "two_lists",
        "two_holders",
        (
            LIST_JOIN,
            """    if nickname in nicknames:
        return False
    with lock:
        clients.append(client)
        nicknames.append(nickname)
        send(client, "OK")
        return True
""",
        ),
    ),
    "name_checked_then_taken_on_one_line": fault(
        "room_class",
        "two_holders",
        (
            ROOM_ENTER,
            """        if name in self.names or self.names.add(name):
            return False
        with self.members_lock:
            member.name = name
            self.members.append(member)
            member.tell("OK")
        return True
""",
        ),
    ),
    "list_walked_while_changed": fault(
        "two_lists",
        "lost doubled",
        (
            LIST_BROADCAST,
            """    for client in clients:
        if client is not sender:
            send(client, message)
""",
        ),
    ),
    "members_walked_while_changed": fault(
        "room_class",
        "lost doubled",
        (
            ROOM_SAY,
            """        for member in self.members:
            if member is not speaker:
                member.tell(f"{speaker.name}:", text)
""",
        ),
    ),
    "dict_changed_while_walked": fault(
        "dict_lock",
        "exception lost",
        (
            DICT_SNAPSHOT,
            """    for name, conn in clients.items():
        if name != sender:
            send_line(conn, text)
""",
        ),
    ),
    "dict_changed_while_snapshot_is_taken": fault(
        "dict_lock",
        "exception lost",
        (
            DICT_SNAPSHOT,
            """    targets = [conn for name, conn in clients.items() if name != sender]
    for conn in targets:
        send_line(conn, text)
""",
        ),
    ),
    "two_sends_for_one_message": fault(
        "room_class",
        "garbled wrong_name",
        (
            ROOM_TELL,
            """            for word in [*words[:-1], words[-1] + "\\n"]:
                self.conn.sendall(word.encode() + (b"" if word.endswith("\\n") else b" "))
""",
        ),
        (
            ROOM_SAY,
            """        with self.members_lock:
            members = list(self.members)
        for member in members:
            if member is not speaker:
                member.tell(f"{speaker.name}:", text)
""",
        ),
    ),
    "newline_sent_separately": fault(
        "dict_lock",
        "garbled wrong_name",
        (
            '            conn.sendall(f"{text}\\n".encode())\n',
            '            conn.sendall(text.encode())\n            conn.sendall(b"\\n")\n',
        ),
    ),
    "parallel_lists_out_of_step": fault(
        "two_lists",
        "wrong_name exception lost refused_free two_holders",
        (
            LIST_JOIN,
            """    with lock:
        if nickname in nicknames:
            return False
        nicknames.append(nickname)
    clients.append(client)
    send(client, "OK")
    return True
""",
        ),
    ),
    "parallel_lists_removed_in_two_steps": fault(
        "two_lists",
        "wrong_name exception lost refused_free two_holders",
        (
            LIST_REMOVE,
            """    if client in clients:
        index = clients.index(client)
        with lock:
            clients.pop(index)
            nicknames.pop(index)
""",
        ),
    ),
    "removed_twice": fault(
        "two_lists",
        "exception lost refused_free dropped wrong_name",
        (
            SEND_IGNORES_ERRORS,
            "            client.shutdown(socket.SHUT_RDWR)\n    except OSError:\n"
            "        remove(client)\n",
        ),
        (
            LIST_BROADCAST,
            """    with lock:
        present = list(clients)
    for client in present:
        if client is not sender:
            send(client, message)
""",
        ),
        (
            LIST_REMOVE,
            """    if client in clients:
        with lock:
            index = clients.index(client)
            clients.pop(index)
            nicknames.pop(index)
""",
        ),
    ),
    "list_rebound_and_an_update_lost": fault(
        "writers",
        "lost refused_free exception not_joined",
        (
            WRITER_REGISTER,
            """    global members
    with guard:
        if name in taken.values():
            return False
        number = next_id
        next_id = number + 1
        taken[number] = name
        member.name, member.number = name, number
    members = members + [member]
    member.send("OK")
    return True
""".replace("    global members\n", ""),
        ),
        (
            WRITER_UNREGISTER,
            """    members = [other for other in members if other is not member]
    with guard:
        del taken[member.number]
""",
        ),
    ),
    "acknowledged_before_registered": fault(
        "dict_lock",
        "lost",
        (
            DICT_JOIN,
            """    with lock:
        if name in reserved:
            return False
        reserved.add(name)
    send_line(conn, "OK")
    with lock:
        clients[name] = conn
        online += 1
    return True
""",
        ),
        (
            DICT_LEAVE,
            """    with lock:
        clients.pop(name)
        reserved.discard(name)
        online -= 1
""",
        ),
        ("online = 0\n\n\ndef read", "online = 0\nreserved = set()\n\n\ndef read"),
    ),
    "name_freed_before_the_member_is_gone": fault(
        "dict_lock",
        "lost exception refused_free nobody",
        (
            DICT_JOIN,
            """    with lock:
        if name in reserved:
            return False
        reserved.add(name)
        clients[name] = conn
        online += 1
        send_line(conn, "OK")
    return True
""",
        ),
        (
            DICT_LEAVE,
            """    with lock:
        reserved.discard(name)
    with lock:
        clients.pop(name, None)
        online -= 1
""",
        ),
        ("online = 0\n\n\ndef read", "online = 0\nreserved = set()\n\n\ndef read"),
    ),
    "acknowledged_before_listed": fault(
        "writers",
        "lost",
        (
            '        member.send("OK")\n'
            "        members = members + [member]\n        return True\n",
            '        member.send("OK")\n    with guard:\n'
            "        members = members + [member]\n    return True\n",
        ),
    ),
    "lock_taken_again_by_its_holder": fault(
        "dict_lock",
        "deadlock",
        (
            DICT_LEAVE,
            """    with lock:
        clients.pop(name)
        online -= 1
        broadcast(f"* {name} keluar", name)
""",
        ),
    ),
    "lock_taken_again_when_a_peer_is_dead": fault(
        "two_lists",
        "deadlock",
        (
            SEND_IGNORES_ERRORS,
            "            client.shutdown(socket.SHUT_RDWR)\n    except OSError:\n"
            "        remove(client)\n",
        ),
    ),
    "lock_never_released_after_an_error": fault(
        "two_lists",
        "deadlock exception",
        (
            LIST_REMOVE,
            """    lock.acquire()
    index = clients.index(client)
    clients.pop(index)
    nicknames.pop(index)
    lock.release()
""",
        ),
    ),
    "two_locks_in_two_orders": fault(
        "room_class",
        "deadlock",
        (
            ROOM_EXIT,
            """        with self.names_lock:
            self.names.discard(member.name)
            with self.members_lock:
                if member in self.members:
                    self.members.remove(member)
""",
        ),
    ),
    "lock_held_over_a_slow_send": fault(
        "dict_lock",
        "deadlock",
        (
            """        if select.select([], [conn], [], 0)[1]:
            conn.sendall(f"{text}\\n".encode())
        else:
            conn.shutdown(socket.SHUT_RDWR)
""",
            '        conn.sendall(f"{text}\\n".encode())\n',
        ),
        (
            DICT_SNAPSHOT,
            """    with lock:
        for name, conn in clients.items():
            if name != sender:
                send_line(conn, text)
""",
        ),
    ),
    "unlocked_counter": fault(
        "writers",
        "two_holders exception lost refused_free",
        (
            WRITER_REGISTER,
            """    with guard:
        if name in taken.values():
            return False
        taken[f"pending {name}"] = name
    number = next_id
    next_id = number + 1
    with guard:
        del taken[f"pending {name}"]
        taken[number] = name
        member.name, member.number = name, number
        member.send("OK")
        members = members + [member]
        return True
""",
        ),
    ),
    "ghost_after_reset_during_join": fault(
        "dict_lock",
        "refused_free",
        (
            "            if is_valid(want) and join(want, conn):\n                name = want\n"
            "                break\n",
            "            if is_valid(want) and join(want, conn):\n"
            "                conn.getpeername()\n                name = want\n"
            "                break\n",
        ),
    ),
    "variable_of_the_accept_loop_read_late": fault(
        "dict_lock",
        "dropped unanswered lost exception",
        (
            "target=serve, args=(conn, address), daemon=True",
            "target=lambda: serve(conn, address), daemon=True",
        ),
    ),
    "closed_by_one_thread_while_another_sends": fault(
        "two_lists",
        "lost exception dropped unanswered deadlock",
        (
            "    except (OSError, ValueError):\n        pass\n\n\ndef broadcast",
            "    except OSError:\n        pass\n\n\ndef broadcast",
        ),
        (
            LIST_BROADCAST,
            """    with lock:
        present = list(clients)
    for client in present:
        if client is not sender:
            send(client, message)
""",
        ),
    ),
    "name_released_before_member_is_removed": fault(
        "room_class",
        "two_holders lost",
        (
            ROOM_EXIT,
            """        name = member.name
        with self.names_lock:
            self.names.discard(name)
        with self.members_lock:
            self.members = [other for other in self.members if other.name != name]
""",
        ),
    ),
    "room_made_on_first_use": fault(
        "handlers",
        "lost two_holders refused_free exception",
        (
            "    room = Room()\n",
            """    room = None

    def get_room(self):
        if self.room is None:
            self.room = Room()
        return self.room
""",
        ),
        ("self.room = self.server.room\n", "self.room = self.server.get_room()\n"),
    ),
    "speaker_kept_in_a_shared_variable": fault(
        "handlers",
        "wrong_name echo",
        (
            "        for person in self.room.others(self.name):\n" + HANDLERS_RELAY,
            """        self.server.speaker = self.name
        for person in self.room.others(self.name):
            person.send(f"{self.server.speaker}: {text}")
""",
        ),
    ),
    "speaker_kept_in_the_room": fault(
        "room_class",
        "echo lost wrong_name",
        (
            ROOM_SAY,
            """        self.speaker = speaker
        with self.members_lock:
            for member in self.members:
                if member is not self.speaker:
                    member.tell(f"{self.speaker.name}:", text)
""",
        ),
    ),
    "people_of_the_server_walked_while_changed": fault(
        "handlers",
        "exception dropped lost",
        (
            "        for person in self.room.others(self.name):\n" + HANDLERS_RELAY,
            """        for name, person in self.server.room.people.items():
            if name != self.name:
                person.send(f"{self.name}: {text}")
""",
        ),
    ),
    "filter_walked_after_the_lock": fault(
        "handlers",
        "exception dropped lost",
        (
            "            return [p for n, p in self.people.items() if n != name]\n",
            "            return filter(lambda p: p.name != name, self.people.values())\n",
        ),
        (
            "            self.people[name] = person\n",
            "            person.name = name\n            self.people[name] = person\n",
        ),
    ),
    "event_cleared_after_emptying": fault(
        "dispatcher",
        "unanswered lost refused_free",
        ("events = queue.Queue()\n", "events = []\nfilled = threading.Event()\n"),
        (
            "        handle_event(events.get())\n",
            """        filled.wait()
        while events:
            handle_event(events.pop(0))
        filled.clear()
""",
        ),
        ("    events.put(event)\n", "    events.append(event)\n    filled.set()\n"),
    ),
    "two_dispatchers_for_one_queue": fault(
        "dispatcher",
        "out_of_order lost",
        ("room = {}  #", "room_lock = threading.Lock()\nroom = {}  #"),
        (
            "        handle_event(events.get())\n",
            """        event = events.get()
        with room_lock:
            handle_event(event)
""",
        ),
        (
            "    threading.Thread(target=dispatcher, daemon=True).start()\n",
            "    for _ in range(2):\n"
            "        threading.Thread(target=dispatcher, daemon=True).start()\n",
        ),
    ),
    "answers_in_one_queue_for_all": fault(
        "dispatcher",
        "echo doubled lost exception two_holders nobody refused_free wrong_name",
        ("room = {}  #", "answers = queue.Queue()\nroom = {}  #"),
        (
            DISPATCH_ANSWER,
            """            answers.put(False)
        else:
            room[name] = conn
            answers.put(True)
""",
        ),
        (
            """            answer = queue.Queue()
            post("join", want, conn, answer)
            if answer.get():
                return want
""",
            """            post("join", want, conn, None)
            if answers.get():
                send(conn, "OK")
                return want
""",
        ),
    ),
    "buffer_as_a_default_argument": fault(
        "dispatcher",
        "wrong_name garbled refused_free lost unanswered doubled echo exception two_holders nobody",
        (
            DISPATCH_READ,
            """def read_lines(conn, rest=bytearray()):
    while True:
        chunk = conn.recv(4096)
        if not chunk:
            return
        rest += chunk
        while b"\\n" in rest:
            line, _, more = bytes(rest).partition(b"\\n")
            rest[:] = more
""",
        ),
    ),
    "struck_off_again_by_name_alone": fault(
        "strikes_off",
        "dropped lost two_holders",
        (
            """def unregister(name, conn):
    with lock:
        drop(name, conn)
""",
            """def unregister(name, conn):
    with lock:
        members.pop(name, None)
""",
        ),
    ),
    "new_lock_in_each_call": fault(
        "two_lists",
        "two_holders wrong_name exception lost refused_free",
        (
            LIST_JOIN,
            LIST_JOIN.replace("with lock:", "with threading.Lock():"),
        ),
    ),
    "thread_for_each_message": fault(
        "dict_lock",
        "out_of_order",
        (
            """                broadcast(f"{name}: {line}", name)
""",
            """                said = (f"{name}: {line}", name)
                threading.Thread(target=broadcast, args=said, daemon=True).start()
""",
        ),
    ),
}


def twin_source(name: str) -> str:
    return (HERE / f"{name}.py").read_text(encoding="utf-8")


def source(name: str) -> str:
    """The chaff's program."""
    chaff = FAULTS[name]
    text = twin_source(chaff.twin)
    for old, new in chaff.edits:
        if text.count(old) != 1:
            raise ValueError(f"{name}: the old text occurs {text.count(old)} times: {old!r}")
        text = text.replace(old, new)
    return text


def write(name: str, folder: Path) -> Path:
    """Put a chaff or a twin into a folder as server.py."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "server.py"
    path.write_text(twin_source(name) if name in TWINS else source(name), encoding="utf-8")
    return path
