"""A class made on purpose, in the form of Moodle's zip, and what must come of each submission."""

from __future__ import annotations

import random
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.proof.cases import SERVER, Case

# Names of all kinds; the number behind makes each its own.
NAMES = ("Ani Wijaya", "Budi O'Neil", "Citra de la Cruz", "Dewi_Lestari", "Ékà Ñandú", "王 伟")
FIRST_NUMBER = 4100
# Of so many submissions one is no program at all.
ONE_IN = 10


@dataclass(frozen=True, slots=True)
class Pupil:
    """One of the class: name, number, and what was sent.

    ``case`` is the server that was sent, beside the reference's client; where it is None,
    ``problem`` is the key of `problems.PROBLEMS` that the table must show.
    """

    name: str
    number: str
    case: Case | None
    problem: str = ""

    @property
    def folder(self) -> str:
        """What Moodle calls the folder."""
        return f"{self.name}_{self.number}_assignsubmission_file"


def pupils(cases: Sequence[Case], count: int, seed: int) -> list[Pupil]:
    """``count`` of them: servers of wheat and chaff, drawn by ``seed``, and one in ten broken."""
    drawn = random.Random(seed)
    servers = [case for case in cases if case.file == SERVER]
    broken = sorted(BROKEN)
    found = []
    for at in range(count):
        name, number = NAMES[at % len(NAMES)], str(FIRST_NUMBER + at)
        if at % ONE_IN == ONE_IN - 1:
            problem = broken[at // ONE_IN % len(broken)]
            found.append(Pupil(name, number, None, problem))
        else:
            found.append(Pupil(name, number, drawn.choice(servers)))
    return found


def _rar(folder: Path) -> None:
    (folder / "tugas.rar").write_bytes(b"Rar!\x1a\x07\x01\x00")


def _broken_zip(folder: Path) -> None:
    (folder / "tugas.zip").write_bytes(b"PK\x03\x04" + bytes(40))


def _no_programs(folder: Path) -> None:
    (folder / "laporan.txt").write_text("menyusul, Pak\n", encoding="utf-8")


def _two_programs(folder: Path) -> None:
    for name, line in (("server.py", "a = 1\n"), ("server (1).py", "b = 2\n")):
        (folder / name).write_text(line, encoding="utf-8")


BROKEN = {
    "other_archive": _rar,
    "broken_zip": _broken_zip,
    "no_programs": _no_programs,
    "two_programs": _two_programs,
}


def write_class(root: Path, some: Sequence[Pupil], work: Path, target: Path) -> None:
    """Write Moodle's zip of ``some`` to ``target``. Raises `ChaffError`, `OSError`."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in some:
            folder = work / each.number
            if each.case is not None:
                each.case.write(root, folder)
                reference = root / "solutions" / "1.contoh" / "client.py"
                shutil.copy(reference, folder / "client.py")
            else:
                folder.mkdir(parents=True)
                BROKEN[each.problem](folder)
            for path in _files(folder):
                archive.write(path, f"{each.folder}/{path.relative_to(folder).as_posix()}")
            shutil.rmtree(folder)


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
