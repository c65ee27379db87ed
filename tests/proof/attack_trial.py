"""One attack in one box: a class with honest neighbours is graded, and all is looked at after it.

In: an `Attack`, the kind of box, a copy of the kit that may be harmed. Out: in words, what the
attack could do; nothing where it was held. Raises `OSError`, and `AttackError` where nothing could
be graded.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.contract.rubric import load
from harness.grading.judge import REPO
from tests.proof.attack_cases import TOLD, Attack, AttackError
from tests.proof.attack_folder import make_entry
from tests.proof.attacked_class import AFTER, ATTACKER, BESIDE

# The most memory that a grader may take.
MOST_MEMORY = 300_000_000
# Seconds for a class of three: each of them has an end of its own.
LONGEST = 500.0
# A port of the network of the class, with a service of the teacher's.
PORT = 47_001
# What of the kit is needed to grade, and to be attacked.
KIT = ("harness", "solutions", "modul4", "pyproject.toml", "tests/own_network.py", "tests/proof")
EARLIER = "dewi"
_REACHED = re.compile(re.escape(TOLD) + r"(?!end)([\w;.]*);end")
# What may be in a console: no other control characters, and none that turn the writing round.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def copy_kit(target: Path) -> None:
    """Copy what an attack may harm of the kit."""
    for each in KIT:
        (target / each).parent.mkdir(parents=True, exist_ok=True)
        if (REPO / each).is_dir():
            shutil.copytree(REPO / each, target / each)
        else:
            shutil.copy2(REPO / each, target / each)


class Trial:
    """One attack in one box. ``bases``: the programs around attacks, by name."""

    def __init__(self, attack: Attack, box: str, bases: Mapping[str, str]) -> None:
        self._attack, self._box, self._bases = attack, box, bases
        self._mark = f"modul4-attack-{secrets.token_hex(4)}"

    def complaints(self) -> list[str]:
        """Do it, and say what it could do."""
        with tempfile.TemporaryDirectory(prefix="modul4-zoo-") as folder, _terminal() as terminal:
            root = Path(folder)
            # As /tmp and most places of a machine: others may pass through.
            root.chmod(0o711)
            try:
                copy_kit(root / "kit")
                self._lay_out(root, terminal)
                before = _digests(root)
                found = self._grade(root)
                after = _digests(root)
                return [*self._judged(found), *_changed(before, after), *self._droppings(root)]
            finally:
                self._sweep(root)

    def _lay_out(self, root: Path, terminal: str) -> None:
        names = {
            "mark": self._mark,
            "kit": str(root / "kit"),
            "classroom": str(root / "class"),
            "out": str(root / "out"),
            "secret": str(root / "secret.txt"),
            "venv": sys.prefix,
            "terminal": terminal,
            "port": PORT,
            "socket": str(root / "socket"),
        }
        for name in (BESIDE, AFTER, ATTACKER):
            (root / "class" / name).mkdir(parents=True)
            (root / "class" / name / "server.py").write_text(self._bases["server"])
        (root / "out" / EARLIER).mkdir(parents=True)
        (root / "out" / EARLIER / "results.json").write_text('{"score": 50}')
        (root / "secret.txt").write_text("secret")
        (root / "tmp").mkdir()
        own = root / "class" / ATTACKER
        (own / "server.py").write_text(self._attack.program(self._bases, names))
        for name, text in self._attack.files.items():
            (own / name).parent.mkdir(parents=True, exist_ok=True)
            (own / name).write_text(text)
        for entry in self._attack.entries:
            make_entry(own, entry, names)

    def _grade(self, root: Path) -> dict[str, Any]:
        asked = {
            "root": str(root),
            "box": self._box,
            "mark": self._mark,
            "port": PORT,
            "checks": self._attack.checks,
            "limits": dict(self._attack.limits),
        }
        settings = {"PYTHONPATH": str(root / "kit"), "TMPDIR": str(root / "tmp")}
        done = subprocess.run(
            [sys.executable, "-P", "-m", "tests.proof.attacked_class"],
            cwd=root / "kit",
            env=os.environ | settings | {"MODUL4_TEACHERS_TOKEN": "secret"},
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            timeout=LONGEST,
        )
        if done.returncode:
            raise AttackError(f"{self._attack.name}: {done.stderr[-2000:]}")
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def _judged(self, found: dict[str, Any]) -> Iterator[str]:
        """What the grades and the consoles show."""
        attack, rows = self._attack, found["rows"]
        own, everything = rows[ATTACKER], _points(attack.checks)
        if own["problem"] != attack.stopped:
            yield f"problem: {own['problem'] or 'none'}"
        if own["score"] > attack.most:
            yield f"it has {own['score']:g} points instead of {attack.most:g}"
        if attack.same and own["score"] < attack.most:
            yield f"it lost points: {own['score']:g} of {attack.most:g}, {own['failed']}"
        for name in (BESIDE, AFTER):
            each = rows[name]
            if each["score"] != everything or each["problem"]:
                yield f"{name} has {each['score']:g} of {everything:g}: {each['failed']}"
        for name, row in rows.items():
            if shown := _FORBIDDEN.findall(row["console"]):
                yield f"the console of {name} has {shown[:3]!r}"
        told = re.sub(r"\s+", "", own["console"])
        if reached := _REACHED.search(told):
            yield f"reached: {reached[1]}"
        is_told = attack.silent or attack.base != "ends" or TOLD in told
        if not is_told and not own["score"] and not own["problem"]:
            yield "it did not come to its end"
        if found["memory"] > MOST_MEMORY:
            yield f"the grader took {found['memory'] // 1_000_000} MB"
        yield from (f"left: {each}" for each in found["left"])

    def _droppings(self, root: Path) -> Iterator[str]:
        """Files that are left anywhere."""
        yield from (f"left: {path.name}" for path in self._marked_files())
        yield from (f"left: tmp/{path.name}" for path in (root / "tmp").iterdir())

    def _marked_files(self) -> list[Path]:
        if sys.platform == "win32":
            raise OSError("Linux only")
        places = ["/tmp", "/var/tmp", "/dev/shm", "/run", str(Path.home())]
        places += [sys.prefix, sys.base_prefix]
        found = []
        for place in dict.fromkeys(places):
            found += list(Path(place).glob(f"*{self._mark}*"))
        return found

    def _sweep(self, root: Path) -> None:
        """Take away what an attack left behind that succeeded."""
        for path in self._marked_files():
            with contextlib.suppress(OSError):
                path.unlink()
        # Deeper than `shutil.rmtree` can go.
        subprocess.run(["rm", "-rf", str(root / "class"), str(root / "out")], check=False)


@contextlib.contextmanager
def _terminal() -> Iterator[str]:
    """The teacher's own terminal, by its path."""
    if sys.platform == "win32":
        raise OSError("Linux only")
    ours, theirs = os.openpty()
    try:
        yield os.ttyname(theirs)
    finally:
        os.close(ours)
        os.close(theirs)


def _points(checks: str) -> float:
    """The points of a right server; a neighbour has no client."""
    words = checks.split(" or ")
    rows = [each for each in load() if not each.id.startswith("client.")]
    return float(sum(each.points for each in rows if any(word in each.id for word in words)))


def _digests(root: Path) -> dict[str, str]:
    """What the files are that nobody may change, by their path."""
    found: dict[str, str] = {}
    for top in ("kit", f"class/{BESIDE}", f"class/{AFTER}", f"out/{EARLIER}"):
        for folder, _, files in os.walk(root / top):
            for path in (Path(folder, name) for name in files):
                if path.suffix != ".pyc":
                    digest = hashlib.sha256(path.read_bytes()).hexdigest()
                    found[path.relative_to(root).as_posix()] = digest
    found["secret.txt"] = (root / "secret.txt").read_text()
    return found


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) != after.get(path):
            yield f"changed: {path}"
