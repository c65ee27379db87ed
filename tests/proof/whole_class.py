"""`python -m harness whole-class`: a made class is graded, killed twice, resumed, and looked at.

Every verdict must be as with the program alone, no attack may earn what the same program does not
earn without it, the worksheet and the feedback zip must pass a reader that goes by Moodle's rules,
and nothing may be left behind. Printed as well: submissions a minute, how much of the processors
was used, and the grader's memory.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from harness import command_line, commands
from harness.classroom import box, problems
from harness.classroom.one import RESULTS
from harness.classroom.spreadsheet import FILE as TABLE
from harness.command_line import Misuse
from harness.contract.rubric import load
from tests.proof import grade_case
from tests.proof.attack_cases import Attack
from tests.proof.cases import all_cases
from tests.proof.expectations import differences
from tests.proof.made_class import HONEST, MARK, Pupil, pupils, worksheet_of, write_class
from tests.proof.matrix import EXACT, INEXACT, MISUSED, ROOT

KILLS = 2
# Seconds between two looks at how many are graded.
LOOK = 0.2
PASSED, LOST = "passed", ("failed", "not_reached")
# Where an attack may leave a file for others to find.
PLACES = ("/tmp", "/var/tmp", "/dev/shm", "/run")
# Moodle's own: the name, the number of the participant, the kind (importziplib.php).
FEEDBACK = re.compile(r"[^/_]+_(\d+)_assignsubmission_file/[^/.~][^/]*")


def main(arguments: Sequence[str], lang: str = "en") -> int:
    """Do it; returns 0 when all is as it must be."""
    takes = commands.COMMANDS["whole-class"].arguments or ()
    try:
        asked = command_line.read("whole-class ", takes, arguments, lang)
    except Misuse as error:
        sys.stderr.write(f"{error}\n")
        return MISUSED
    wrong = rehearse(max(asked.count, 1), max(asked.j, 1), asked.seed)
    print("\n".join([*wrong, f"{asked.count} submissions: {len(wrong) or 'no'} differences"]))
    return INEXACT if wrong else EXACT


def rehearse(count: int, jobs: int, seed: int) -> list[str]:
    """What came out otherwise than it must, in a class of ``count``. Raises `OSError`."""
    rubric = load()
    some = pupils(ROOT, all_cases(ROOT, rubric), count, seed)
    with tempfile.TemporaryDirectory(prefix="modul4-class-") as folder:
        work = Path(folder)
        source, out, sheet = work / "class.zip", work / "marks", work / "sheet.csv"
        write_class(ROOT, some, work / "made", source)
        sheet.write_text(worksheet_of(some), encoding="utf-8")
        command = [sys.executable, "-m", "harness", "--lang=en", "grade", str(source)]
        command += ["--out", str(out), "-j", str(jobs), "--seed", str(seed)]
        command += ["--worksheet", str(sheet), "--isolation", box.strongest()]
        drawn = random.Random(seed)
        for _ in range(KILLS):
            _kill_half_way(command, out, drawn.randrange(1, max(count // 3, 2)))
        began, before = time.monotonic(), processors()
        there = _graded(out)
        status, memory, said = _run(command)
        took, after = time.monotonic() - began, processors()
        done = _graded(out) - there
        print(f"{done} graded after {KILLS} kills in {took / 60:.1f} min, -j {jobs}")
        busy = (after[0] - before[0]) / max(after[1] - before[1], 1)
        print(f"{done / took * 60:.1f} a minute; the processors were busy {busy:.0%} of the time")
        print(f"memory of the grader: {memory:.0f} MB")
        wrong = [] if status in (0, 3) else [f"grade ended with {status}: {said[-500:]}"]
        wrong += _verdicts(some, out)
        undecided = _undecided(out)
        print(f"{len(undecided)} with a check that could not be decided: not handed back")
        sheet_text = (out / sheet.name).read_text(encoding="utf-8")
        wrong += _sheet(some, sheet_text, undecided)
        wrong += _feedback(some, out / "feedback.zip")
        wrong += [f"left behind: {each.name}" for each in out.glob(".work-*")]
        wrong += [f"left behind: {each}" for each in _left_by_attacks()]
        return wrong


def _graded(out: Path) -> int:
    return len(list(out.glob(f"*/{RESULTS}")))


def processors() -> tuple[int, int]:
    """How much time all processors were busy so far, and how much there was (Linux: proc_stat(5)).

    Of the whole machine: nobody waits for what has its own processes in a box.
    """
    try:
        first = Path("/proc/stat").read_text(encoding="ascii").partition("\n")[0]
    except OSError:
        return 0, 0
    times = [int(word) for word in first.split()[1:9]]
    return sum(times) - times[3] - times[4], sum(times)


def _kill_half_way(command: list[str], out: Path, after: int) -> None:
    """Start it and kill it without a warning once ``after`` more submissions are graded."""
    before = _graded(out)
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=os.name == "posix",
    )  # fmt: skip
    while process.poll() is None and _graded(out) < before + after:
        # Nothing tells us when a folder appears.
        time.sleep(LOOK)
    process.kill()
    process.wait()


def _run(command: list[str]) -> tuple[int, float, str]:
    """Run it to its end: its status, the most memory that it took (MB, Linux), what it said."""
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    most, said = 0.0, []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        with contextlib.suppress(OSError, ValueError, IndexError):
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
            most = max(most, int(status.partition("VmHWM:")[2].split()[0]) / 1024)
    return process.wait(), most, "".join(said)


def _verdicts(some: Sequence[Pupil], out: Path) -> list[str]:
    """What differs from what each program must get."""
    text = (out / TABLE).read_text(encoding="utf-8-sig")
    table = {row["number"]: row for row in csv.DictReader(io.StringIO(text))}
    wrong = []
    outcomes: dict[str, dict[str, str]] = {}
    for each in some:
        row = table.get(each.number)
        if row is None:
            wrong.append(f"{each.number} has no row in {TABLE}")
        elif not each.is_program:
            known = problems.PROBLEMS[each.problem]["en"].partition("{")[0]
            if not row["problem"].startswith(known):
                wrong.append(f"{each.number}: {each.problem} is told as {row['problem']!r}")
        else:
            path = out / row["folder"] / RESULTS
            if not path.is_file():
                wrong.append(f"{each.number} ({_called(each)}): {row['problem']}")
                continue
            document = json.loads(path.read_text(encoding="utf-8"))
            if each.attack is not None:
                outcomes[each.attack.name] = {c["id"]: c["outcome"] for c in document["checks"]}
            if each.case is None:
                continue
            seen = grade_case.read(document, each.case.groups)
            wrong += [f"{each.number}: {said}" for said in differences(each.case, seen)]
            client = grade_case.read(document, ("client",))
            wrong += [f"{each.number}: the reference's client fails {c}" for c in client.failed]
    attacks = [each.attack for each in some if each.attack is not None]
    return wrong + [said for each in attacks for said in _unearned(each, outcomes)]


def _called(pupil: Pupil) -> str:
    sent = pupil.case or pupil.attack
    return sent.name if sent is not None else pupil.problem


def _unearned(attack: Attack, outcomes: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The checks that an attack passes and the same program without it fails."""
    honest = next(each.name for each in HONEST if each.base == attack.base)
    without, found = outcomes.get(honest, {}), outcomes.get(attack.name, {})
    gained = [name for name, seen in found.items() if seen == PASSED and without.get(name) in LOST]
    return [f"{attack.name} passes {name}, and {honest} does not" for name in gained]


