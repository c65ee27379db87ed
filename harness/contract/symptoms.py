"""The closed list of what can be wrong, and the failure that a story ends in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Symptom(StrEnum):
    """One kind of broken promise. `pure.words` holds both sentences of each, in both languages."""

    # the program itself
    NO_FILE = "no_file"
    SYNTAX_ERROR = "syntax_error"
    TODO_OPEN = "todo_open"
    ENDED_EARLY = "ended_early"
    NEVER_LISTENS = "never_listens"
    NOT_ACCEPTED = "not_accepted"
    OTHER_PORT = "other_port"
    NO_BANNER = "no_banner"
    PORT_NOT_FREED = "port_not_freed"
    NOT_ENDED = "not_ended"
    TRACEBACK = "traceback"
    # the handshake
    NO_REQUEST = "no_request"
    OTHER_REQUEST = "other_request"
    REQUEST_UNFRAMED = "request_unframed"
    NO_REPLY = "no_reply"
    OTHER_REPLY = "other_reply"
    REPLY_UNFRAMED = "reply_unframed"
    VALID_REFUSED = "valid_refused"
    NOT_REFUSED = "not_refused"
    NOT_ASKED_AGAIN = "not_asked_again"
    NAME_NOT_FREED = "name_not_freed"
    NOBODY_WON = "nobody_won"
    MANY_WON = "many_won"
    REFUSED_OTHERWISE = "refused_otherwise"
    NO_LOG = "no_log"
    NO_CHAT_LOG = "no_chat_log"
    # chat lines
    NOTHING_CAME = "nothing_came"
    OTHER_LINE = "other_line"
    CHAT_UNFRAMED = "chat_unframed"
    UNWANTED_LINE = "unwanted_line"
    ECHO = "echo"
    NOT_IN_ROOM = "not_in_room"
    WRONG_ORDER = "wrong_order"
    STRAY_LINE = "stray_line"
    HALF_LINE = "half_line"
    EMPTY_SENT = "empty_sent"
    HUNG_UP = "hung_up"
    NO_CONNECTION = "no_connection"
    # the process from outside
    FEW_THREADS = "few_threads"
    THREADS_LEFT = "threads_left"
    SOCKETS_LEFT = "sockets_left"
    SPINS = "spins"
    # the client program
    NOT_CALLED = "not_called"
    CLIENT_ENDED = "client_ended"
    NO_PROMPT = "no_prompt"
    NAME_TOO_EARLY = "name_too_early"
    NICKNAME_NOT_SENT = "nickname_not_sent"
    LINE_NOT_SENT = "line_not_sent"
    LINE_NOT_SHOWN = "line_not_shown"
    SCREEN_DIFFERS = "screen_differs"
    NO_SENTENCE = "no_sentence"
    WRONG_STATUS = "wrong_status"
    NOT_POLITE = "not_polite"
    # many threads
    SCHEDULE_BREAKS = "schedule_breaks"
    DEADLOCK = "deadlock"


@dataclass(frozen=True, slots=True)
class Failure:
    """One broken promise: who was let down, and the values that the sentences about it need.

    ``facts`` are the named values of the symptom's two sentences (`pure.words`); ``by_clock`` says
    that a wait ran out, so that the verdict is only as good as the machine was calm.
    """

    who: str
    symptom: Symptom
    facts: Mapping[str, object] = field(default_factory=dict)
    by_clock: bool = False


class StoryFailed(Exception):
    """Ends a story: the submission broke the contract. Carries the `Failure`."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.who}: {failure.symptom} {failure.facts}")
        self.failure = failure


class NotReached(Exception):
    """Ends a story: what it stands on was seen not to work; ``check`` is about that."""

    def __init__(self, check: str) -> None:
        super().__init__(check)
        self.check = check


class Inconclusive(Exception):
    """Ends a story: this machine got in the way, nothing can be said of the submission.

    ``reason`` is a key of `pure.words.REASONS`; ``facts`` are its named values.
    """

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(f"{reason} {facts}")
        self.reason = reason
        self.facts = facts


class NotRunHere(Inconclusive):
    """Ends a story: this machine has no way to run it (no thread count, no terminal)."""
