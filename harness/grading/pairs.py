"""Cross-play: do the two halves of a submission speak the same protocol? A line each, no points.

Which pairs there are, which of them can be tried after what the checks have shown, and how the
outcome is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from harness.contract import sentences
from harness.contract.rubric import Bilingual, Language
from harness.contract.symptoms import Failure, about
from harness.grading.results import Outcome, Verdict


class Pair(StrEnum):
    """Who plays with whom; the values are part of the results format."""

    CLIENT = "client_with_reference"
    SERVER = "server_with_reference"
    BOTH = "both_together"


TITLES: Mapping[Pair, Bilingual] = {
    Pair.CLIENT: {
        "id": "client.py-mu dengan server acuan",
        "en": "your client.py with the reference server",
    },
    Pair.SERVER: {
        "id": "server.py-mu dengan client acuan",
        "en": "your server.py with the reference client",
    },
    Pair.BOTH: {
        "id": "client.py-mu dengan server.py-mu",
        "en": "your client.py with your server.py",
    },
}

# The checks without which a half cannot play at all: it would only be waited for.
FIRST_OF_SERVER, FIRST_OF_CLIENT = "start.listens", "client.nickname"
NEEDS: Mapping[Pair, tuple[str, ...]] = {
    Pair.CLIENT: (FIRST_OF_CLIENT,),
    Pair.SERVER: (FIRST_OF_SERVER,),
    Pair.BOTH: (FIRST_OF_SERVER, FIRST_OF_CLIENT),
}
_TALKED: Bilingual = {
    "id": "tiga orang bercakap-cakap, semua melihat semua pesan",
    "en": "three people talked, and all saw every message",
}
_BEGINS: Bilingual = {
    "id": "[{number}/{total}] tiga orang bercakap-cakap: {pair}",
    "en": "[{number}/{total}] three people talk: {pair}",
}
_PARTED: Bilingual = {
    "id": "seharusnya {expected}, tetapi {seen}",
    "en": "expected: {expected}; but {seen}",
}


@dataclass(frozen=True, slots=True)
class PairResult:
    """How one pair got on. ``reason`` is a ready sentence where nothing can be said of that."""

    pair: Pair
    outcome: Outcome
    failure: Failure | None = None
    reason: str = ""

    def said(self, lang: Language) -> str:
        """What came of it, in a sentence."""
        if self.outcome is Outcome.PASSED:
            return _TALKED[lang]
        if self.failure is None:
            return self.reason
        expected, seen = sentences.expected(self.failure, lang), sentences.seen(self.failure, lang)
        return _PARTED[lang].format(expected=expected, seen=seen)

    def as_json(self, lang: Language) -> dict[str, object]:
        """The play as it stands in the results, beside the checks."""
        return {
            "id": str(self.pair),
            "title": TITLES[self.pair][lang],
            "outcome": str(self.outcome),
            "expected": sentences.expected(self.failure, lang) if self.failure else "",
            "seen": sentences.seen(self.failure, lang) if self.failure else self.reason,
        }


def missing(pair: Pair, verdicts: Mapping[str, Verdict], demonstrated: Iterable[str]) -> str | None:
    """The check without which ``pair`` cannot be tried, or None."""
    for check in NEEDS[pair]:
        verdict = verdicts.get(check)
        if check in demonstrated or (verdict and verdict.outcome is Outcome.PASSED):
            continue
        failure = verdict.failure if verdict else None
        # Two halves that agree on something else than SPEC are worth a try; one that is not there
        # is not, and with the reference nothing comes of a half that was never understood.
        if failure is None or about(failure.symptom).is_absent or pair is not Pair.BOTH:
            return check
    return None


def announced(pair: Pair, lang: Language) -> str:
    """What is said while ``pair`` plays."""
    number = list(Pair).index(pair) + 1
    return _BEGINS[lang].format(number=number, total=len(Pair), pair=TITLES[pair][lang])