def _left_by_attacks() -> list[str]:
    """Files and processes with the attacks' mark (Linux)."""
    left = [str(path) for place in PLACES for path in Path(place).glob(f"*{MARK}*")]
    for told in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if MARK.encode() in (words := told.read_bytes()):
                left.append(words.replace(b"\0", b" ").decode(errors="replace")[-80:])
    return left


def _undecided(out: Path) -> set[str]:
    """The numbers of those of whom a check could not be decided: the machine was too busy."""
    found = set()
    for path in out.glob(f"*/{RESULTS}"):
        checks = json.loads(path.read_text(encoding="utf-8"))["checks"]
        if any(check["outcome"] == "inconclusive" for check in checks):
            found.add(path.parent.name.rpartition("-")[2])
    return found


def _sheet(some: Sequence[Pupil], text: str, undecided: Collection[str] = ()) -> list[str]:
    """What Moodle's import would not take: it wants the same rows, and grades within the maximum.

    Who is ``undecided`` has no grade there.

    Source: mod/assign/feedback/offline/importgradeslib.php.
    """
    before = list(csv.DictReader(io.StringIO(worksheet_of(some))))
    after = list(csv.DictReader(io.StringIO(text)))
    if len(before) != len(after) or before[0].keys() != after[0].keys():
        return ["the worksheet has other rows or columns than before"]
    wrong = []
    for each, old, new in zip(some, before, after, strict=True):
        touched = {name for name in old if old[name] != new[name]}
        if not touched <= {"Grade", "Feedback comments"}:
            wrong.append(f"{each.number}: the worksheet differs in {sorted(touched)}")
        if (each.is_program and each.number not in undecided) != bool(new["Grade"]):
            wrong.append(f"{each.number}: grade in the worksheet: {new['Grade']!r}")
        elif new["Grade"] and not 0 <= float(new["Grade"]) <= 100:
            wrong.append(f"{each.number}: {new['Grade']} is beyond the maximum")
    return wrong


def _feedback(some: Sequence[Pupil], path: Path) -> list[str]:
    """Whose page Moodle would not find in the zip, and what it would not take."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    found = [match[1] for name in names if (match := FEEDBACK.fullmatch(name))]
    wrong = [f"{path.name}: {name}" for name in names if not FEEDBACK.fullmatch(name)]
    graded = {each.number for each in some if each.is_program}
    return wrong + [f"{number}: no page in {path.name}" for number in graded - set(found)]
