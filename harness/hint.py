"""`python -m harness hint [CHECK]`: the next of three hints for a check that failed last time.

In: what the last run of this submission has left in its memory. Out: the hints given so far, the
next one last, and one more is remembered as given. Exit status: 0, or 4 where there is no such
check, no such folder, or no run yet.
"""

from __future__ import annotations

import dataclasses
import difflib
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness import command_line, commands
from harness.command_line import Misuse
from harness.contract import hints, sentences
from harness.contract.rubric import LANGUAGES, Check, Language, Rubric, load
from harness.contract.symptoms import Symptom
from harness.contract.todos import comment, place_words
from harness.grading import last_run
from harness.grading.judge import REPO
from harness.grading.next_step import first_to_mend
from harness.grading.results import Outcome, Verdict, blamed_numbers
from harness.grading.submission import NoSubmission, folder_of
from harness.options import DEFAULT_SUBMISSION
from harness.reports.evidence import typed
from harness.reports.todo_words import todo_words

WIDEST = 96
MOST_NAMES, MOST_COMMENT = 4, 6

_SAID: dict[str, dict[Language, str]] = {
    "no run": {
        "id": "Belum ada pemeriksaan yang diingat untuk '{path}'; jalankan dulu: {command}",
        "en": "No run is remembered for '{path}'; run this first: {command}",
    },
    "unknown": {
        "id": "Tidak ada pemeriksaan '{check}'; yang mirip: {names}.",
        "en": "There is no check '{check}'; the nearest are: {names}.",
    },
    "strange": {
        "id": "Tidak ada pemeriksaan '{check}'; petunjuk untuk yang pertama gagal: {command}",
        "en": "There is no check '{check}'; without a name, the first that failed: {command}",
    },
    "nothing": {
        "id": "Tidak ada yang gagal pada pemeriksaan terakhir.",
        "en": "Nothing failed in the last run.",
    },
    "passed": {
        "id": "{check} lulus pada pemeriksaan terakhir: tidak ada yang perlu diperbaiki.",
        "en": "{check} passed in the last run: there is nothing to mend.",
    },
    "waits": {
        "id": "{check} baru bisa diperiksa sesudah {first} lulus; petunjuk untuk itu: {command}",
        "en": "{check} cannot be judged before {first} passes; a hint for that: {command}",
    },
    "unsure": {
        "id": "{check} belum bisa diputuskan di komputer ini, bukan salahmu; ulangi: {command}",
        "en": "{check} could not be judged on this machine, not your fault; again: {command}",
    },
    "not judged": {
        "id": "{check} belum diperiksa; jalankan dulu: {command}",
        "en": "{check} has not been judged yet; run this first: {command}",
    },
    "anew": {
        "id": "Ketiga petunjuk sudah kamu dapat; mulai lagi dari yang pertama.",
        "en": "You have had all three hints; they begin anew.",
    },
    "step 1": {"id": "Petunjuk 1 dari 3, pertanyaan", "en": "Hint 1 of 3, a question"},
    "step 2": {
        "id": "Petunjuk 2 dari 3, bagian yang perlu dilihat",
        "en": "Hint 2 of 3, a place to look",
    },
    "step 3": {"id": "Petunjuk 3 dari 3, percobaan", "en": "Hint 3 of 3, an experiment"},
    "next": {"id": "Berikutnya: {command}", "en": "The next one: {command}"},
    "last": {
        "id": "Itu yang terakhir; mulai lagi dari yang pertama: {command}",
        "en": "That was the last; to begin anew: {command}",
    },
    "again": {"id": "Periksa lagi: {command}", "en": "Check again: {command}"},
    "read": {"id": "Bacaan: {page}", "en": "To read (in Indonesian): {page}"},
    "no nc": {
        "id": "Di komputer ini tidak ada nc; penggantinya ada di docs/id/windows.md.",
        "en": "There is no nc on this machine; docs/id/windows.md has a line of Python instead.",
    },
}


def main(arguments: Sequence[str], lang: str = "id") -> int:
    """Say the next hint; returns the exit status."""
    language: Language = "en" if lang == "en" else LANGUAGES[0]
    takes = commands.COMMANDS["hint"].arguments or ()
    found = command_line.read("hint ", takes, arguments, language)
    given = found.submission or str(REPO / DEFAULT_SUBMISSION)
    try:
        folder = folder_of(given, language)
    except NoSubmission as error:
        raise Misuse(str(error)) from None
    talk = Talk(load(), language, found.submission or "", folder)
    sys.stdout.write("\n".join(talk.answer(found.check)) + "\n")
    return 0


