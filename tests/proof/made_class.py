"""A class made on purpose, in the form of Moodle's zip, and what must come of each submission."""

from __future__ import annotations

import random
import shutil
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.classroom import box
from tests.proof.attack_cases import CHECKS, Attack, read_attacks
from tests.proof.attacks import BASES
from tests.proof.cases import SERVER, Case

# Names of all kinds; the number behind makes each its own.
NAMES = ("Ani Wijaya", "Budi O'Neil", "Citra de la Cruz", "Dewi_Lestari", "Ékà Ñandú", "王 伟")
FIRST_NUMBER = 4100
# Of so many submissions one is no program at all, and one an attack.
ONE_IN, ATTACK_AT = 10, 4
# What an attack leaves behind has this in its name or among its arguments.
MARK = "modul4-made-class"
# What attacks do, without the attack: the points of these two are the honest ones.
HONEST = (
    Attack("honest-server", tries="Nothing.", base="server"),
    Attack("honest-end", tries="Nothing.", base="ends"),
)
SHADOWING = frozenset(("tests/wheat/own_modules",))


@dataclass(frozen=True, slots=True)
class Pupil:
    """One of the class: name, number, and what was sent.

    ``case`` or ``attack`` is the server that was sent, beside the reference's client; where there
    is neither, ``problem`` is the key of `problems.PROBLEMS` that the table must show.
    """

    name: str
    number: str
    case: Case | None
    problem: str = ""
    attack: Attack | None = None

    @property
    def is_program(self) -> bool:
        """Whether it can be graded."""
        return self.case is not None or self.attack is not None

    @property
    def folder(self) -> str:
        """What Moodle calls the folder."""
        return f"{self.name}_{self.number}_assignsubmission_file"


def pupils(root: Path, cases: Sequence[Case], count: int, seed: int) -> list[Pupil]:
    """``count`` of them: servers of wheat and chaff, drawn by ``seed``; one in ten is broken.

    One in ten is an attack, the first two of them without their attack. Raises `AttackError`.
    """
    drawn = random.Random(seed)
    attacks = [*HONEST, *drawn.sample(zippable := attacks_of(root), len(zippable))]
    # With modules of its own named as the library's, the reference's client cannot run beside it.
    servers = [case for case in cases if case.file == SERVER and case.base not in SHADOWING]
    broken = sorted(BROKEN)
    found = []
    for at in range(count):
        name, number = NAMES[at % len(NAMES)], str(FIRST_NUMBER + at)
        if at % ONE_IN == ONE_IN - 1:
            problem = broken[at // ONE_IN % len(broken)]
            found.append(Pupil(name, number, None, problem))
        elif at % ONE_IN == ATTACK_AT:
            attack = attacks[at // ONE_IN % len(attacks)]
            found.append(Pupil(name, number, None, attack=attack))
        else:
            found.append(Pupil(name, number, drawn.choice(servers)))
    return found


def attacks_of(root: Path) -> list[Attack]:
    """The attacks that come through Moodle and should earn no more than what is around them.

    Not those that need a limit of their own, or files that no zip holds. Raises `AttackError`.
    """
    return [
        each
        for each in read_attacks(root)
        if box.BUBBLEWRAP in each.boxes
        and each.base in ("server", "ends")
        and each.checks == CHECKS
        and each.honest is None
        and not (each.limits or each.open or each.entries or each.stopped)
        and not any(Path(name).name == SERVER for name in each.files)
    ]


def _rar(folder: Path) -> None:
    (folder / "tugas.rar").write_bytes(b"Rar!\x1a\x07\x01\x00")


def _broken_zip(folder: Path) -> None:
    (folder / "tugas.zip").write_bytes(b"PK\x03\x04" + bytes(40))


def _no_programs(folder: Path) -> None:
    (folder / "laporan.txt").write_text("menyusul, Pak\n", encoding="utf-8")


def _two_programs(folder: Path) -> None:
    for name, line in (("lama", "a = 1\n"), ("baru", "b = 2\n")):
        (folder / name).mkdir()
        (folder / name / SERVER).write_text(line, encoding="utf-8")


BROKEN = {
    "other_archive": _rar,
    "broken_zip": _broken_zip,
    "no_programs": _no_programs,
    "two_programs": _two_programs,
}


def write_class(root: Path, some: Sequence[Pupil], work: Path, target: Path) -> None:
    """Write Moodle's zip of ``some`` to ``target``. Raises `ChaffError`, `OSError`."""
    names = _around(root, target.parent)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in some:
            folder = work / each.number
            if each.case is not None:
                each.case.write(root, folder)
            else:
                folder.mkdir(parents=True)
            if each.attack is not None:
                _write_attack(each.attack, names, folder)
            if not each.is_program:
                BROKEN[each.problem](folder)
            elif not (folder / "client.py").exists():
                shutil.copy(root / "solutions" / "1.contoh" / "client.py", folder / "client.py")
            for path in _files(folder):
                archive.write(path, f"{each.folder}/{path.relative_to(folder).as_posix()}")
            shutil.rmtree(folder)


def _around(root: Path, work: Path) -> Mapping[str, object]:
    """What attacks know of the machine: where all is that they are after."""
    return {
        "mark": MARK,
        "kit": str(root),
        "classroom": str(work),
        "out": str(work / "marks"),
        "secret": str(work / "sheet.csv"),
        "venv": sys.prefix,
        "terminal": "/dev/tty",
        "port": 47_001,
        "socket": str(work / "socket"),
    }


def _write_attack(attack: Attack, names: Mapping[str, object], folder: Path) -> None:
    (folder / SERVER).write_text(attack.program(BASES, names), encoding="utf-8")
    for name, text in attack.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def worksheet_of(some: Sequence[Pupil]) -> str:
    """The teacher's grading worksheet, as Moodle writes it for an assignment of 100 points."""
    head = "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    head += "Last modified (grade),Feedback comments"
    rows = [
        f'Participant {each.number},"{each.name}",{each.number}@example.org,'
        '"Submitted for grading",,100.00,Yes,-,'
        for each in some
    ]
    return "\n".join([head, *rows, ""])
