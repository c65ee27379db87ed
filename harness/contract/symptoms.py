"""The closed list of what can be wrong, and the failure that a story ends in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Symptom(StrEnum):
    """One kind of broken promise. `contract.sentences` has its two sentences in both languages."""

    # the program itself
    NO_FILE = "no_file"
    SYNTAX_ERROR = "syntax_error"
    WRONG_ENCODING = "wrong_encoding"
    FOREIGN_MODULE = "foreign_module"
    MODULE_OF_ANOTHER_SYSTEM = "module_of_another_system"
    TODO_OPEN = "todo_open"
    ENDED_EARLY = "ended_early"
    NEVER_LISTENS = "never_listens"
    WAITS_FOR_TYPING = "waits_for_typing"
    NOT_ACCEPTED = "not_accepted"
    ARGUMENTS_REFUSED = "arguments_refused"
    OTHER_PORT = "other_port"
    OTHER_HOST = "other_host"
    ASKS_OTHER_PORT = "asks_other_port"
    OTHER_DEFAULT = "other_default"
    OTHER_ADDRESS_TOO = "other_address_too"
    NO_BANNER = "no_banner"
    BANNER_TOO_EARLY = "banner_too_early"
    PORT_NOT_FREED = "port_not_freed"
    TAKEN_PORT_BADLY_TOLD = "taken_port_badly_told"
    PORT_SHARED = "port_shared"
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
    TWIN_REFUSED = "twin_refused"
    ODD_REFUSED = "odd_refused"
    NOT_REFUSED = "not_refused"
    NO_REFUSAL = "no_refusal"
    ENDED_UNREFUSED = "ended_unrefused"
    NOT_ASKED_AGAIN = "not_asked_again"
    MESSAGE_TAKEN_FOR_NAME = "message_taken_for_name"
    NAME_NOT_FREED = "name_not_freed"
    NAME_NEVER_FREED = "name_never_freed"
    NOBODY_WON = "nobody_won"
    MANY_WON = "many_won"
    REFUSED_OTHERWISE = "refused_otherwise"
    NO_LOG = "no_log"
    NO_CHAT_LOG = "no_chat_log"
    OTHER_LOG = "other_log"
    REFUSED_LOGGED = "refused_logged"
    # chat lines
    NOTHING_CAME = "nothing_came"
    ONLY_EARLIER = "only_earlier"
    REST_LOST = "rest_lost"
    OTHER_LINE = "other_line"
    NAME_NOT_ADDED = "name_not_added"
    CHAT_UNFRAMED = "chat_unframed"
    LINES_MIXED = "lines_mixed"
    UNWANTED_LINE = "unwanted_line"
    ECHO = "echo"
    NOT_IN_ROOM = "not_in_room"
    WRONG_ORDER = "wrong_order"
    CAME_TWICE = "came_twice"
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
    OTHER_ADDRESS = "other_address"
    CLIENT_ENDED = "client_ended"
    NO_PROMPT = "no_prompt"
    PROMPT_DIFFERS = "prompt_differs"
    NAME_TOO_EARLY = "name_too_early"
    ASKED_AFTER_OK = "asked_after_ok"
    NICKNAME_NOT_SENT = "nickname_not_sent"
    ANSWERED_UNASKED = "answered_unasked"
    LINE_NOT_SENT = "line_not_sent"
    SENT_UNFRAMED = "sent_unframed"
    SENT_UNTYPED = "sent_untyped"
    CALLED_AGAIN = "called_again"
    LINE_NOT_SHOWN = "line_not_shown"
    LINE_CUT = "line_cut"
    SILENCE_ENDS_IT = "silence_ends_it"
    SCREEN_DIFFERS = "screen_differs"
    NO_SENTENCE = "no_sentence"
    WRONG_STATUS = "wrong_status"
    NOT_POLITE = "not_polite"
    # many threads
    SCHEDULE_BREAKS = "schedule_breaks"
    CALM_BREAKS = "calm_breaks"
    THREAD_DIED = "thread_died"
    DEADLOCK = "deadlock"


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a symptom beside its sentences: the columns of one table.

    ``is_wrongdoing``: the program did something wrong, rather than leave something undone, so an
    open TODO elsewhere is no excuse. ``is_absent``: this half of the submission cannot play with
    anybody. ``is_no_todos``: the file cannot run at all, so no TODO is to blame. ``sign_of``: the
    checks that fail in this way when they work only now and then; whatever requires them then
    fails in the same way, which says nothing of its own. ``may_be_the_machine``: a machine that
    is short of threads, processes or descriptors causes it too, without any wait that ran out.
    ``is_lack``: something is not there, which an exception in the program would explain;
    ``is_clearer``: the symptom's own hints say more than that exception. ``is_general``: what was
    expected is a promise of the whole chat, and only what was seen says what happened.
    """

    is_wrongdoing: bool = False
    is_absent: bool = False
    is_no_todos: bool = False
    may_be_the_machine: bool = False
    is_general: bool = False
    is_lack: bool = False
    is_clearer: bool = False
    sign_of: tuple[str, ...] = ()


