"""The model of the room: what each must have seen, and what can sensibly happen next."""

from harness.exploration.model import Model


def test_x():
    assert Model().can("join")
