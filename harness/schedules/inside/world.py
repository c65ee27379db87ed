"""The one scheduler and the one network of this process."""

from .network import Network
from .scheduler import Scheduler

scheduler = Scheduler()
network = Network()


class Unsupported(BaseException):
    """The program does something that cannot be put under control."""


def unsupported(what: str) -> None:
    """End the run and report what cannot be controlled."""
    scheduler.over(f"unsupported:{what}")
    raise Unsupported(what)
