"""Zips of students and platforms: all that is theirs comes out, and nothing goes elsewhere."""

import stat
import zipfile
from pathlib import Path

import pytest

from harness.classroom.unpack import (
    NotUnpacked,
    Unpacking,
    is_archive,
    is_litter,
    name_of,
    safe_parts,
)


def zipped(path: Path, files: dict[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_what_a_zip_holds_comes_out(tmp_path: Path):
    archive = zipped(tmp_path / "a.zip", {"tugas/server.py": "x = 1\n", "client.py": "y = 2\n"})
    Unpacking().unpack(archive, tmp_path / "out")
    assert below(tmp_path / "out") == {"tugas/server.py", "client.py"}
    assert (tmp_path / "out" / "tugas" / "server.py").read_text() == "x = 1\n"


@pytest.mark.parametrize(
    "name", ["../evil.py", "a/../../evil.py", "/tmp/evil.py", "C:\\evil.py", "..\\evil.py", "C:/x"]
)
def test_a_name_that_leads_out_is_left_out(tmp_path: Path, name: str):
    archive = zipped(tmp_path / "a.zip", {name: "x", "server.py": "y"})
    Unpacking().unpack(archive, tmp_path / "in" / "out")
    assert below(tmp_path) == {"a.zip", "in/out/server.py"}


def test_a_link_is_left_out(tmp_path: Path):
    link = zipfile.ZipInfo("client.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("server.py", "x")
    Unpacking().unpack(tmp_path / "a.zip", tmp_path / "out")
    assert below(tmp_path / "out") == {"server.py"}


def test_what_systems_leave_behind_is_left_out(tmp_path: Path):
    files = {"__MACOSX/._server.py": "x", ".DS_Store": "x", "a/Thumbs.db": "x", "server.py": "y"}
    Unpacking().unpack(zipped(tmp_path / "a.zip", files), tmp_path / "out")
    assert below(tmp_path / "out") == {"server.py"}
    assert not is_litter("server.py")


@pytest.mark.parametrize(
    ("raw", "says_utf8", "name"),
    [
        ("café.py", True, "café.py"),
        ("cafe\u0301.py", True, "café.py"),  # macOS writes the accent by itself
        ("café.py".encode().decode("cp437"), False, "café.py"),
        ("caf\u00e9.py", False, "café.py"),  # in cp437 itself
    ],
)
def test_names_are_read_as_they_were_meant(raw: str, says_utf8: bool, name: str):
    entry = zipfile.ZipInfo(raw)
    entry.flag_bits = 0x800 if says_utf8 else 0
    assert name_of(entry) == name


def test_a_name_is_one_that_every_system_takes():
    assert safe_parts("a\\b?.py") == ("a", "b_.py")
    assert safe_parts("x\x1b[31m. /y") == ("x_[31m", "y")


def test_zips_in_a_zip_are_unpacked_beside_themselves(tmp_path: Path):
    inner = zipped(tmp_path / "inner.zip", {"server.py": "x"}).read_bytes()
    files = {"tugas.zip": inner, "rusak.zip": b"PK\x03\x04 no zip", "lain.ZIP": inner}
    Unpacking().unpack(zipped(tmp_path / "a.zip", files), tmp_path / "out")
    assert below(tmp_path / "out") == {"tugas/server.py", "rusak.zip", "lain/server.py"}


def test_a_zip_in_itself_has_an_end(tmp_path: Path):
    path = zipped(tmp_path / "0.zip", {"server.py": "x"})
    for depth in range(1, 9):
        path = zipped(tmp_path / f"{depth}.zip", {"inner.zip": path.read_bytes()})
    Unpacking().unpack(path, tmp_path / "out")
    (left,) = below(tmp_path / "out")
    assert left == "inner/inner/inner/inner.zip"


@pytest.mark.parametrize(
    ("files", "most_bytes", "most_files"),
    [({"bom": b"\0" * 1000}, 999, 9), ({str(n): b"" for n in range(9)}, 999, 8)],
)
def test_one_that_would_fill_the_disk_is_refused(
    tmp_path: Path, files: dict[str, bytes | str], most_bytes: int, most_files: int
):
    archive = zipped(tmp_path / "a.zip", files)
    with pytest.raises(NotUnpacked, match="huge_zip"):
        Unpacking(most_bytes, most_files).unpack(archive, tmp_path / "out")
    Unpacking(most_bytes + 1, most_files + 1).unpack(archive, tmp_path / "out")


def test_what_lies_deeper_counts_as_well(tmp_path: Path):
    inner = zipped(tmp_path / "inner.zip", {"x": b"\0" * 5000}).read_bytes()
    archive = zipped(tmp_path / "a.zip", {"a.zip": inner, "b.zip": inner})
    with pytest.raises(NotUnpacked, match="huge_zip"):
        Unpacking(9000).unpack(archive, tmp_path / "out")


def test_one_that_says_less_than_it_holds_is_broken(tmp_path: Path):
    archive = zipped(tmp_path / "a.zip", {"server.py": b"x" * 1000})
    data = bytearray(archive.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")  # the size in the directory at its end
    archive.write_bytes(data)
    with pytest.raises(NotUnpacked, match="broken_zip"):
        Unpacking().unpack(archive, tmp_path / "out")


def test_one_with_a_password_is_told(tmp_path: Path):
    archive = zipped(tmp_path / "a.zip", {"server.py": "x"})
    data = bytearray(archive.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    archive.write_bytes(data)
    with pytest.raises(NotUnpacked, match="locked_zip"):
        Unpacking().unpack(archive, tmp_path / "out")


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04" + b"x" * 99, b"no zip at all"])
def test_what_is_no_zip_is_broken(tmp_path: Path, content: bytes):
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    assert not is_archive(path)
    with pytest.raises(NotUnpacked, match="broken_zip"):
        Unpacking().unpack(path, tmp_path / "out")
