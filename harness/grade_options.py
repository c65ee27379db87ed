"""The command line of `grade`, understood; and the sentences of the command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness import command_line, commands
from harness.classroom import box, canvas, moodle, problems
from harness.classroom.handed_in import HandedIn
from harness.classroom.one import ClassEntry
from harness.classroom.overrides import OVERRIDES, Override, WrongRow, folder_meant, overrides_in
from harness.classroom.teams import TEAMS, Student, teams_in
from harness.command_line import Misuse
from harness.contract.rubric import Bilingual, Language, load
from harness.program import program_user

SAID: dict[str, Bilingual] = {
    "no source": {
        "id": "'{path}' tidak ada. Berikan folder atau zip yang berisi kiriman mahasiswa.",
        "en": "There is no '{path}'. Give the folder or the zip that holds what students sent.",
    },
    "no out": {
        "id": "Yang kurang: --out FOLDER, tempat hasilnya ditulis.",
        "en": "Missing: --out FOLDER, where the results are written.",
    },
    "inside": {
        "id": "--out tidak boleh berada di dalam folder kiriman: pilih folder lain.",
        "en": "--out must not lie in the folder of what was sent: choose another one.",
    },
    "no box": {
        "id": "Kotak '{name}' tidak bisa dibuat di sini; yang bisa: {possible}.",
        "en": "The box '{name}' cannot be made here; what can: {possible}.",
    },
    "no user": {
        "id": "Kotak 'user' tidak bisa dibuat di sini; yang bisa: {possible}. Yang dibutuhkan: "
        "Linux, root yang boleh menjadi user lain, serta Python, perangkat ini, dan folder "
        "sementara (TMPDIR) di tempat yang bisa dicapai semua user.",
        "en": "The box 'user' cannot be made here; what can: {possible}. It needs Linux, a root "
        "that may become other users, and Python, this kit and the folder for temporary files "
        "(TMPDIR) where all users can reach them.",
    },
    "barred": {
        "id": "Folder {folder} tertutup bagi user lain.",
        "en": "The folder {folder} is closed to other users.",
    },
    "unprotected": {
        "id": "Program mahasiswa tidak bisa dikurung di sini (tidak ada bubblewrap atau Landlock). "
        "Program itu bisa membaca dan mengubah semua file milikmu. Pasang bubblewrap; atau pakai "
        "komputer yang isinya boleh hilang dan tambahkan --isolation process.",
        "en": "Students' programs cannot be confined here (no bubblewrap and no Landlock). "
        "They can read and change all files of yours. Install bubblewrap; or use a machine with "
        "nothing on it to lose and add --isolation process.",
    },
    "nothing": {
        "id": "Di '{path}' tidak ada kiriman: tidak ada folder, zip, atau file mahasiswa.",
        "en": "Nothing was handed in in '{path}': there is no folder, zip or file of a student.",
    },
    "unreadable": {
        "id": "'{path}' tidak bisa dibaca: {why}",
        "en": "'{path}' cannot be read: {why}",
    },
    "head": {
        "id": "{count} kiriman · --seed {seed} · kotak: {box}",
        "en": "{count} handed in · --seed {seed} · box: {box}",
    },
    "other terms": {
        "id": "{count} dinilai lagi, karena ini lain dari penilaian lalu: {what}. Kalau itu tidak "
        "disengaja, tekan Ctrl-C dan tulis pilihan yang sama seperti waktu itu.",
        "en": "{count} are graded again, because this is not as the last time: {what}. If you did "
        "not mean that, press Ctrl-C and write the options of that time.",
    },
    "row": {"id": "{name}: {score:g} dari {most:g}", "en": "{name}: {score:g} of {most:g}"},
    "undecided": {
        "id": "; belum diputuskan: {checks}",
        "en": "; not decided: {checks}",
    },
    "kept": {"id": " (dari penilaian lalu)", "en": " (graded before)"},
    # The seconds that pass are shown behind these two.
    "first": {
        "id": "[{done}/{all}] sedang menilai",
        "en": "[{done}/{all}] grading",
    },
    "progress": {
        "id": "[{done}/{all}] sisa kira-kira {left} menit; menunggu yang berikutnya",
        "en": "[{done}/{all}] about {left} min left; waiting for the next",
    },
    "changed": {"id": " (diubah dengan tangan)", "en": " (changed by hand)"},
    "all changed": {
        "id": "{count} nilai diubah dengan tangan, menurut {file}.",
        "en": "{count} changed by hand, as {file} says.",
    },
    "open": {
        "id": "Belum bisa diputuskan semuanya: {names}. Hapus foldernya di {path}, lalu jalankan "
        "perintah yang sama: yang itu dinilai lagi.",
        "en": "Not all is decided for {names}. Delete the folder in {path} and run the same "
        "command: then that one is graded again.",
    },
    "end": {
        "id": "{count} dinilai, {problems} bermasalah. Tabelnya: {path}",
        "en": "{count} graded, {problems} with a problem. The table: {path}",
    },
    "stopped": {
        "id": "Dihentikan. Perintah yang sama melanjutkan dari sini.",
        "en": "Stopped. The same command goes on from here.",
    },
}


# A grading waits for half of its time (for bounds, for a client to come to rest), so one on each
# core leaves a third of the cores unused.
GRADINGS_A_CORE = 2


@dataclass(frozen=True, slots=True)
class ClassOptions:
    """What is graded, where to, and how. ``jobs``: so many gradings at once."""

    source: Path
    out: Path
    jobs: int
    seed: int | None
    isolation: str
    locale: str
    again: bool
    worksheet: Path | None
    lang: Language
    executor: str = ""
    gradebook: Path | None = None
    assignment: str = ""


def understood(arguments: Sequence[str], lang: Language) -> ClassOptions:
    """The command line understood. Raises `Misuse`."""
    takes = commands.COMMANDS["grade"].arguments or ()
    asked = command_line.read("grade ", takes, arguments, lang)
    source = Path(asked.source).expanduser()
    if not source.exists():
        raise misuse("no source", lang, path=asked.source)
    if not asked.out:
        raise misuse("no out", lang)
    out = Path(asked.out).expanduser().resolve()
    if source.is_dir() and out.is_relative_to(source.resolve()):
        raise misuse("inside", lang)
    # With other machines it is theirs that counts.
    isolation = asked.isolation if asked.executor else _isolation(asked.isolation, lang)
    locale = asked.locale or lang
    sheet = Path(asked.worksheet).expanduser() if asked.worksheet else None
    if sheet is not None:
        worksheet(sheet, (), lang)  # Told now, and not after an hour.
    book = Path(asked.gradebook).expanduser() if asked.gradebook else None
    if book is not None:
        gradebook(book, (), asked.assignment, lang)
    return ClassOptions(
        source, out, at_once(asked.j), asked.seed, isolation, locale, asked.regrade, sheet, lang,
        asked.executor, book, asked.assignment,
    )  # fmt: skip


def at_once(cores: int) -> int:
    """How many gradings at once keep ``cores`` busy; for one core, one: no neighbours at all."""
    return GRADINGS_A_CORE * cores if cores > 1 else 1


def worksheet(path: Path, rows: Sequence[ClassEntry], lang: Language) -> tuple[str, int]:
    """The teacher's worksheet with the grades, and how many. Raises `Misuse`."""
    try:
        return moodle.filled_in(path.read_text(encoding="utf-8"), rows, lang)
    except moodle.NoWorksheet as error:
        raise Misuse(problems.WORKSHEET[str(error)][lang].format(path=path)) from None
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "UTF-8?"
        raise Misuse(problems.WORKSHEET["unreadable"][lang].format(path=path, why=why)) from None


