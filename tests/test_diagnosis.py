"""Diagnosis: names a misconception when the pattern fits, and is silent otherwise."""

from dataclasses import replace

import pytest

from harness.ground.misconceptions import Known
from harness.ground.symptom import Failure, Symptom
from harness.pure.diagnosis import diagnose, difference, explanation, sign, signature
from harness.pure.result import Outcome, Verdict

ECHO = {"broadcast.not_to_sender": "echo"}
REFUSED = {"nickname.accept": "valid_refused"}
SPIN = {"disconnect.no_spin": "spins", "disconnect.threads_freed": "threads_left"}
WAITS = {"disconnect.threads_freed": "threads_left"}


def known(**signatures: list[dict[str, str]]) -> list[Known]:
    """Programs by idea."""
    return [
        Known(f"{idea}-{number}", idea, each)
        for idea, programs in signatures.items()
        for number, each in enumerate(programs)
    ]


KNOWN = known(
    echo=[ECHO, ECHO], refused=[REFUSED, REFUSED], spin=[SPIN, SPIN], waits=[WAITS, WAITS]
)
ALL = frozenset((*ECHO, *REFUSED, *SPIN, "start.listens", "broadcast.order"))


def said(seen: dict[str, str], programs: list[Known] = KNOWN, decided: frozenset[str] = ALL):
    """What is said of the first failure."""
    return explanation(next(iter(seen)), seen, decided, programs)


def test_the_pattern_of_a_known_idea_is_named():
    assert said(ECHO) == "echo"
    assert said(SPIN) == "spin"


@pytest.mark.parametrize(
    "seen",
    [
        {"broadcast.order": "wrong_order"},
        {"broadcast.not_to_sender": "nothing_came"},
        {"disconnect.no_spin": "spins"},
        ECHO | {"broadcast.order": "wrong_order"},
    ],
    ids=["not known", "the check, but not the symptom", "a part of one", "one and something else"],
)
def test_what_does_not_fit_is_not_named(seen: dict[str, str]):
    assert said(seen) is None


def test_two_ideas_with_one_pattern_are_not_told_apart():
    assert said(ECHO, KNOWN + known(other=[ECHO])) is None


def test_a_single_program_is_no_evidence():
    assert said(ECHO, known(echo=[ECHO])) is None


def test_a_single_program_is_enough_where_others_tell_the_same_in_other_checks():
    seen = {"nickname.accept": "reply_unframed"}
    assert said(seen, UNENDED) == "ends"
    assert said(seen, UNENDED[:1]) is None


def test_two_faults_at_once_are_taken_apart():
    both = REFUSED | ECHO
    assert said(both) == "refused"
    assert explanation("broadcast.not_to_sender", both, ALL, KNOWN) == "echo"


def test_fewer_faults_win():
    # `waits` lies within `spin`, but one fault is enough to explain the whole.
    assert explanation("disconnect.threads_freed", SPIN, ALL, KNOWN) == "spin"


def test_three_faults_are_too_many():
    assert said(REFUSED | ECHO | SPIN) is None


def test_two_faults_that_can_be_put_together_in_two_ways_are_not_named():
    a, b, c = {"a.1": "x"}, {"b.1": "y"}, {"c.1": "z"}
    programs = known(ab=[a | b] * 2, c=[c] * 2)
    assert said(a | b | c, programs, frozenset(a | b | c)) == "ab"
    # ab + c, ac + b
    programs += known(b=[b] * 2, ac=[a | c] * 2)
    assert said(a | b | c, programs, frozenset(a | b | c)) is None


def test_two_failures_in_one_group_have_one_cause():
    programs = known(one=[{"a.1": "x"}] * 2, other=[{"a.2": "y"}] * 2)
    assert said({"a.1": "x", "a.2": "y"}, programs, frozenset({"a.1", "a.2"})) is None


def test_what_was_not_decided_tells_nothing():
    far = known(far=[SPIN | {"disconnect.sockets_freed": "sockets_left"}] * 2)
    assert said(SPIN, far) == "far"
    assert said(SPIN, far, ALL | {"disconnect.sockets_freed"}) is None
    # The less is decided, the more programs are alike.
    assert said(WAITS, KNOWN, frozenset(WAITS)) is None


@pytest.mark.parametrize("symptom", ["todo_open", "no_file", "syntax_error"])
def test_an_unfinished_program_has_no_pattern(symptom: str):
    assert said(ECHO | {"start.listens": symptom}) is None


UNENDED = known(ends=[{"nickname.accept": "reply_unframed"}, {"broadcast.format": "chat_unframed"}])


@pytest.mark.parametrize("sign_", ["request_unframed", "other_line:unended", "reply_unframed"])
def test_what_tells_the_fault_itself_counts_across_checks(sign_: str):
    seen = {"nickname.request": sign_}
    assert said(seen, UNENDED, frozenset(seen)) == "ends"
    # Not what is only an effect, not two failures at once, not where ideas differ.
    assert said({"nickname.request": "no_reply"}, UNENDED, frozenset(seen)) is None
    assert said(seen | ECHO, UNENDED, frozenset(seen | ECHO)) is None
    assert said(seen, UNENDED + known(other=[seen]), frozenset(seen)) is None


