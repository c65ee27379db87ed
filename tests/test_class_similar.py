"""Similar pairs: every planted copy is found, and nobody else."""

import ast
import builtins
import csv
import io
import random
import zipfile
from pathlib import Path

import pytest

from harness.classroom.similar import GIVEN_NAMES, SHARE, export, prints, similar_pairs
from harness.grading.judge import REPO

SKELETON = REPO / "modul4" / "1.contoh" / "server.py"
ORIGINALS = sorted((REPO / "tests" / "wheat").glob("*/server.py"))


class Renamed(ast.NodeTransformer):
    """Gives every name and text of the program's own another one."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def _other(self, name: str) -> str:
        if name in GIVEN_NAMES or hasattr(builtins, name) or name.startswith("__"):
            return name
        return self._names.setdefault(name, f"baru_{len(self._names)}")

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._other(node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg = self._other(node.arg)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self._other(node.name)
        return self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant(f"pesan {node.value}") if isinstance(node.value, str) else node


def copied(source: str, seed: int) -> str:
    """What somebody makes of a friend's program in half an hour."""
    tree = Renamed().visit(ast.parse(source))
    functions = [each for each in tree.body if isinstance(each, ast.FunctionDef)]
    random.Random(seed).shuffle(functions)
    order = iter(functions)
    tree.body = [next(order) if isinstance(e, ast.FunctionDef) else e for e in tree.body]
    return "# program saya sendiri\n" + ast.unparse(ast.fix_missing_locations(tree))


def test_ten_of_ten_copies_are_found_and_no_other_pair(tmp_path: Path):
    programs = {path.parent.name: [path] for path in ORIGINALS}
    planted = random.Random(5).sample(sorted(programs), 10)
    for number, name in enumerate(planted):
        path = tmp_path / f"{name}.py"
        text = copied(programs[name][0].read_text(encoding="utf-8"), number)
        path.write_text(text, encoding="utf-8")
        programs[f"zz-{name}"] = [path]
    found = similar_pairs(programs, [SKELETON])
    assert {(pair.one, pair.other) for pair in found} == {(n, f"zz-{n}") for n in planted}
    assert all(SHARE <= pair.share <= 1 for pair in found)


def test_what_everybody_was_given_counts_for_nobody(tmp_path: Path):
    for name in ("ani", "budi"):
        (tmp_path / f"{name}.py").write_bytes(SKELETON.read_bytes() + b"\n# selesai\n")
    programs = {name: [tmp_path / f"{name}.py"] for name in ("ani", "budi")}
    assert similar_pairs(programs, [SKELETON]) == []
    assert len(similar_pairs(programs)) == 1


@pytest.mark.parametrize("content", [b"", b"def f(:\n", b"\xff\xfe\x00", b'"""never ended'])
def test_what_is_no_program_is_like_nothing(tmp_path: Path, content: bytes):
    path = tmp_path / "server.py"
    path.write_bytes(content)
    assert prints(path) == set()
    assert prints(tmp_path / "gone.py") == set()


def test_the_export_has_what_dolos_and_jplag_want():
    programs = {"ani-1": ("=Ani", [ORIGINALS[0]]), "budi-2": ("Budi", [ORIGINALS[1]])}
    with zipfile.ZipFile(io.BytesIO(export(programs, [SKELETON]))) as archive:
        names = set(archive.namelist())
        table = list(csv.DictReader(io.StringIO(archive.read("info.csv").decode())))
    assert names == {
        "info.csv", "base/server.py", "submissions/ani-1/server.py", "submissions/budi-2/server.py"
    }  # fmt: skip
    assert {row["filename"] for row in table} < names
    assert [(row["label"], row["full_name"]) for row in table] == [
        ("ani-1", "'=Ani"), ("budi-2", "Budi")
    ]  # fmt: skip
