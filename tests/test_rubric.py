"""The rubric: the checks of SPEC section 5, and an instructor's slip told by file and line."""

import re
from pathlib import Path

import pytest

from harness.contract import rubric
from harness.contract.rubric import LANGUAGES, Language, RubricError, load
from harness.contract.symptoms import Symptom

# The ids of SPEC section 5, in its order. Points are an instructor's to change.
CHECKS = """
    start.listens
    start.banner
    start.default_address
    start.restart
    start.interrupt
    nickname.request
    nickname.accept
    nickname.log
    nickname.unique
    nickname.retry
    nickname.invalid
    nickname.race
    broadcast.delivers
    broadcast.format
    broadcast.not_to_sender
    broadcast.order
    broadcast.joined_only
    broadcast.framing
    broadcast.unicode
    broadcast.long_line
    broadcast.empty
    broadcast.log
    broadcast.crowd
    concurrency.silent_newcomer
    concurrency.thread_per_client
    concurrency.slow_reader
    disconnect.leave
    disconnect.reset
    disconnect.before_nickname
    disconnect.mid_line
    disconnect.mid_broadcast
    disconnect.nickname_freed
    disconnect.no_spin
    disconnect.threads_freed
    disconnect.sockets_freed
    exploration.sessions
    exploration.schedules
    client.prompt
    client.nickname
    client.send
    client.receive
    client.screen
    client.retry
    client.framing
    client.burst
    client.server_gone
    client.no_server
    client.quit
""".split()


def test_the_checks_are_those_of_the_spec():
    assert [check.id for check in load()] == CHECKS


def test_points_add_up_to_100():
    assert sum(check.points for check in load()) == 100


def test_points_may_be_moved_from_one_check_to_another(tmp_path: Path):
    text = Path(rubric.__file__).with_suffix(".toml").read_text(encoding="utf-8")
    first, second, *_ = load()
    for check, points in ((first, first.points + second.points), (second, 0)):
        head, points_line, rest = text.partition(f'[checks."{check.id}"]\npoints = ')
        text = head + points_line + re.sub(r"^[\d.]+", f"{points:g}", rest)
    path = tmp_path / "rubric.toml"
    path.write_text(text, encoding="utf-8")
    changed = load(path)
    assert changed.checks[first.id].points == first.points + second.points
    assert changed.checks[second.id].points == 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hints_ask_and_hold_no_code(lang: Language):
    for check in load():
        for symptom, hint in {"": check.hint, **check.hints}.items():
            # What has not been begun cannot be asked about.
            assert "?" in hint[lang] or symptom == Symptom.TODO_OPEN, check.id
            assert not re.search(r"[=(){}]|\bdef \b|\bself\b", hint[lang]), check.id


def test_hints_are_for_symptoms_that_exist():
    for check in load():
        assert set(check.hints) <= set(Symptom), check.id


def test_a_check_is_about_todos_that_exist():
    source = Path(rubric.__file__).parents[2] / "solutions" / "1.contoh"
    text = "".join((source / name).read_text("utf-8") for name in ("server.py", "client.py"))
    todos = set(map(int, re.findall(r"# TODO (\d+):", text)))
    for check in load():
        assert set(check.blame) <= todos, check.id
        assert check.blame, check.id
        assert {number for some in check.blames.values() for number in some} <= todos, check.id


GROUPS = '[groups]\nstart = { id = "Awal", en = "Start" }\n\n'


def row(name: str, **lines: str) -> str:
    """The lines of one check; a value replaces that line, an empty one leaves it out."""
    values = {
        "points": "points = 50",
        "requires": "requires = []",
        "title": 'title.id = "a"\ntitle.en = "b"',
        "hint": 'hint.id = "c?"\nhint.en = "d?"',
    }
    return "\n".join([f'[checks."{name}"]', *(values | lines).values()]) + "\n"


FIRST = row("start.first")


def rubric_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "rubric.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_small_rubric_is_read(tmp_path: Path):
    second = row("start.second", requires='requires = ["start.first"]')
    found = load(rubric_file(tmp_path, GROUPS + FIRST + second))
    assert [check.id for check in found] == ["start.first", "start.second"]
    assert found.checks["start.second"].requires == ("start.first",)
    assert found.groups["start"]["en"] == "Start"


