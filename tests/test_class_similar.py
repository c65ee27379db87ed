"""Similar pairs: every planted copy is found, and nobody else."""

import ast
import builtins
import csv
import io
import random
import threading
import zipfile
from pathlib import Path

import pytest

from harness.classroom.similar import GIVEN_NAMES, SHARE, export, prints, similar_pairs
from harness.grading.judge import REPO

SKELETON = REPO / "modul4" / "1.contoh" / "server.py"
# `stripping` is `makefile_reader` but for one line: a true pair, and none of those planted here.
ORIGINALS = sorted(
    path
    for path in (REPO / "tests" / "wheat").glob("*/server.py")
    if path.parent.name != "stripping"
)
# Programs of other people, to fill a class with: none of them is a chat, but all are Python.
LIBRARY = Path(threading.__file__).parent
# Written from another one that is there: of such a pair the look would rightly tell.
TWINS = {"console_select", "own_modules", "console_main", "dual_stack", "logging_fields"}
TWINS |= {"wave", "lzma", "sndhdr", "cProfile"}
OTHERS = sorted(
    path
    for folder in (LIBRARY, LIBRARY / "asyncio", LIBRARY / "email", LIBRARY / "multiprocessing")
    for path in folder.glob("[a-z]*.py")
    if path.stem not in TWINS
)
CLASS_SIZE, COPIES, MOST_FALSE = 200, 10, 2


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


def test_ten_of_ten_copies_are_found_among_two_hundred(tmp_path: Path):
    programs = {path.parent.name: [path] for path in ORIGINALS if path.parent.name not in TWINS}
    planted = random.Random(6).sample(sorted(programs), COPIES)
    for number, name in enumerate(planted):
        path = tmp_path / f"{name}.py"
        path.write_text(copied(programs[name][0].read_text(encoding="utf-8"), number), "utf-8")
        programs[f"zz-{name}"] = [path]
    fill = random.Random(6).sample(OTHERS, CLASS_SIZE - len(programs))
    programs |= {f"{path.parent.name}-{path.stem}": [path] for path in fill}
    assert len(programs) == CLASS_SIZE
    found = {(pair.one, pair.other) for pair in similar_pairs(programs, [SKELETON])}
    wanted = {(name, f"zz-{name}") for name in planted}
    assert wanted <= found
    assert len(found - wanted) <= MOST_FALSE, found - wanted


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
