"""The commands of `python -m harness`: one table of what each takes, is for, and does.

Longer than 300 lines because it is one table, in two languages.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from harness.command_line import Argument, Words

SUBMISSION = Argument(
    "--submission",
    {
        "id": "folder berisi server.py dan client.py; bawaannya modul4/1.contoh",
        "en": "folder with server.py and client.py; default modul4/1.contoh",
    },
    "DIR",
)
LANG = Argument("--lang", {"id": "bahasa umpan balik", "en": "language of feedback"}, "id|en")
SEED = Argument(
    "--seed",
    {"id": "ulangi pilihan acak yang sama", "en": "make the same random choices again"},
    "N",
)
GRADING = (
    SUBMISSION,
    Argument(
        "-k",
        {
            "id": "hanya pemeriksaan yang namanya memuat kata ini, misalnya nickname",
            "en": "only checks whose name contains this word, nickname for one",
        },
        "WORD",
    ),
    Argument("--all", {"id": "laporan yang lengkap", "en": "the whole report"}),
    Argument(
        "--results", {"id": "tulis hasil sebagai JSON", "en": "write results as JSON"}, "FILE"
    ),
    Argument(
        "--report",
        {"id": "tulis satu halaman HTML bergambar", "en": "write one HTML page with pictures"},
        "FILE",
    ),
    SEED,
    Argument(
        "--clients",
        {"id": "jumlah client tiruan saat ramai", "en": "simulated clients in the crowd checks"},
        "N",
    ),
)
_NAMES = Argument(
    "names",
    {
        "id": "program atau pemeriksaan; semuanya kalau tidak disebut",
        "en": "programs or checks; all of them without any",
    },
    "NAME",
    default=(),
    count="*",
)


def _jobs(default: int) -> Argument:
    purpose = {"id": f"sebanyak ini bersamaan ({default})", "en": f"so many at once ({default})"}
    return Argument("-j", purpose, "N", int, default)


def _seed(default: int) -> Argument:
    purpose = {"id": "seed pertama", "en": "the first seed"}
    return Argument("--seed", purpose, "N", int, default)


# The forms that `export` knows.
FORMATS = ("junit", "sarif", "classroom50", "gradescope")
_LOAD = Argument(
    "--load", {"id": "dengan proses sibuk di sampingnya", "en": "busy processes beside"}
)


@dataclass(frozen=True, slots=True)
class Command:
    """What a command is for, what it takes, and the module whose ``main`` does it.

    That is called with the words after the command and the language. ``arguments`` is None where
    all words are handed on as they are.
    """

    purpose: Words
    module: str
    arguments: tuple[Argument, ...] | None = ()
    needs_setup: bool = True

    @property
    def needs_tests(self) -> bool:
        """Whether it is the maintainer's: it is in `tests/`, which students' copies do not have."""
        return self.module.partition(".")[0] == "tests"


SELF_CHECK = Command({"id": "memeriksa pekerjaanmu", "en": "check your work"}, "", GRADING)
COMMANDS: Mapping[str, Command] = {
    "watch": Command(
        {
            "id": "memeriksa lagi setiap kali sebuah file disimpan",
            "en": "check again whenever a file is saved",
        },
        "harness.watch",
        (SUBMISSION, SEED),
    ),
    "replay": Command(
        {"id": "memutar ulang cerita yang gagal", "en": "run a saved failing story again"},
        "harness.replay",
        (
            Argument(
                "file",
                {
                    "id": "cerita yang disimpan, atau nama pemeriksaannya",
                    "en": "the saved story, or its check",
                },
                "FILE",
            ),
            SUBMISSION,
        ),
    ),
    "show": Command(
        {
            "id": "memainkan satu cerita pelan-pelan dengan programmu",
            "en": "play one story slowly with your program",
        },
        "harness.show",
        (
            Argument(
                "check",
                {"id": "pemeriksaan, misalnya nickname.unique", "en": "such as nickname.unique"},
                "CHECK",
            ),
            SUBMISSION,
            Argument(
                "--seed",
                {"id": "ulangi pilihan acak yang sama", "en": "make the same random choices again"},
                "N",
            ),
            Argument(
                "--pace",
                {"id": "detik untuk setiap langkah (0.6)", "en": "seconds for each step (0.6)"},
                "S",
            ),
        ),
    ),
    "demo": Command(
        {
            "id": "percakapan contoh dari modul, tiga client di satu layar",
            "en": "the course's sample conversation, three clients on one screen",
        },
        "harness.demo",
        (SUBMISSION,),
    ),
    "hint": Command(
        {"id": "petunjuk berikutnya untuk yang gagal", "en": "the next hint for what failed"},
        "harness.hint",
        (
            Argument(
                "check",
                {
                    "id": "pemeriksaan yang gagal; kalau tidak disebut, yang perlu diperbaiki dulu",
                    "en": "a check that failed; without one, the check to mend first",
                },
                "CHECK",
                default="",
                count="?",
            ),
            SUBMISSION,
        ),
    ),
    "schedule": Command(
        {
            "id": "kamu yang memilih thread mana yang jalan",
            "en": "you choose which thread goes next",
        },
        "harness.schedule",
        (
            SUBMISSION,
            Argument(
                "--exercise",
                {"id": "latihan race: nomor atau namanya", "en": "an exercise: number or name"},
                "N",
            ),
        ),
    ),
    "load": Command(
        {
            "id": "berapa banyak client yang sanggup dilayani servermu, dan seberapa cepat",
            "en": "how many clients your server carries, and how fast",
        },
        "harness.load",
        (
            SUBMISSION,
            Argument(
                "--clients",
                {
                    "id": "jumlah client tiruan (100), atau beberapa: 10,100,1000",
                    "en": "simulated clients (100), or several numbers: 10,100,1000",
                },
                "N",
            ),
            Argument(
                "--messages",
                {
                    "id": "jumlah pesan yang dikirim dengan laju tetap",
                    "en": "messages that are said at a fixed rate",
                },
                "M",
            ),
            Argument("--rate", {"id": "pesan setiap detik", "en": "messages a second"}, "R"),
            Argument(
                "--report",
                {"id": "tulis satu halaman HTML bergrafik", "en": "write one HTML page with plots"},
                "FILE",
            ),
            Argument(
                "--json",
                {"id": "tulis angkanya sebagai JSON", "en": "write figures as JSON"},
                "FILE",
            ),
        ),
    ),
    "grade": Command(
        {"id": "menilai satu kelas", "en": "grade a whole class"},
        "harness.grade",
        (
            Argument(
                "source",
                {
                    "id": "folder atau zip berisi kiriman: dari Moodle, Canvas, Google Classroom, "
                    "atau satu folder untuk setiap mahasiswa",
                    "en": "folder or zip of what was handed in: of Moodle, Canvas, Google "
                    "Classroom, or one folder for each student",
                },
                "SOURCE",
            ),
            Argument(
                "--out",
                {"id": "folder untuk hasilnya", "en": "folder for the results"},
                "DIR",
            ),
            Argument(
                "-j",
                {
                    "id": f"sebanyak ini inti CPU dipakai ({os.cpu_count() or 1}); 1: satu "
                    "demi satu",
                    "en": f"keep so many cores busy ({os.cpu_count() or 1}); 1: one after the "
                    "other",
                },
                "N",
                int,
                os.cpu_count() or 1,
            ),
            Argument(
                "--isolation",
                {
                    "id": "apa yang mengurung program mahasiswa (auto)",
                    "en": "what confines the students' programs (auto)",
                },
                "auto|bubblewrap|user|landlock|process",
                default="auto",
                choices=("auto", "bubblewrap", "user", "landlock", "process"),
            ),
            Argument(
                "--executor",
                {
                    "id": "komputer lain yang ikut menilai: scheduler dask",
                    "en": "other machines that grade: a scheduler of dask",
                },
                "dask://HOST:PORT",
                default="",
            ),
            Argument(
                "--worksheet",
                {
                    "id": "lembar penilaian Moodle-mu, untuk diisi",
                    "en": "your own grading worksheet of Moodle, to be filled in",
                },
                "FILE",
            ),
            Argument(
                "--gradebook",
                {
                    "id": "gradebook yang kamu export dari Canvas, untuk diisi",
                    "en": "your own exported gradebook of Canvas, to be filled in",
                },
                "FILE",
            ),
            Argument(
                "--assignment",
                {
                    "id": "tugas yang mana di gradebook itu: judul atau nomornya",
                    "en": "which assignment of that gradebook: its title or number",
                },
                "NAME",
                default="",
            ),
            Argument(
                "--regrade",
                {"id": "menilai lagi semuanya", "en": "grade all of them again"},
            ),
            Argument(
                "--seed",
                {"id": "ulangi pilihan acak yang sama", "en": "make the same random choices again"},
                "N",
                int,
            ),
            Argument(
                "--locale",
                {
                    "id": "tanda pemisah dan koma di class.csv",
                    "en": "delimiter and decimal sign of class.csv",
                },
                "id|en",
                choices=("id", "en"),
            ),
        ),
    ),
    "diff": Command(
        {
            "id": "nilai siapa yang berubah di antara dua penilaian kelas",
            "en": "whose grade changed between two gradings of a class",
        },
        "harness.diff",
        (
            Argument("before", {"id": "hasil yang lama", "en": "the older results"}, "OUT1"),
            Argument("after", {"id": "hasil yang baru", "en": "the newer results"}, "OUT2"),
        ),
    ),
    "verify": Command(
        {
            "id": "menilai lagi satu kiriman: apakah nilainya tetap",
            "en": "grade one submission again: does its grade stand",
        },
        "harness.verify",
        (
            Argument("results", {"id": "results.json-nya", "en": "its results.json"}, "RESULTS"),
            Argument("dir", {"id": "folder programnya", "en": "the folder of its programs"}, "DIR"),
        ),
    ),
    "handout": Command(
        {
            "id": "membuat yang dibagikan kepada mahasiswa: tanpa solutions/ dan tests/",
            "en": "make what students get: without solutions/ and tests/",
        },
        "harness.handout",
        (
            Argument(
                "out",
                {"id": "folder atau file .zip yang dibuat", "en": "the folder or .zip to make"},
                "OUT",
            ),
            Argument("--git", {"id": "sebagai repositori git", "en": "as a git repository"}),
        ),
        needs_setup=False,
    ),
    "annotations": Command(
        {
            "id": "kegagalan di baris filenya, untuk GitHub Actions",
            "en": "failures beside the lines they are about, for GitHub Actions",
        },
        "harness.annotations",
        (Argument("results", {"id": "results.json", "en": "results.json"}, "RESULTS"),),
    ),
    "export": Command(
        {
            "id": "hasil dalam bentuk yang dipakai sistem lain",
            "en": "results in the form that another system takes",
        },
        "harness.export",
        (
            Argument("results", {"id": "results.json", "en": "results.json"}, "RESULTS"),
            Argument(
                "--to",
                {
                    "id": "junit (Jenkins, GitLab), sarif (GitHub), classroom50, gradescope",
                    "en": "junit (Jenkins, GitLab), sarif (GitHub), classroom50, gradescope",
                },
                "FORMAT",
                choices=FORMATS,
            ),
            Argument(
                "--out",
                {
                    "id": "file yang ditulis; kalau tidak, di layar",
                    "en": "file to write; else here",
                },
                "FILE",
            ),
        ),
    ),
    "gradescope": Command(
        {
            "id": "membuat autograder untuk Gradescope",
            "en": "make the autograder for Gradescope",
        },
        "harness.gradescope",
        (
            Argument(
                "--out",
                {"id": "zip yang dibuat, autograder.zip", "en": "the zip to make, autograder.zip"},
                "FILE",
            ),
        ),
        needs_setup=False,
    ),
    "selftest": Command(
        {"id": "menguji perangkat ini sendiri", "en": "run the kit's own tests"},
        "tests",
        None,
    ),
    "skeleton": Command(
        {"id": "membuat modul4/ dari solutions/", "en": "derive modul4/ from solutions/"},
        "tests.proof.derive",
        (Argument("--check", {"id": "hanya membandingkan", "en": "only compare"}),),
        needs_setup=False,
    ),
    "matrix": Command(
        {
            "id": "menilai program yang benar dan yang sengaja salah, lalu membandingkan",
            "en": "grade programs known to be wrong, and right, and compare",
        },
        "tests.proof.matrix",
        (_NAMES, _jobs(os.cpu_count() or 1), _seed(1)),
    ),
    "soak": Command(
        {
            "id": "menilai program itu berulang kali dan menghitung putusan yang salah",
            "en": "grade them again and again and count wrong verdicts",
        },
        "tests.proof.soak",
        (
            _NAMES,
            Argument("--runs", {"id": "sebanyak ini", "en": "so many gradings"}, "N", int, 0),
            Argument("--minutes", {"id": "selama ini", "en": "for so long"}, "N", float, 0.0),
            _jobs(os.cpu_count() or 1),
            _seed(-1),
            _LOAD,
            Argument(
                "--same",
                {
                    "id": "berapa nilai yang didapat satu program dalam sepuluh penilaian",
                    "en": "how many grades one program gets in ten gradings",
                },
            ),
            Argument(
                "--calm-first",
                {
                    "id": "yang salah tanpa pergantian thread tidak boleh disebut race",
                    "en": "explore all chaff that are no races: none may be called one",
                },
            ),
            Argument(
                "--pause",
                {"id": "proses dihentikan beberapa detik", "en": "processes stop for some seconds"},
            ),
        ),
    ),
    "races": Command(
        {
            "id": "mengukur seberapa pasti race antar-thread ditemukan",
            "en": "measure how surely races are found, and nothing where there is none",
        },
        "tests.proof.races",
        (
            _NAMES,
            Argument(
                "-n",
                {"id": "seed untuk setiap program", "en": "seeds for each racy program; 0: none"},
                "N",
                int,
                100,
            ),
            Argument(
                "--wheat",
                {"id": "penilaian program yang benar", "en": "gradings of correct programs"},
                "N",
                int,
                1000,
            ),
            Argument(
                "--whole",
                {"id": "pemeriksaan utuh yang diukur", "en": "whole checks timed for each fault"},
                "N",
                int,
                3,
            ),
            Argument(
                "--hammer",
                {"id": "detik untuk setiap program", "en": "seconds for each program"},
                "S",
                float,
                0.0,
            ),
            _LOAD,
            _seed(0),
            Argument(
                "--check",
                {"id": "pemeriksaan yang mencari", "en": "the check that explores"},
                "CHECK",
                choices=(
                    "exploration.schedules",
                    "nickname.race",
                    "broadcast.crowd",
                    "disconnect.mid_broadcast",
                ),
                default="exploration.schedules",
            ),
            _jobs(2),
            Argument(
                "--record",
                {"id": "simpan angkanya, dan lanjutkan", "en": "keep figures here, and go on"},
                "FILE",
            ),
        ),
    ),
    "blame": Command(
        {
            "id": "mengukur seberapa sering TODO yang salah disebut dengan benar",
            "en": "measure how often the TODO at fault is named, and no other",
        },
        "tests.proof.blame",
        (_NAMES, _jobs(2), _seed(1)),
    ),
    "attacks": Command(
        {
            "id": "menilai program yang menyerang penilai, dalam setiap jenis kurungan",
            "en": "grade programs that attack the grader, in every kind of box",
        },
        "tests.proof.attacks",
        (
            _NAMES,
            _jobs(2),
            Argument(
                "--isolation",
                {"id": "hanya di kurungan ini", "en": "in this kind of box only"},
                "bubblewrap|user|landlock|process",
                default="",
                choices=("bubblewrap", "user", "landlock", "process"),
            ),
        ),
    ),
    "bench": Command(
        {"id": "mengukur biaya penilaian", "en": "measure what grading costs"},
        "tests.proof.bench",
        (
            Argument(
                "rounds",
                {
                    "id": "banyaknya putaran (5); atau class: biaya menilai satu kelas; "
                    "fanout: kecepatan meneruskan satu baris; limits: biaya per client dan baris",
                    "en": "how many rounds (5); or class: what grading a class costs; fanout: "
                    "how fast a line is passed on; limits: the cost of clients and lines",
                },
                "ROUNDS|class|fanout|limits",
                default="5",
                count="?",
            ),
            Argument(
                "--count",
                {"id": "kiriman di kelas itu (24)", "en": "submissions in that class (24)"},
                "N",
                int,
                24,
            ),
            _jobs(os.cpu_count() or 1),
            Argument(
                "--pythons",
                {
                    "id": "fanout juga dengan Python ini, dipisahkan koma",
                    "en": "fanout with these Pythons too, between commas",
                },
                "A,B",
                default="",
            ),
        ),
    ),
    "whole-class": Command(
        {
            "id": "menilai satu kelas buatan, dihentikan dua kali, dan memeriksa hasilnya",
            "en": "grade a made class, killed twice, and look at what comes of it",
        },
        "tests.proof.whole_class",
        (
            Argument(
                "--count",
                {"id": "banyaknya kiriman (200)", "en": "how many submissions (200)"},
                "N",
                int,
                200,
            ),
            _jobs(2),
            _seed(1),
        ),
    ),
    "windows": Command(
        {
            "id": "menjalankan perangkat ini dengan Python Windows di bawah wine",
            "en": "run the kit on a Windows Python under wine, set up from nothing",
        },
        "tests.proof.windows.windows_proof",
        (
            Argument(
                "--short",
                {
                    "id": "kode acuan, kerangka, dan satu program yang salah",
                    "en": "the reference, the skeleton and one faulty program",
                },
            ),
            Argument(
                "--folder",
                {"id": "simpan dan pakai lagi di sini", "en": "keep all here, and use it again"},
                "DIR",
            ),
            Argument(
                "--part",
                {
                    "id": "hanya satu bagian: 0 program yang dinilai, 1 sampai 6 tes",
                    "en": "one part alone: 0 the programs to grade, 1 to 6 the tests",
                },
                "N",
                choices=tuple("0123456"),
            ),
            Argument(
                "--minutes",
                {
                    "id": "waktu untuk semua tes; dengan --short untuk seluruhnya (25)",
                    "en": "the time of all tests; with --short that of the whole (25)",
                },
                "N",
                int,
                25,
            ),
            Argument(
                "tests",
                {"id": "hanya tes ini", "en": "only these tests of the kit"},
                "TEST",
                default=(),
                count="*",
            ),
        ),
    ),
    "pythons": Command(
        {
            "id": "mencoba perangkat ini dengan setiap Python di komputer ini",
            "en": "try the kit on every Python of this machine, and print a table",
        },
        "tests.proof.pythons",
        (
            Argument(
                "pythons",
                {"id": "hanya Python ini", "en": "only these interpreters"},
                "PYTHON",
                default=(),
                count="*",
            ),
        ),
    ),
}
# Named in the contract, and not built yet.
TO_COME: tuple[str, ...] = ()