# What is wrong, and what is said of it. Line 4 has the first check's name, line 11 the second's.
SLIPS = {
    "no English title": (row("start.b", title='title.id = "a"'), 11, "'start.b': add title.en"),
    "an empty title": (
        row("start.b", title='title.id = " "\ntitle.en = "x"'),
        11,
        "'start.b': add title.id",
    ),
    "no title": (row("start.b", title=""), 11, "'start.b': add title.id"),
    "a title in one language only": (row("start.b", title='title = "x"'), 11, "add title.id"),
    "no hint": (row("start.b", hint=""), 11, "'start.b': add hint.id"),
    "half a special hint": (
        row("start.b", more='hints.echo.id = "x?"'),
        11,
        "'start.b': add hints.echo.en",
    ),
    "a hint for no symptom": (
        row("start.b", more='hints.ecko = { id = "x?", en = "x?" }'),
        11,
        "'start.b': there is no symptom 'ecko'",
    ),
    "points as text": (row("start.b", points='points = "5"'), 11, "must be a number, 0 or more"),
    "no points": (row("start.b", points=""), 11, "must be a number, 0 or more"),
    "points below nothing": (row("start.b", points="points = -1"), 11, "0 or more"),
    "points that are no number": (row("start.b", points="points = nan"), 11, "0 or more"),
    "more points than there are": (row("start.b", points="points = 1e9"), 11, "up to 100"),
    "a requirement without brackets": (
        row("start.b", requires='requires = "start.first"'),
        11,
        "'start.b': its requires must stand in square brackets",
    ),
    "true for points": (row("start.b", points="points = true"), 11, "0 or more"),
    "unknown requirement": (
        row("start.b", requires='requires = ["start.x"]'),
        11,
        "'start.b': requires 'start.x', no earlier check",
    ),
    "requires itself": (
        row("start.b", requires='requires = ["start.b"]'),
        11,
        "'start.b': requires 'start.b', no earlier check",
    ),
    "unknown group": (row("begin.b"), 11, "'begin.b': add its group to [groups]: begin"),
    "a slip of the pen": (
        row("start.b", more='hnit = "x"'),
        11,
        "'start.b': take out hnit",
    ),
    "no table at all": ('[checks]\n"start.b" = 3\n', 12, "'start.b': must be a table"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_told_by_file_and_line_with_the_mending(tmp_path: Path, slip: str):
    second, line, said = SLIPS[slip]
    with pytest.raises(RubricError) as error:
        load(rubric_file(tmp_path, GROUPS + FIRST + second))
    assert str(error.value).startswith(f"rubric.toml:{line}: ")
    assert said in str(error.value)


def test_a_check_is_found_among_others_whose_names_begin_alike(tmp_path: Path):
    second = row("start.fir", requires='requires = ["start.first"]', hint="")
    with pytest.raises(RubricError, match=r"^rubric.toml:11: check 'start.fir': add hint.id"):
        load(rubric_file(tmp_path, GROUPS + FIRST + second))


def test_the_check_that_requires_a_later_one_is_blamed_by_its_own_line(tmp_path: Path):
    first = row("start.first", requires='requires = ["start.second"]')
    with pytest.raises(RubricError, match=r"^rubric.toml:4: check 'start.first': requires"):
        load(rubric_file(tmp_path, GROUPS + first + row("start.second")))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("blames.no_such_thing = [1]", "there is no symptom 'no_such_thing'"),
        ("blames.twin_refused = 1", "its blames.twin_refused must stand in square brackets"),
    ],
)
def test_todos_of_a_symptom_that_cannot_be_read_are_refused(tmp_path: Path, line: str, said: str):
    with pytest.raises(RubricError, match=rf"^rubric.toml:4: check 'start.first': {said}"):
        load(rubric_file(tmp_path, GROUPS + row("start.first", blames=line)))


def test_points_that_do_not_add_up_to_100_are_refused(tmp_path: Path):
    second = row("start.second", points="points = 49.5")
    with pytest.raises(RubricError, match=r"rubric.toml: the points add up to 99.5; make it 100"):
        load(rubric_file(tmp_path, GROUPS + FIRST + second))


def test_points_may_be_fractions(tmp_path: Path):
    rows = [row(f"start.c{number}", points="points = 0.1") for number in range(500)]
    found = load(rubric_file(tmp_path, GROUPS + FIRST + "".join(rows)))
    assert len(found.checks) == 501


def test_a_group_without_a_title_is_refused(tmp_path: Path):
    groups = '[groups]\nstart = { id = "Awal" }\n\n'
    with pytest.raises(RubricError, match=r"rubric.toml:2: group 'start': add title.en"):
        load(rubric_file(tmp_path, groups + FIRST))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[groups\n", "line 1"),
        ("", r"add \[groups\]"),
        ("[groups]\n", r"add \[checks\]"),
        ("groups = 3\n", r"add \[groups\]"),
    ],
)
def test_a_file_that_is_no_rubric_is_refused(tmp_path: Path, text: str, said: str):
    with pytest.raises(RubricError, match=rf"^rubric.toml: .*{said}"):
        load(rubric_file(tmp_path, text))


def test_a_missing_file_is_told(tmp_path: Path):
    with pytest.raises(RubricError, match=r"gone.toml"):
        load(tmp_path / "gone.toml")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path):
    path = tmp_path / "rubric.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(RubricError, match=r"^rubric.toml: "):
        load(path)
