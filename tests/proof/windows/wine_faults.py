"""What wine does otherwise than Windows, as far as the proof meets it, each with its reason.

A difference that is explained here is told, but it is no difference of the kit. Seen with wine 8.
"""

from __future__ import annotations

from collections.abc import Mapping

_ITS_OWN_TIME = (
    "wine tells a process its own processor time, whatever process it asks for (GetProcessTimes), "
    "so the kit sees nobody's"
)

_TWO_NOT_RUN = (
    f"of all checks two are not run there: {_ITS_OWN_TIME}, and it names no owner of a socket"
)

# Checks that are not run there, and why. On Windows itself the first is not run either.
NOT_RUN: Mapping[str, str] = {
    "client.screen": "on Windows the kit uses no terminal (ConPTY), and says so",
    "disconnect.no_spin": _ITS_OWN_TIME,
    "disconnect.sockets_freed": "wine names no owner of a socket (GetExtendedTcpTable), so the kit "
    "cannot count a program's",
}

# The same of one program and one check. On Windows itself it is not run either.
NOT_RUN_OF: Mapping[tuple[str, str], str] = {
    ("tests/wheat/asyncio_streams", "exploration.schedules"): "on Windows asyncio waits in the "
    "system (ProactorEventLoop), where the kit cannot put it under control, and says so",
}

# Tests of the kit (files, or tests in them) that fail there, and why.
TESTS: Mapping[str, str] = {
    # A busy server is waited for until it rests, which is not seen there.
    "tests/test_room.py::test_what_is_still_being_sent_to_one_who_goes_is_let_come[resets-True]": (
        _ITS_OWN_TIME
    ),
    "tests/test_bad_input.py::test_what_answers_nothing_is_graded_within_fifteen_seconds": (
        "under wine no Python starts within the 0.4 seconds that are given there"
    ),
    "tests/test_matrix.py::test_one_chaff_from_end_to_end": _TWO_NOT_RUN,
    "tests/test_races.py::test_hammering_finds_nothing_in_a_correct_server[dict_lock]": (
        "under wine select without a time to wait may call a socket not writable that is, and this "
        "server hangs up on whoever it cannot write to at once"
    ),
    "tests/test_wheat.py::test_a_correct_server_has_full_marks": _TWO_NOT_RUN,
    "tests/test_handout.py::test_a_part_of_a_correct_program_of_another_kind_passes_there": (
        "under wine, beside four other tests, nickname.race takes longer than a check may"
    ),
    "tests/test_bench.py::test_a_save_is_measured_from_its_file_to_the_verdict": (
        "under wine a verdict takes longer than the measurement waits for it"
    ),
}


def explained(program: str, check: str, outcome: str) -> str:
    """The reason why ``check`` may have that outcome of ``program``; empty if it may not."""
    if outcome != "not_run":
        return ""
    return NOT_RUN.get(check) or NOT_RUN_OF.get((program, check), "")


def blamed(test: str) -> str:
    """The reason why that test of the kit may fail there; empty if it may not."""
    return next((why for name, why in TESTS.items() if test.startswith(name)), "")
