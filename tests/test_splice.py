"""A splice changes one body and nothing else; what does not fit is left alone."""

import ast
import re

import pytest

from harness.contract import rubric as rubric_file
from harness.contract.splice import CannotSplice, is_same, spliced
from harness.contract.todos import function_nodes
from harness.grading.judge import REFERENCE, REPO

RUBRIC = rubric_file.load()
STUDENT = '''import socket  # one

lock = None
def helper(x): return x
class Room:
    @staticmethod
    @property
    def first(a, b=1):  # the student's remark
        # and another
        """Old words."""
        x = """
  two
lines"""
        return x  # old

    async def second(self):
        await self.x

def third(name): return (name,
    1)
after = "é" ; more = 2
'''
THEIRS = '''class Room:
    def first(a, b=2):
        """New words."""
        with lock:
            return helper(b)
    async def second(self):
        return 5
def third(name):
    for x in name:
        yield x
'''


def body(source: str, name: str) -> str:
    (node,) = [node for each, node in function_nodes(ast.parse(source)) if each == name]
    return "\n".join(ast.unparse(stmt) for stmt in node.body)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("name", ["Room.first", "Room.second", "third"])
def test_all_but_one_body_stays_byte_for_byte(newline: str, mark: bytes, name: str):
    student = mark + STUDENT.replace("\n", newline).encode()
    made = spliced(student, THEIRS, [name])
    before, after = student.splitlines(keepends=True), made.splitlines(keepends=True)
    same_head = next(n for n in range(len(before)) if before[n] != after[n])
    same_tail = next(n for n in range(1, len(before)) if before[-n] != after[-n])
    changed = b"".join(before[same_head : len(before) - same_tail + 1]).decode()
    assert all(word not in changed for word in ("import", "@", "class", "remark", "after"))
    assert newline.encode() in made
    assert len(re.findall(rb"\r\n|\r|\n", made)) == made.decode().count(newline)
    wanted = body(THEIRS, name).removeprefix("'New words.'\n").removeprefix('"""New words."""\n')
    assert body(made.decode("utf-8-sig"), name) == wanted


def test_a_file_with_tabs_can_be_spliced():
    student = b"class Room:\n\tdef first(a):\n\t\tif a:\n\t\t\treturn 1\n\t\treturn 2\n\n\tx = 1\n"
    made = spliced(
        student, "class Room:\n  def first(a):\n    while a: a = 0\n    return 3\n", ["Room.first"]
    )
    assert made.startswith(b"class Room:\n\tdef first(a):\n\t")
    assert made.endswith(b"\n\n\tx = 1\n")
    assert ast.unparse(ast.parse(made)).count("return 3") == 1


def test_the_encoding_of_the_file_is_kept():
    student = "# -*- coding: latin-1 -*-\ndef f():\n    return 'é'\nx = 'é'\n".encode("latin-1")
    made = spliced(student, "def f():\n    return 1\n", ["f"])
    assert made == b"# -*- coding: latin-1 -*-\ndef f():\n    return 1\nx = '\xe9'\n"
    with pytest.raises(CannotSplice):
        spliced(student, "def f():\n    return 'λ'\n", ["f"])


def test_parameters_with_other_names_are_given_the_reference_s():
    made = spliced(
        b"def f(baris, pengirim):\n    pass\n", "def f(line, sender):\n    return line\n", ["f"]
    )
    assert b"line, sender = (baris, pengirim)\n    return line\n" in made


def test_what_the_body_needs_is_imported_in_it_and_what_is_there_is_not():
    theirs = "import os, socket\nfrom a import b as c\ndef f():\n    return os.x, socket.y, c\n"
    made = spliced(b"import socket\ndef f():\n    pass\n", theirs, ["f"])
    assert body(made.decode(), "f").splitlines() == [
        "from a import b as c",
        "import os",
        "return (os.x, socket.y, c)",
    ]


@pytest.mark.parametrize(
    ("student", "theirs"),
    [
        ("def g():\n    pass\n", "def f():\n    pass\n"),  # renamed
        ("class A:\n    def f(self):\n        pass\n", "def f():\n    pass\n"),  # a method
        ("async def f():\n    pass\n", "def f():\n    pass\n"),
        ("def f(a):\n    pass\n", "def f(a, b):\n    pass\n"),
        ("def f(*a):\n    pass\n", "def f(a):\n    pass\n"),
        ("def f():\n    pass\n", "def f():\n    return helper()\n"),  # no such name in the file
        ("def f():\n    helper = 1\n", "def f():\n    return helper\n"),
        ("def f(:\n    pass\n", "def f():\n    pass\n"),
        ("def f():\n    pass\n\0", "def f():\n    pass\n"),
    ],
)
def test_what_does_not_fit_is_not_spliced(student: str, theirs: str):
    with pytest.raises(CannotSplice):
        spliced(student.encode(), theirs, ["f"])


def test_a_name_that_a_function_makes_the_module_s_own_is_there():
    student = b"def init():\n    global lock\n    lock = 1\ndef f():\n    pass\n"
    assert b"return lock" in spliced(student, "def f():\n    return lock\n", ["f"])


def test_of_two_functions_with_one_name_the_one_in_force_is_replaced():
    student = b"def f():\n    return 1\ndef f():\n    return 2\n"
    assert spliced(student, "def f():\n    return 3\n", ["f"]) == student.replace(b"2", b"3")


@pytest.mark.parametrize("file", ["server.py", "client.py"])
def test_the_skeleton_with_every_body_replaced_is_the_reference(file: str):
    reference = (REFERENCE / file).read_text(encoding="utf-8")
    skeleton = (REPO / "modul4" / "1.contoh" / file).read_bytes()
    names = [todo.function for todo in RUBRIC.todos if todo.file == file]
    made = spliced(skeleton, reference, names)
    assert not any(is_same(skeleton, reference, name) for name in names)
    assert all(is_same(made, reference, name) for name in names)
    assert ast.dump(ast.parse(made)) == ast.dump(ast.parse(reference))
