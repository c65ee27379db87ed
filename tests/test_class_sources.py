"""Who handed in what, in the forms of the platforms. Their rules: docs/decisions.md names them."""

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from harness.classroom.handed_in import HandedIn, collected
from harness.classroom.unpack import NotUnpacked


def read(source: Path, tmp_path: Path) -> list[HandedIn]:
    work = tmp_path / "work"
    work.mkdir()
    return collected(source, work)


def zipped(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def told(found: list[HandedIn]) -> list[tuple[str, str, str]]:
    """Key, name and what server.py says."""
    return [
        (each.key, each.name, next(each.folder.rglob("[sS]erver*.py")).read_text())
        for each in found
    ]


@pytest.mark.parametrize("end", ["file", "file_"])
def test_moodle_in_folders(tmp_path: Path, end: str):
    files = {
        f"Ani Wijaya_101_assignsubmission_{end}/server.py": "1",
        f"Made_Dwi_102_assignsubmission_{end}/Tugas/server.py": "2",
    }
    found = read(zipped(tmp_path / "moodle.zip", files), tmp_path)
    assert told(found) == [
        ("Ani-Wijaya-101", "Ani Wijaya", "1"), ("Made-Dwi-102", "Made Dwi", "2")
    ]  # fmt: skip


def test_moodle_flat(tmp_path: Path):
    files = {
        "Ani Wijaya_101_assignsubmission_file_server.py": "1",
        "Ani Wijaya_101_assignsubmission_file_client.py": "c",
        "Budi_102_assignsubmission_file_server.py": "2",
    }
    found = read(zipped(tmp_path / "moodle.zip", files), tmp_path)
    assert told(found) == [("Ani-Wijaya-101", "Ani Wijaya", "1"), ("Budi-102", "Budi", "2")]
    assert sorted(path.name for path in found[0].folder.iterdir()) == ["client.py", "server.py"]


@pytest.mark.parametrize("name", ["Participant", "Peserta", "Kelompok A"])
def test_moodle_blind_and_in_teams(tmp_path: Path, name: str):
    found = read(
        zipped(tmp_path / "m.zip", {f"{name}_7_assignsubmission_file/server.py": "1"}), tmp_path
    )
    assert [(each.name, each.number) for each in found] == [(name, "7")]


def test_text_that_was_typed_into_moodle_is_no_file(tmp_path: Path):
    files = {"Ani_1_assignsubmission_onlinetext/onlinetext.html": "<p>sudah</p>"}
    (ani,) = read(zipped(tmp_path / "m.zip", files), tmp_path)
    assert ani.problem is not None
    assert ani.problem.key == "nothing"


def test_canvas(tmp_path: Path):
    files = {
        "wijayaani_101_5001_server.py": "1",
        "wijayaani_101_5002_client.py": "c",
        "budi_LATE_102_5003_server-1.py": "2",
    }
    found = read(zipped(tmp_path / "submissions.zip", files), tmp_path)
    assert told(found) == [("budi-102", "budi", "2"), ("wijayaani-101", "wijayaani", "1")]


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_google_classroom_with_names(tmp_path: Path, delimiter: str):
    inner = zipped(tmp_path / "t.zip", {"server.py": "2"}).read_bytes()
    rows = [("file", "name", "number"), ("server.py", "Ani", "101"), ("Tugas.zip", "Budi", "102")]
    rows += [("SERVER (1).py", "Citra", "103")]
    text = "".join(delimiter.join(row) + "\n" for row in rows)
    folder = written(tmp_path / "drive", {"server.py": "1", "server (1).py": "3"})
    (folder / "names.csv").write_text(text, encoding="utf-8-sig")
    (folder / "Tugas.zip").write_bytes(inner)
    assert told(read(folder, tmp_path)) == [
        ("Ani-101", "Ani", "1"), ("Budi-102", "Budi", "2"), ("Citra-103", "Citra", "3")
    ]  # fmt: skip


def test_a_folder_or_a_zip_for_each(tmp_path: Path):
    folder = written(tmp_path / "class", {"ani/server.py": "1", ".hidden/server.py": "x"})
    zipped(folder / "budi.zip", {"tugas/server.py": "2"})
    (folder / "citra.rar").write_bytes(b"Rar!")
    found = read(folder, tmp_path)
    assert told(found[:2]) == [("ani", "ani", "1"), ("budi", "budi", "2")]
    assert [each.key for each in found] == ["ani", "budi", "citra"]


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_git_clones(tmp_path: Path):
    for name in ("ani", "budi"):
        clone = written(tmp_path / "class" / name, {"server.py": name})
        subprocess.run(["git", "init", "-q", str(clone)], check=True)
    assert told(read(tmp_path / "class", tmp_path)) == [
        ("ani", "ani", "ani"), ("budi", "budi", "budi")
    ]  # fmt: skip


def test_one_folder_round_the_class_is_looked_through(tmp_path: Path):
    files = {"Modul 4/ani/server.py": "1", "Modul 4/budi/server.py": "2"}
    found = read(zipped(tmp_path / "class.zip", files), tmp_path)
    assert [each.key for each in found] == ["ani", "budi"]


@pytest.mark.parametrize("inside", ["Tugas/server.py", "server/server.py", "server.py"])
def test_a_class_of_one_is_a_class(tmp_path: Path, inside: str):
    folder = written(tmp_path / "class", {f"ani/{inside}": "1"})
    if inside.startswith("server/"):
        written(folder, {"ani/client/client.py": "c"})
    assert told(read(folder, tmp_path)) == [("ani", "ani", "1")]


@pytest.mark.skipif(os.name == "nt", reason="no file there has ? in its name")
def test_students_of_one_name_stay_apart(tmp_path: Path):
    folder = written(tmp_path / "class", {"ani!/server.py": "1", "Ani?/server.py": "2"})
    keys = [each.key for each in read(folder, tmp_path)]
    assert len({key.casefold() for key in keys}) == 2


def test_names_of_other_scripts_and_hostile_ones_make_safe_folders(tmp_path: Path):
    names = {
        "Nur ‘Aini_1": "Nur-Aini-1",
        "../../x_2": "x-2",
        "李小龍_3": "李小龍-3",
        "=1+1_4": "1-1-4",
    }
    files = {f"{name.replace('/', '∕')}_assignsubmission_file/server.py": "x" for name in names}
    found = read(zipped(tmp_path / "m.zip", files), tmp_path)
    assert all("/" not in each.key and not each.key.startswith((".", "-")) for each in found)
    assert {"李小龍-3", "Nur-Aini-1"} <= {each.key for each in found}


def test_zips_of_one_student_are_unpacked(tmp_path: Path):
    inner = zipped(tmp_path / "t.zip", {"tugas/server.py": "1"}).read_bytes()
    folder = tmp_path / "class" / "Ani_1_assignsubmission_file"
    folder.mkdir(parents=True)
    (folder / "tugas.zip").write_bytes(inner)
    written(tmp_path / "class", {"Budi_2_assignsubmission_file/server.py": "2"})
    assert told(read(tmp_path / "class", tmp_path)) == [
        ("Ani-1", "Ani", "1"), ("Budi-2", "Budi", "2")
    ]  # fmt: skip
    # What was handed in is left as it is.
    assert (folder / "tugas.zip").is_file()


def test_a_zip_of_the_class_that_is_broken_is_told(tmp_path: Path):
    (tmp_path / "class.zip").write_bytes(b"no zip")
    with pytest.raises(NotUnpacked, match="broken_zip"):
        read(tmp_path / "class.zip", tmp_path)
