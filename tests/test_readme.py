"""What README.md says is so: its commands are run in a copy of the repository, its links lead on.

So are those of docs/instructor.md that take one assignment from start to end, in their order.

Every fenced block called `console` holds commands, each after `$ `; all of them are run. Grading
the whole reference takes long: in the normal run one group is picked by a `-k`, and the command as
it stands is marked `slow`. The kit's own tests are only collected, or they would run this again.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest

from harness.classroom import box
from harness.grading.judge import REPO
from tests.watching import LONG

TEXT = (REPO / "README.md").read_text(encoding="utf-8")
posix = pytest.mark.skipif(os.name != "posix", reason="the README's commands as typed on POSIX")

# Each command of the README, its exit status, and something that it says.
COMMANDS = {
    "python3 -m harness": (1, "KERJAKAN INI DULU"),
    "python3 -m harness selftest": (0, "test_readme.py"),
    "python3 -m harness -k nickname.unique": (1, "nickname.unique"),
    "python3 -m harness --submission=solutions/1.contoh --lang=en": (0, "All checks passed"),
    "pytest harness/ --submission=solutions/1.contoh": (0, "Semua pemeriksaan lulus"),
    "python3 -m harness skeleton --check": (0, "sesuai"),
}


def blocks(text: str) -> list[tuple[str, str]]:
    """The fenced blocks: what each is called, and what it holds."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[str]:
    """Every command in the blocks called `console`."""
    lines = [line for name, body in blocks(text) if name == "console" for line in body.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


def test_commands_are_found():
    text = "```console\n$ a b\nsaid\n$ c\n```\n\n```text\n$ d\n```\n"
    assert commands(text) == ["a b", "c"]


def test_every_command_is_known_here():
    assert set(commands(TEXT)) == set(COMMANDS)
    # No commands hide in blocks that nobody runs.
    assert {name for name, _ in blocks(TEXT)} <= {"console", "text", "json", "python"}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository, and beside it the programs `python3` and `pytest`."""
    place = tmp_path_factory.mktemp("readme")
    ignored = shutil.ignore_patterns(".*", "__pycache__")
    shutil.copytree(REPO, place / "repository", ignore=ignored)
    (place / "bin").mkdir()
    for name, words in {"python3": "", "pytest": " -m pytest"}.items():
        program = place / "bin" / name
        # The dependencies are there: nothing needs to be set up, and nothing must be.
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)}{words} "$@"\n')
        program.chmod(0o755)
    return place


def run(copy: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as somebody does who has just changed into the copy."""
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TMPDIR") if name in os.environ}
    return subprocess.run(
        ["sh", "-c", command],
        cwd=copy / "repository",
        env=kept | {"PATH": f"{copy / 'bin'}:/usr/bin:/bin", "HOME": str(copy)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=5 * LONG,
    )


# What is said instead of a whole run when only some checks were asked for.
OF_A_PART = {
    "All checks passed": "All that you chose passed",
    "Semua pemeriksaan lulus": "Yang kamu pilih lulus semua",
}


def judge(copy: Path, command: str, more: str = "") -> None:
    status, said = COMMANDS[command]
    if "-k" in more:
        said = OF_A_PART[said]
    done = run(copy, command + more)
    assert done.returncode == status, done.stdout
    assert said in done.stdout
    assert not (copy / "repository" / ".venv").exists()


@posix
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_does_what_it_should(copy: Path, command: str):
    if command.endswith("selftest"):
        judge(copy, command, " --collect-only -q")
    elif "solutions/" in command:
        judge(copy, command, " -k start")
    else:
        judge(copy, command)


@posix
@pytest.mark.slow
@pytest.mark.parametrize("command", [each for each in COMMANDS if "solutions/" in each])
def test_grading_the_whole_reference(copy: Path, command: str):
    judge(copy, command)


GUIDE = (REPO / "docs" / "instructor.md").read_text(encoding="utf-8")
# The life of one assignment, step by step.
LIFE = GUIDE.partition("## One assignment from start to end\n")[2].partition("\n## ")[0]
TOLD_IN_LIFE = {
    "-k start": "All that you chose passed",
    "handout": "files for students: modul4-lab.zip",
    "cp ": "",
    "rm ": "",
    "grade": "3 graded, 0 with a problem.",
    "diff": "0 of 3 changed.",
    "verify": "The grade stands: 0 of 100.",
}


@posix
@pytest.mark.skipif(not box.is_possible(box.BUBBLEWRAP), reason="needs bubblewrap")
def test_one_assignment_from_start_to_end(copy: Path):
    folder = copy / "repository"
    with zipfile.ZipFile(folder / "moodle.zip", "w") as archive:
        for name in ("Ani Wijaya_101", "Budi_102", "Citra_103"):
            archive.writestr(f"{name}_assignsubmission_file_/server.py", "def f(:\n")
    sheet = "Identifier,Grade\nParticipant 101,\nParticipant 102,\nParticipant 103,\n"
    (folder / "worksheet.csv").write_text(sheet)
    written = [text for name, text in blocks(textwrap.dedent(LIFE)) if name == "text"]
    steps = re.split(r"^### ", LIFE, flags=re.MULTILINE)[1:]
    ran = []
    for step in steps:
        if step.startswith("7."):
            (folder / "marks" / "overrides.csv").write_text(written[0])
        for command in re.findall(r"^ *\$ (.*)$", step, re.MULTILINE):
            # The guide says it: this variable, or `--lang` each time.
            done = run(copy, f"MODUL4_LANG=en {command}")
            said = next(text for word, text in TOLD_IN_LIFE.items() if word in command)
            assert done.returncode == 0, f"{command}\n{done.stdout}"
            assert said in done.stdout, f"{command}\n{done.stdout}"
            ran.append(command)
    assert [command for command in ran if "worksheet" in command] == ran[-1:]
    assert (folder / "marks" / "worksheet.csv").read_text().splitlines()[1:] == [
        "Participant 101,2.00", "Participant 102,75.00", "Participant 103,0.00"
    ]  # fmt: skip
    assert (folder / "marks" / "feedback.zip").exists()


def test_links_lead_somewhere():
    for page in [REPO / "README.md", *(REPO / "docs").rglob("*.md"), *REPO.glob("modul4/**/*.md")]:
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in link:
                assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_files_that_a_page_names_exist():
    pages = [REPO / "README.md", *(REPO / "docs").glob("*.md")]
    for page in pages:
        for name in re.findall(
            r"`((?:harness|tests|docs|solutions|modul4)/[\w./]+)`", page.read_text("utf-8")
        ):
            assert page.name == "CHANGELOG.md" or (REPO / name).exists(), f"{page.name}: {name}"