_WRONG = About(is_wrongdoing=True)
_LACK = About(is_lack=True)
_GENERAL = About(is_general=True)
_UNREADABLE = About(is_wrongdoing=True, is_absent=True, is_no_todos=True)
# Symptoms without a row have nothing special about them.
_TABLE: Mapping[Symptom, About] = {
    Symptom.NO_FILE: _UNREADABLE,
    Symptom.SCHEDULE_BREAKS: _GENERAL,
    Symptom.CALM_BREAKS: _GENERAL,
    Symptom.THREAD_DIED: _GENERAL,
    Symptom.DEADLOCK: _GENERAL,
    Symptom.SYNTAX_ERROR: _UNREADABLE,
    Symptom.WRONG_ENCODING: _UNREADABLE,
    Symptom.FOREIGN_MODULE: _UNREADABLE,
    Symptom.MODULE_OF_ANOTHER_SYSTEM: _UNREADABLE,
    Symptom.WAITS_FOR_TYPING: _UNREADABLE,
    Symptom.ARGUMENTS_REFUSED: _WRONG,
    Symptom.OTHER_DEFAULT: _WRONG,
    Symptom.OTHER_ADDRESS_TOO: _WRONG,
    Symptom.NO_BANNER: _LACK,
    Symptom.NO_LOG: _LACK,
    Symptom.NO_CHAT_LOG: _LACK,
    Symptom.NO_REFUSAL: _LACK,
    Symptom.ENDED_UNREFUSED: _LACK,
    Symptom.NOT_ASKED_AGAIN: _LACK,
    Symptom.REFUSED_OTHERWISE: _LACK,
    Symptom.NAME_NOT_FREED: _LACK,
    Symptom.NAME_NEVER_FREED: _LACK,
    Symptom.FEW_THREADS: _LACK,
    Symptom.THREADS_LEFT: _LACK,
    Symptom.SOCKETS_LEFT: _LACK,
    Symptom.PORT_NOT_FREED: About(is_lack=True, is_clearer=True),
    Symptom.TAKEN_PORT_BADLY_TOLD: About(is_clearer=True),
    Symptom.PORT_SHARED: About(is_clearer=True),
    Symptom.NOT_ENDED: _LACK,
    Symptom.LINE_NOT_SENT: _LACK,
    Symptom.LINE_NOT_SHOWN: _LACK,
    Symptom.NICKNAME_NOT_SENT: _LACK,
    Symptom.SILENCE_ENDS_IT: About(is_lack=True, is_clearer=True),
    Symptom.TODO_OPEN: About(is_absent=True),
    Symptom.ENDED_EARLY: About(
        is_lack=True, is_absent=True, may_be_the_machine=True, sign_of=("start.listens",)
    ),
    Symptom.NEVER_LISTENS: About(is_lack=True, is_absent=True, sign_of=("start.listens",)),
    Symptom.NOT_ACCEPTED: About(is_lack=True, is_absent=True, sign_of=("start.listens",)),
    Symptom.CLIENT_ENDED: About(is_lack=True, is_absent=True, may_be_the_machine=True),
    Symptom.NOT_CALLED: About(is_absent=True),
    Symptom.NO_REQUEST: About(is_lack=True, sign_of=("nickname.request", "nickname.accept")),
    Symptom.NO_REPLY: About(is_lack=True, sign_of=("nickname.accept",)),
    Symptom.NOTHING_CAME: About(is_lack=True, sign_of=("broadcast.delivers",)),
    Symptom.ONLY_EARLIER: About(is_lack=True, sign_of=("broadcast.delivers",)),
    Symptom.REST_LOST: _LACK,
    Symptom.HUNG_UP: About(is_lack=True, may_be_the_machine=True, sign_of=("broadcast.delivers",)),
    Symptom.NO_CONNECTION: About(is_lack=True, may_be_the_machine=True),
    Symptom.NOBODY_WON: About(is_lack=True, may_be_the_machine=True),
    Symptom.WRONG_ORDER: About(is_wrongdoing=True, sign_of=("broadcast.delivers",)),
    Symptom.CAME_TWICE: About(is_wrongdoing=True, sign_of=("broadcast.delivers",)),
    Symptom.OTHER_PORT: _WRONG,
    Symptom.OTHER_HOST: _WRONG,
    Symptom.ASKS_OTHER_PORT: About(is_wrongdoing=True, is_clearer=True),
    Symptom.TRACEBACK: _WRONG,
    Symptom.REQUEST_UNFRAMED: _WRONG,
    Symptom.REPLY_UNFRAMED: _WRONG,
    Symptom.CHAT_UNFRAMED: _WRONG,
    Symptom.OTHER_LINE: _WRONG,
    Symptom.NAME_NOT_ADDED: _WRONG,
    Symptom.OTHER_LOG: _WRONG,
    Symptom.REFUSED_LOGGED: _WRONG,
    Symptom.OTHER_REQUEST: _WRONG,
    Symptom.OTHER_REPLY: _WRONG,
    Symptom.LINES_MIXED: _WRONG,
    Symptom.SENT_UNFRAMED: _WRONG,
    Symptom.LINE_CUT: _WRONG,
    Symptom.ANSWERED_UNASKED: _WRONG,
    Symptom.ASKED_AFTER_OK: _WRONG,
    Symptom.STRAY_LINE: _WRONG,
    Symptom.UNWANTED_LINE: _WRONG,
    Symptom.ECHO: _WRONG,
    Symptom.NOT_IN_ROOM: _WRONG,
    Symptom.HALF_LINE: _WRONG,
    Symptom.EMPTY_SENT: _WRONG,
    Symptom.NOT_REFUSED: _WRONG,
    Symptom.MESSAGE_TAKEN_FOR_NAME: _WRONG,
    Symptom.VALID_REFUSED: _WRONG,
    Symptom.TWIN_REFUSED: _WRONG,
    Symptom.ODD_REFUSED: _WRONG,
    Symptom.MANY_WON: _WRONG,
    Symptom.SPINS: _WRONG,
}


