"""Every way in which a client can leave (SPEC section 1), as a table.

A departure is told in two parts: somebody comes, and goes. Between the two a story can let others
join, so that the leaver has somebody behind it in a list of members. `cleanup` measures each
promise after each departure by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from harness.actors.server import Server
from harness.actors.simulated_client import Client
from harness.contract.protocol import MAX_LINE
from harness.contract.rubric import Bilingual
from harness.record.draw import Draw

# Bytes that are no UTF-8, on a line of their own; and a line that is longer than must pass.
BAD_BYTES, TOO_LONG = b"\xff\xfe\x80 \xc3(\n", b"x" * (2 * MAX_LINE) + b"\n"


class Host(Protocol):
    """The room that somebody comes into and leaves."""

    server: Server
    draw: Draw
    clients: list[Client]

    def newcomer(self, role: str) -> Client:
        """Somebody who has not yet connected."""

    def joins_and_stops_reading(self, role: str) -> Client:
        """Somebody who joins and then reads nothing more."""


@dataclass(frozen=True, slots=True)
class Departure:
    """One way of leaving.

    ``told`` completes "after ...". ``judged_by`` is the check that says whether the others go on
    after it: once that, or one of ``needs``, has failed, nothing more is measured after this
    departure. ``is_named``: whether the leaver had a nickname.
    """

    told: Bilingual
    judged_by: str
    comes: Callable[[Host, str], Client]
    goes: Callable[[Host, Client], None]
    is_named: bool = True
    needs: tuple[str, ...] = ()


def _member(host: Host, role: str) -> Client:
    client = host.newcomer(role)
    client.joins()
    return client


def _asked(host: Host, role: str) -> Client:
    client = host.newcomer(role)
    client.is_asked()
    return client


def _present(host: Host) -> Client:
    """The first member who is still there; a newcomer where all have left.

    Raises `StoryFailed` where they have not left: the server has ended their connections.
    """
    members = [each for each in host.clients if each.is_joined]
    for each in members:
        if not each.is_closed:
            return each
    for each in members:
        each.end.was_not_cut_off()
    return _member(host, "penghuni")


def _refused(host: Host, role: str) -> Client:
    """Somebody whose name is in use."""
    holder = _present(host)
    client = _asked(host, role)
    client.answers(holder.name)
    client.gets_answer()
    return client


def _invalid(host: Host, role: str) -> Client:
    """Somebody whose every name is refused for its form."""
    client = _asked(host, role)
    for name in ("", f"*{host.draw.name(role)}", "a b"):
        if not client.is_closed:
            client.answers(name)
            client.gets_answer()
    return client


def _asleep(host: Host, role: str) -> Client:
    return host.joins_and_stops_reading(role)


def _leaves(host: Host, client: Client) -> None:
    if not client.is_closed:
        client.leaves()


def _resets(host: Host, client: Client) -> None:
    if not client.is_closed:
        client.resets()


def _half_closes(host: Host, client: Client) -> None:
    if not client.reads_to_the_end():
        client.leaves_at_once()


def _leaves_mid_line(host: Host, client: Client) -> None:
    client.says_half(f"setengah {client.name}")
    client.leaves()


def _resets_mid_line(host: Host, client: Client) -> None:
    client.says_half(f"setengah {client.name}")
    client.resets()


def _sends_bad_bytes(host: Host, client: Client) -> None:
    client.sends_bytes(BAD_BYTES)
    _leaves(host, client)


def _sends_too_much(host: Host, client: Client) -> None:
    client.sends_bytes(TOO_LONG)
    _leaves(host, client)


def _leaves_while_others_talk(host: Host, client: Client) -> None:
    """Somebody speaks just before and just after; whether that line comes is not judged here."""
    others = [each for each in host.clients if each.is_joined and each is not client]
    speaker = others[0] if others else _member(host, "pembicara")
    speaker.says(f"sebelum {client.name}")
    client.leaves_at_once()
    speaker.says(f"sesudah {client.name}")


LEAVE, RESET, UNNAMED = "disconnect.leave", "disconnect.reset", "disconnect.before_nickname"
# The one after which a server has the least to do.
ORDERLY, CUT = "in order", "reset"
DEPARTURES: Mapping[str, Departure] = {
    ORDERLY: Departure(
        {"id": "seorang anggota pergi (FIN)", "en": "a member left in order (FIN)"},
        LEAVE, _member, _leaves,
    ),
    "half-closed": Departure(
        {
            "id": "seorang anggota menutup arah kirimnya (half-close)",
            "en": "a member ended its side of the connection (half-close)",
        },
        LEAVE, _member, _half_closes,
    ),
    CUT: Departure(
        {"id": "koneksi seorang anggota putus (RST)", "en": "a member was cut off (RST)"},
        RESET, _member, _resets,
    ),
    "asleep": Departure(
        {
            "id": "seorang anggota yang tidak membaca lagi terputus (RST)",
            "en": "a member that had stopped reading was cut off (RST)",
        },
        RESET, _asleep, _resets,
    ),
    "before a name": Departure(
        {
            "id": "seorang client pergi sebelum memberi nama (FIN)",
            "en": "a client left before it gave a name (FIN)",
        },
        UNNAMED, _asked, _leaves, is_named=False,
    ),
    "reset before a name": Departure(
        {
            "id": "koneksi seorang client putus sebelum ia memberi nama (RST)",
            "en": "a client was cut off before it gave a name (RST)",
        },
        UNNAMED, _asked, _resets, is_named=False,
    ),
    "refused": Departure(
        {
            "id": "seorang client pergi setelah namanya ditolak karena sedang dipakai",
            "en": "a client left whose name was refused as it was in use",
        },
        UNNAMED, _refused, _leaves, is_named=False, needs=("nickname.unique",),
    ),
    "invalid names": Departure(
        {
            "id": "seorang client pergi setelah nama-namanya ditolak karena tidak sah",
            "en": "a client left whose names were refused as invalid",
        },
        UNNAMED, _invalid, _leaves, is_named=False, needs=("nickname.invalid",),
    ),
    "mid line": Departure(
        {
            "id": "seorang anggota pergi di tengah baris (FIN)",
            "en": "a member left in the middle of a line (FIN)",
        },
        "disconnect.mid_line", _member, _leaves_mid_line, needs=(LEAVE,),
    ),
    "reset mid line": Departure(
        {
            "id": "koneksi seorang anggota putus di tengah baris (RST)",
            "en": "a member was cut off in the middle of a line (RST)",
        },
        "disconnect.mid_line", _member, _resets_mid_line, needs=(RESET,),
    ),
    "bad bytes": Departure(
        {
            "id": "seorang anggota mengirim byte yang bukan UTF-8, lalu pergi",
            "en": "a member sent bytes that are not UTF-8, then left",
        },
        "broadcast.empty", _member, _sends_bad_bytes, needs=(LEAVE,),
    ),
    "too long a line": Departure(
        {
            "id": "seorang anggota mengirim baris yang terlalu panjang, lalu pergi",
            "en": "a member sent too long a line, then left",
        },
        LEAVE, _member, _sends_too_much,
    ),
    "while others talk": Departure(
        {
            "id": "seorang anggota pergi selagi yang lain berbicara",
            "en": "a member left while others talked",
        },
        "disconnect.mid_broadcast", _member, _leaves_while_others_talk, needs=(LEAVE,),
    ),
}  # fmt: skip