def gradebook(
    path: Path, rows: Sequence[ClassEntry], assignment: str, lang: Language
) -> canvas.FilledGradebook:
    """The teacher's gradebook of Canvas with the grades. Raises `Misuse`."""
    try:
        # As bytes: every line end must stay as it is.
        return canvas.filled_gradebook(path.read_bytes().decode("utf-8"), rows, assignment)
    except canvas.NoGradebook as error:
        facts = {"path": path, **error.facts}
        raise Misuse(canvas.GRADEBOOK[error.key][lang].format(**facts)) from None
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "UTF-8?"
        said = canvas.GRADEBOOK["unreadable"][lang]
        raise Misuse(said.format(path=path, why=why)) from None


def by_hand(
    out: Path, sent: Sequence[HandedIn], lang: Language
) -> tuple[list[Override], dict[str, list[Student]]]:
    """What the teacher's two files in ``out`` say, by the folder of a submission. Raises `Misuse`.

    Each row must be about something that was ``sent``.
    """
    called = {each.key: (each.number, each.name) for each in sent}
    try:
        changes = [
            replace(each, who=folder_meant(OVERRIDES, each.who, called))
            for each in overrides_in(out, load())
        ]
        teams: dict[str, list[Student]] = {}
        for team, students in teams_in(out).items():
            teams.setdefault(folder_meant(TEAMS, team, called), []).extend(students)
        return changes, teams
    except WrongRow as error:
        raise Misuse(error.told(lang)) from None


def misuse(key: str, lang: Language, **facts: object) -> Misuse:
    return Misuse(SAID[key][lang].format(**facts))


def _no_user(possible: str, lang: Language) -> str:
    """Why the box `user` cannot be had, and what is in the way where that can be seen."""
    said = SAID["no user"][lang].format(possible=possible)
    if folder := program_user.out_of_reach():
        said += " " + SAID["barred"][lang].format(folder=folder)
    return said


def _isolation(asked: str, lang: Language) -> str:
    """The name of the box to use; none at all only where that is asked for. Raises `Misuse`."""
    if asked != box.AUTO:
        if not box.is_possible(asked):
            possible = ", ".join(n for n in box.NAMES if n != box.AUTO and box.is_possible(n))
            if asked == box.USER:
                raise Misuse(_no_user(possible, lang))
            raise misuse("no box", lang, name=asked, possible=possible)
        return asked
    if (found := box.strongest()) == box.PROCESS:
        raise misuse("unprotected", lang)
    return found