def about(symptom: Symptom) -> About:
    """The row of ``symptom``."""
    return _TABLE.get(symptom, About())


@dataclass(frozen=True, slots=True)
class Failure:
    """One broken promise: who was let down, and the values that the sentences about it need.

    ``facts`` are the named values of the symptom's two sentences (`contract.sentences`);
    ``by_clock`` says that a wait ran out, so that the verdict is only as good as the machine was
    calm.
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
    """Ends a story: what it stands on was seen not to work; ``check`` is about that.

    ``failure`` is what was seen. It is told where ``check`` itself has passed: by default the
    failure of the `StoryFailed` that was being handled.
    """

    def __init__(self, check: str, failure: Failure | None = None) -> None:
        super().__init__(check)
        self.check = check
        self._failure = failure

    @property
    def failure(self) -> Failure | None:
        """What was seen not to work, if the story says it."""
        if self._failure is None and isinstance(self.__context__, StoryFailed):
            return self.__context__.failure
        return self._failure


class Inconclusive(Exception):
    """Ends a story: this machine got in the way, nothing can be said of the submission.

    ``reason`` is a key of `contract.sentences.REASONS`; ``facts`` are its named values.
    """

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(f"{reason} {facts}")
        self.reason = reason
        self.facts = facts


class NotRunHere(Inconclusive):
    """Ends a story: this machine has no way to run it (no thread count, no terminal)."""
