"""What `watch` prints: a save, the first verdict, progress, the report, and that it waits."""

from __future__ import annotations

import shutil
import textwrap
import time
from collections.abc import Mapping, Sequence

from harness.contract import sentences
from harness.contract.rubric import Bilingual, Check, Language
from harness.grading.results import Outcome, Verdict
from harness.reports.last_screen import COLUMNS, ROWS
from harness.run import GradingRun
from harness.saves import Save, Unreadable
from harness.screen import Screen

_T: dict[str, Bilingual] = {
    "saved": {"id": "{time} {files} disimpan.", "en": "{time} {files} saved."},
    "gone": {
        "id": "{time} {files} tidak ada lagi; menunggu sampai ada lagi.",
        "en": "{time} {files} has gone; waiting until it is back.",
    },
    "folder": {
        "id": "{time} Folder itu tidak ada lagi; menunggu sampai ada lagi.",
        "en": "{time} The folder has gone; waiting until it is back.",
    },
    "mended": {"id": "{check}: sekarang lulus.", "en": "{check}: passes now."},
    "passed": {"id": "{check}: tetap lulus.", "en": "{check}: still passes."},
    "failed": {"id": "{check}: masih gagal.", "en": "{check}: still fails."},
    "todo": {
        "id": "{check}: TODO {todo} sudah dikerjakan; masih gagal.",
        "en": "{check}: TODO {todo} is begun; still fails.",
    },
    "broken": {"id": "{check}: sekarang gagal.", "en": "{check}: fails now."},
    "other": {"id": "{check}: {reason}", "en": "{check}: {reason}"},
    "expected": {"id": "seharusnya", "en": "expected"},
    "seen": {"id": "yang terjadi", "en": "seen"},
    "failing": {"id": "{n} gagal", "en": "{n} failed"},
    "waits": {
        "id": "Menunggu file disimpan lagi. Ctrl-C mengakhiri.",
        "en": "Waiting for the next save. Ctrl-C ends this.",
    },
}
# Clears a terminal and goes to its upper left corner.
_CLEAR = "\x1b[H\x1b[2J"


class WatchScreen:
    """Prints runs one after the other.

    On a terminal each run begins at the top, in one write, once there is something to say of it:
    until then the report of the run before it stays. Elsewhere every line comes after the others.
    """

    def __init__(self, lang: Language) -> None:
        self._lang: Language = lang
        self._screen = Screen()
        # What the next run begins with.
        self._head: list[str] = []
        self._is_begun = False

    @property
    def has_a_reader(self) -> bool:
        """Whether what is printed can still get anywhere (`| head`, a full disk)."""
        return not self._screen.is_deaf

    @property
    def has_spoken(self) -> bool:
        """Whether something has been said of this run, so that the report before it is gone."""
        return self._is_begun

    # -- the files

    def saved(self, save: Save) -> None:
        """A save was seen, or that something has gone."""
        names, key = save.saved, "saved"
        if not save.is_folder_there:
            key = "folder"
        elif save.lost:
            names, key = save.lost, "gone"
        else:
            names = names or save.gone
        line = _T[key][self._lang].format(time=time.strftime("%H:%M:%S"), files=", ".join(names))
        self._is_begun = False
        self._head = [line]
        if key == "saved" and self._screen.is_live:
            self._screen.progress(line)
        else:
            self._say([])

    def unreadable(self, files: Sequence[Unreadable]) -> None:
        """Each file that Python cannot read, in one line."""
        if files:
            self._say([sentences.visible(str(each)) for each in files])

    def cannot(self, sentence: str) -> None:
        """Why nothing can be graded now."""
        self._say([sentence])

    # -- a run

    def begins(self, header: str) -> None:
        """A run begins. Said at once where there is no report that could stay meanwhile."""
        if self._head:
            self._head.insert(0, header)
        elif not self._is_begun:
            self._head = [header]
            self._say([])

    def counts(self, done: int, most: int) -> None:
        """How far the check that is told now has come."""
        self._screen.counts(done, most)

    def tells(self, place: str, check: Check, verdicts: Mapping[str, Verdict]) -> None:
        """Which check is told now, at which ``place`` ("3/48"), and how many have failed so far."""
        failed = sum(each.outcome is Outcome.FAILED for each in verdicts.values())
        so_far = _T["failing"][self._lang].format(n=failed) + "  " if failed else ""
        title = check.title[self._lang]
        self._screen.progress(f"[{place}] {so_far}{check.id}. {title}")

    def does(self, what: str) -> None:
        """What is done after the checks; empty when nothing is."""
        self._screen.progress(what)

    def first(self, check: Check, verdict: Verdict, before: Verdict | None) -> None:
        """The verdict on the check that is told first, at once; ``before`` is its last one."""
        key, todo = _change(before, verdict)
        facts = {"check": check.id, "reason": verdict.reason, "todo": todo}
        lines = [_T[key][self._lang].format(**facts)]
        if verdict.failure is not None:
            lines += self._value("expected", sentences.expected(verdict.failure, self._lang))
            lines += self._value("seen", sentences.seen(verdict.failure, self._lang))
        self._say(lines)

    def report(self, run: GradingRun) -> None:
        """The report of a whole run."""
        self._say(["", run.last_screen()])

    def waits(self) -> None:
        """Nothing happens before the next save."""
        self._say([_T["waits"][self._lang]])

    def end(self) -> None:
        """Nothing is left of the progress, and the prompt comes on a line of its own."""
        self._screen.progress("")
        if self._screen.is_live:
            self._screen.say("\n")

    # -- lines

    def _say(self, lines: list[str]) -> None:
        if not self._is_begun:
            lines = [*self._head, *lines]
            self._head, self._is_begun = [], True
            if self._screen.is_live:
                lines[0] = _CLEAR + lines[0]
            else:
                lines.insert(0, "")
        self._screen.say("".join(f"{line}\n" for line in lines))

    def _value(self, name: str, text: str) -> list[str]:
        columns = shutil.get_terminal_size((COLUMNS, ROWS)).columns
        label = f"  {_T[name][self._lang]}: "
        return textwrap.wrap(
            text, max(columns, 40), initial_indent=label, subsequent_indent=" " * len(label),
            break_on_hyphens=False, max_lines=3, placeholder=" …",
        )  # fmt: skip


def _change(before: Verdict | None, now: Verdict) -> tuple[str, int | None]:
    """The name of the sentence about a verdict, and the TODO that was open the last time."""
    did_pass = before is not None and before.outcome is Outcome.PASSED
    todo = before.open_todo if before else None
    if now.outcome is Outcome.PASSED:
        return "passed" if did_pass else "mended", todo
    if now.outcome is not Outcome.FAILED:
        return "other", todo
    if todo is not None and (now.open_todo is None or now.open_todo > todo):
        return "todo", todo
    return "broken" if did_pass else "failed", todo
