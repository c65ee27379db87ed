"""What a run tells its page beside the results document."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from harness.contract import hints
from harness.contract.rubric import Language, Rubric
from harness.contract.todos import place_words
from harness.grading.next_step import first_to_mend
from harness.grading.results import Verdict
from harness.reports.evidence import saved_as
from harness.reports.page import Known


def known(
    rubric: Rubric, verdicts: Mapping[str, Verdict], folder: Path, lang: Language, whose: str = ""
) -> Known:
    """The check to mend first, the last words on stderr, the stories that were saved, the hints,
    and where the TODOs stand in the submission in ``folder``; ``whose`` it is.
    """
    first = first_to_mend(rubric, verdicts)
    saved = {check: name for check, verdict in verdicts.items() if (name := saved_as(verdict))}
    failed = {
        check: verdict.failure
        for check, verdict in verdicts.items()
        if verdict.failure and check in rubric.checks
    }
    return Known(
        first=first.check if first else "",
        stderr={check: verdict.stderr for check, verdict in verdicts.items()},
        saved=saved,
        places=place_words(folder, rubric.todos),
        more_hints={
            check: hints.of_failure(rubric.checks[check], failure, lang)[1:]
            for check, failure in failed.items()
        },
        whose=whose,
        reading={
            check: hints.page(check, each.symptom, each.facts.get("met"))
            for check, each in failed.items()
        },
    )
