"""Ports: free, nobody else's, and given back."""

import os
import socket
from collections.abc import Iterator

import pytest

from harness.contract.symptoms import Inconclusive
from harness.program import ports


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens, out of the range that is handed out."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_reserved_port_can_be_listened_on_again_and_again():
    with ports.reserved_port() as port:
        for _ in range(2):
            with socket.create_server(("127.0.0.1", port)):
                assert not ports.is_free(port)
            assert ports.is_free(port)


def test_no_port_is_handed_out_twice_at_a_time(monkeypatch: pytest.MonkeyPatch):
    with ports.reserved_port() as first:
        drawn = iter([first, first, first + 1, first + 2, *range(first + 3, 32_000)])
        monkeypatch.setattr(ports._pick, "randrange", lambda *_: next(drawn))
        with ports.reserved_port() as second:
            assert second != first
    drawn = iter([first])
    with ports.reserved_port() as again:
        assert again == first


def test_a_port_that_windows_keeps_back_is_not_called_taken():
    refused = OSError("no right")
    assert ports.taken(55555, refused).reason == "port_taken"
    refused.winerror = 10048  # WSAEADDRINUSE
    assert ports.taken(55555, refused).reason == "port_taken"
    refused.winerror = 10013  # WSAEACCES
    assert ports.taken(55555, refused).reason == "port_kept_back"


def test_a_port_on_which_somebody_listens_is_passed_over(
    taken: int, monkeypatch: pytest.MonkeyPatch
):
    with ports.reserved_port() as free:
        pass
    drawn = iter([taken, free])
    monkeypatch.setattr(ports._pick, "randrange", lambda *_: next(drawn))
    with ports.reserved_port() as port:
        assert port == free


def test_ports_are_none_that_the_system_gives_to_clients():
    """A simulated client would squat the port of a server that is about to start."""
    try:
        with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as text:
            lowest = int(text.read().split()[0])
    except OSError:
        pytest.skip("no such setting here")
    assert ports._FROM < ports._TO <= lowest


def test_without_a_free_port_nothing_is_judged(taken: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ports._pick, "randrange", lambda *_: taken)
    with pytest.raises(Inconclusive) as stopped, ports.reserved_port():
        pass
    assert stopped.value.reason == "no_free_port"


@pytest.fixture
def default(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Stands for the port of SPEC section 1, which other graders may have at this moment."""
    with ports.reserved_port() as port:
        pass
    monkeypatch.setattr(ports, "DEFAULT_PORT", port)
    monkeypatch.setattr(ports, "_let_go", {})
    yield port


def test_the_default_port_is_held_against_other_graders(
    default: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ports, "MOST_QUEUEING", 0.0)
    with ports.default_port() as port:
        assert port == default
        with pytest.raises(Inconclusive) as stopped, ports.default_port():
            pass
    assert (stopped.value.reason, stopped.value.facts) == ("port_taken", {"port": default})
    with ports.default_port() as port:
        assert port == default


def test_graders_queue_for_the_default_port(default: int, monkeypatch: pytest.MonkeyPatch):
    other = ports._reserve(default)
    waited = []

    def a_moment_later(seconds: float) -> None:
        waited.append(seconds)
        other.close()

    monkeypatch.setattr(ports.time, "sleep", a_moment_later)
    with ports.default_port() as port:
        assert port == default
    assert waited == [ports.PACE]


def test_a_default_port_that_another_program_uses_is_told_at_once(
    taken: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ports, "DEFAULT_PORT", taken)
    with pytest.raises(Inconclusive) as stopped, ports.default_port():
        pass
    assert stopped.value.facts == {"port": taken}
    assert ports._reserve(taken).close() is None  # and the reservation is given back


def test_what_this_grader_holds_it_does_not_wait_for(default: int):
    with ports.default_port_in_case(), ports.default_port_in_case(), pytest.raises(OSError):
        ports._reserve(default)
    assert ports._reserve(default).close() is None


def test_the_default_port_may_be_held_in_case(
    default: int, taken: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ports, "MOST_QUEUEING", 0.0)
    with ports.default_port_in_case():
        with pytest.raises(Inconclusive), ports.default_port():
            pass
        with ports.default_port_in_case():
            pass  # no reason not to start
    monkeypatch.setattr(ports, "DEFAULT_PORT", taken)
    with ports.default_port_in_case():
        pass


def test_who_has_just_had_the_default_port_lets_others_go_first(
    default: int, monkeypatch: pytest.MonkeyPatch
):
    waited: list[float] = []
    monkeypatch.setattr(ports.time, "sleep", waited.append)
    with ports.default_port():
        assert waited == []
    with ports.default_port_in_case():
        (turn,) = waited
    assert 0 < turn <= ports.TURN
    # More than its turn: where the clock is coarse, no time has passed since.
    ports._let_go[default] -= 2 * ports.TURN
    with ports.default_port():
        assert len(waited) == 1


def test_connections_that_fade_away_take_no_port():
    """After a server ended with clients connected its port is in TIME_WAIT, yet free."""
    with ports.reserved_port() as port:
        fades(port)
        assert ports.is_free(port)


def test_a_port_whose_connections_fade_away_is_not_handed_out(monkeypatch: pytest.MonkeyPatch):
    """A program without SO_REUSEADDR could not listen there."""
    with ports.reserved_port() as port:
        fades(port)
    with ports.reserved_port() as other:
        pass
    drawn = iter([port, other])
    monkeypatch.setattr(ports._pick, "randrange", lambda *_: next(drawn))
    with ports.reserved_port() as given:
        assert given == (port if os.name != "posix" else other)


@pytest.mark.skipif(os.name != "posix", reason="elsewhere nothing fades")
def test_the_time_of_waiting_for_a_port_is_known(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ports, "MOST_FADING", 0.2)
    before = ports.waited()
    with ports.reserved_port() as port:
        assert ports.wait_until_untouched(port)
        fades(port)
        assert not ports.wait_until_untouched(port)
    assert 0.2 <= ports.waited() - before < 5


def fades(port: int) -> None:
    """Leave a connection of ``port`` behind that its server has ended."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        client = socket.create_connection(("127.0.0.1", port))
        served, _ = listener.accept()
    served.close()
    assert client.recv(1) == b""
    client.close()