CRASHES = known(crash=[{"start.interrupt": "traceback"}, {"client.quit": "traceback:KeyError"}])


def test_a_traceback_tells_the_fault_itself_and_silence_does_not():
    assert said({"nickname.invalid": "traceback:ValueError"}, CRASHES) == "crash"
    silent = known(silent=[{"start.interrupt": "no_reply"}, {"client.quit": "no_reply"}])
    assert said({"nickname.invalid": "no_reply"}, silent) is None


def test_nothing_is_known():
    assert said(ECHO, []) is None


# -- from verdicts


def failed(check: str, symptom: Symptom, **facts: object) -> Verdict:
    return Verdict(check, Outcome.FAILED, Failure("ani", symptom, facts))


def verdicts(*some: Verdict) -> dict[str, Verdict]:
    rest = (Verdict(check, Outcome.PASSED) for check in ALL)
    return {each.check: each for each in (*rest, *some)}


SPOKE_BACK = failed("broadcast.not_to_sender", Symptom.ECHO, name="ani", seen="ani: halo")


def test_the_verdicts_of_a_run_are_read():
    assert diagnose("broadcast.not_to_sender", verdicts(SPOKE_BACK), KNOWN) == "echo"


def test_the_other_program_and_the_explorations_do_not_disturb():
    others = (
        failed("client.screen", Symptom.SCREEN_DIFFERS, line="", seen="x"),
        failed("client.prompt", Symptom.TODO_OPEN, todo=9),
        failed("exploration.sessions", Symptom.NOTHING_CAME, line="x", seen=""),
    )
    run = verdicts(SPOKE_BACK, *others)
    assert diagnose("broadcast.not_to_sender", run, KNOWN) == "echo"
    assert diagnose("exploration.sessions", run, KNOWN) is None
    assert diagnose("client.screen", run, KNOWN) is None


def test_the_groups_of_one_program_are_looked_at_together():
    alone = failed("start.listens", Symptom.NEVER_LISTENS)
    assert diagnose("broadcast.not_to_sender", verdicts(SPOKE_BACK, alone), KNOWN) is None


def test_the_client_is_looked_at_by_itself():
    prompt = {"client.prompt": "no_prompt"}
    run = verdicts(SPOKE_BACK, failed("client.prompt", Symptom.NO_PROMPT))
    assert diagnose("client.prompt", run, KNOWN + known(mute=[prompt] * 2)) == "mute"


@pytest.mark.parametrize("outcome", [Outcome.NOT_REACHED, Outcome.INCONCLUSIVE, Outcome.NOT_RUN])
def test_a_check_without_a_verdict_is_left_out(outcome: Outcome):
    run = verdicts(
        failed("disconnect.threads_freed", Symptom.THREADS_LEFT),
        Verdict("disconnect.no_spin", outcome),
    )
    # It may have been the one or the other.
    assert diagnose("disconnect.threads_freed", run, KNOWN) is None


def test_the_signature_holds_what_failed_and_how():
    # A failure that nobody vouches for is none.
    unsure = replace(failed("start.listens", Symptom.NEVER_LISTENS), outcome=Outcome.INCONCLUSIVE)
    found = signature(verdicts(SPOKE_BACK, unsure).values())
    assert found == {"broadcast.not_to_sender": "echo"}


@pytest.mark.parametrize(
    ("line", "seen", "how"),
    [
        ("ani: halo", "", "nothing"),
        ("ani: halo", ">> ", "nothing"),
        ("ani: é你", ">> ", "no_letters"),
        ("ani\n", "ani", "unended"),
        ("NICK", "Selamat datang!\nNICK\n", "more"),
        ("NICK", "nick\n", "respelled"),
        ("ani: halo", "ani : halo", "respelled"),
        ("ani: halo", "halo", "part"),
        ("halo", "ani: halo", "inside"),
        ("NICK", "Masukkan nama: ", "other"),
    ],
)
def test_the_manner_of_a_difference(line: str, seen: str, how: str):
    assert difference(line, seen) == how


@pytest.mark.parametrize(
    ("symptom", "facts", "expected"),
    [
        (Symptom.OTHER_LINE, {"line": "ani: halo", "seen": "halo"}, "other_line:part"),
        (Symptom.OTHER_LINE, {"line": "ani: halo"}, "other_line:nothing"),
        (Symptom.OTHER_LINE, {"seen": "halo"}, "other_line:inside"),
        # Which line came last is chance.
        (Symptom.NOTHING_CAME, {"line": "ani: halo", "seen": "OK"}, "nothing_came"),
        (Symptom.TRACEBACK, {"last": "ValueError: x"}, "traceback:ValueError"),
        (Symptom.TRACEBACK, {"last": "selesai"}, "traceback"),
        (Symptom.ECHO, {}, "echo"),
    ],
)
def test_signs(symptom: Symptom, facts: dict[str, object], expected: str):
    assert sign(Failure("ani", symptom, facts)) == expected