@dataclasses.dataclass(frozen=True)
class Talk:
    """What is asked about: the submission in ``folder``, called ``path`` unless it is the usual."""

    rubric: Rubric
    lang: Language
    path: str
    folder: Path

    def answer(self, asked: str) -> list[str]:
        """The lines about the check ``asked``, or the one to mend first. Raises `Misuse`."""
        memory = last_run.memory_of(self.folder)
        known = last_run.recall_all(memory)
        verdicts = {
            name: verdict
            for name, each in known.items()
            if name in self.rubric.checks and (verdict := each.as_verdict(name))
        }
        check = self._check(asked) if asked else None
        if not verdicts:
            path = self.path or DEFAULT_SUBMISSION
            raise Misuse(self._say("no run", path=path, command=self._command()))
        if check is None:
            latest = [name for name, each in known.items() if each.is_latest and name in verdicts]
            failed = [n for n in latest if verdicts[n].outcome is Outcome.FAILED]
            first = verdicts[failed[0]] if failed else first_to_mend(self.rubric, verdicts)
            if first is None:
                return [self._say("nothing")]
            check = self.rubric.checks[first.check]
        verdict = verdicts.get(check.id)
        if verdict is None or verdict.outcome is not Outcome.FAILED or verdict.failure is None:
            return [self._no_hint(check.id, verdicts)]
        remembered = known[check.id]
        count = remembered.hints % hints.STEPS + 1
        given = dataclasses.replace(remembered, hints=count)
        last_run.keep_all(memory, {**known, check.id: given})
        is_anew = remembered.hints >= hints.STEPS
        return self._hints(check, verdict, verdict.failure.symptom, count, is_anew)

    def _check(self, asked: str) -> Check:
        """The check of that name, or the only one with that word in its name. Raises `Misuse`."""
        names = list(self.rubric.checks)
        like = [asked] if asked in names else [name for name in names if asked in name]
        if len(like) == 1:
            return self.rubric.checks[like[0]]
        near = like or difflib.get_close_matches(asked, names, MOST_NAMES, 0.4)
        if not near:
            raise Misuse(self._say("strange", check=asked, command=self._command("hint")))
        raise Misuse(self._say("unknown", check=asked, names=", ".join(near[:MOST_NAMES])))

    def _no_hint(self, check: str, verdicts: Mapping[str, Verdict]) -> str:
        """Why there is no hint for it, in a sentence."""
        verdict = verdicts.get(check)
        if verdict is not None and verdict.outcome is Outcome.PASSED:
            return self._say("passed", check=check)
        if verdict is not None and verdict.outcome is Outcome.NOT_REACHED:
            first = self._first_of(verdict, verdicts)
            if first:
                command = self._command("hint", first)
                return self._say("waits", check=check, first=first, command=command)
        is_unsure = verdict is not None and verdict.outcome in (
            Outcome.INCONCLUSIVE,
            Outcome.NOT_RUN,
        )
        key = "unsure" if is_unsure else "not judged"
        return self._say(key, check=check, command=self._command("-k", check))

    def _first_of(self, verdict: Verdict, verdicts: Mapping[str, Verdict]) -> str:
        """The failed check at the end of what this one waits for; empty if it is not known."""
        seen: set[str] = set()
        while verdict.outcome is Outcome.NOT_REACHED and verdict.waits_for not in seen:
            seen.add(verdict.waits_for)
            following = verdicts.get(verdict.waits_for)
            if following is None:
                return ""
            verdict = following
        return verdict.check if verdict.outcome is Outcome.FAILED else ""

    def _hints(
        self, check: Check, verdict: Verdict, symptom: Symptom, count: int, is_anew: bool
    ) -> list[str]:
        """The first ``count`` hints, what they are about, and what to type next."""
        where = place_words(self.folder, self.rubric.todos)
        lines = _wrapped(f"{check.id}. {check.title[self.lang]}")
        if where.keys() & set(blamed_numbers(check, verdict)):
            lines += _wrapped(todo_words(check, verdict, where, self.lang))
        if verdict.open_todo:
            lines += self._comment(verdict.open_todo)
        if is_anew:
            lines += ["", *_wrapped(self._say("anew"))]
        assert verdict.failure is not None
        given = hints.of_failure(check, verdict.failure, self.lang)[:count]
        for number, text in enumerate(given, 1):
            lines += ["", *_wrapped(f"{self._say(f'step {number}')}: {text}")]
        lines.append("")
        if any("nc " in f"{text} " for text in given) and shutil.which("nc") is None:
            lines += _wrapped(self._say("no nc"))
        page = hints.page(check.id, symptom, verdict.failure.facts.get("met"))
        if page and (REPO / page).is_file():
            lines.append(self._say("read", page=page))
        following = "next" if count < hints.STEPS else "last"
        # A command is one line however long it is, so that it can be copied.
        lines.append(self._say(following, command=self._command("hint", check.id)))
        return [*lines, self._say("again", command=self._command("-k", check.id))]

    def _comment(self, number: int) -> list[str]:
        """What the file says of an open TODO."""
        file = next((todo.file for todo in self.rubric.todos if todo.number == number), "")
        try:
            source = (self.folder / file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return []
        said = map(sentences.visible, comment(source, number)[:MOST_COMMENT])
        return [line for row in said for line in _wrapped(row, "  ")]

    def _command(self, *words: str) -> str:
        """What to type for this submission."""
        more = [f"--submission={self.path}"] if self.path else []
        return typed(["python", "-m", "harness", *words, *more])

    def _say(self, key: str, **facts: object) -> str:
        return _SAID[key][self.lang].format(**facts)


def _wrapped(text: str, indent: str = "") -> list[str]:
    """``text`` by words, no wider than the terminal."""
    width = min(WIDEST, max(shutil.get_terminal_size().columns, 20))
    return textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False,
        break_long_words=False,
    )  # fmt: skip
