"""What a run remembers of a program: what was seen to work, and for how long that is relied on."""

from harness.actors.known_facts import MOST_LOST, MOST_RESTLESS, KnownFacts


def test_what_was_seen_to_work_is_remembered():
    known = KnownFacts()
    known.saw("broadcast.delivers")
    assert known.demonstrated == {"broadcast.delivers"}


def test_a_demonstrated_fact_is_withdrawn_after_repeated_failures():
    known = KnownFacts()
    known.saw("broadcast.delivers")
    for _ in range(MOST_LOST - 1):
        known.failed_again("broadcast.delivers")
    assert known.demonstrated == {"broadcast.delivers"}
    known.failed_again("broadcast.delivers")
    assert known.demonstrated == set()
    known.saw("broadcast.delivers")
    assert known.demonstrated == set()


def test_only_failures_in_a_row_withdraw_a_fact():
    known = KnownFacts()
    known.saw("broadcast.delivers")
    for _ in range(3):
        for _ in range(MOST_LOST - 1):
            known.failed_again("broadcast.delivers")
        known.worked_again(["broadcast.delivers"])
    assert known.demonstrated == {"broadcast.delivers"}


def test_a_program_that_is_never_idle_is_not_waited_for_again():
    known = KnownFacts()
    known.restless = MOST_RESTLESS - 1
    assert known.rests
    known.restless = MOST_RESTLESS
    assert not known.rests
