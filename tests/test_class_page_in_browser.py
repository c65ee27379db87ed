"""The page about a class in a real browser: as `test_page_in_browser`, and its tables sort."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from harness.classroom.class_page import class_page
from harness.classroom.overrides import Override
from harness.classroom.similar import SimilarPair
from harness.contract.rubric import LANGUAGES, Language
from tests.hostile import TEXTS
from tests.test_class_page import CLASS, FACTS, RUBRIC, entry
from tests.test_page_in_browser import AXE, BROWSER, JUDGE, MEASURE, SCHEMES, seen, shown

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="needs Chromium (Debian: apt install chromium)"),
]
SORT = """<script>
const heads = [...document.querySelectorAll("section[aria-labelledby=all] th button")];
const points = () => [...document.querySelectorAll("section[aria-labelledby=all] tbody tr")]
  .map((row) => row.children[2].textContent.trim());
const first = points();
heads[2].click();
const up = points();
heads[2].click();
const down = points();
const told = heads[2].closest("th").getAttribute("aria-sort");
document.body.innerHTML = "";
document.body.appendChild(document.createElement("pre")).id = "seen";
document.getElementById("seen").textContent = JSON.stringify({first, up, down, told});
</script>"""


def worst_class(folder: Path, lang: Language = "id") -> str:
    """A page with every kind of row, and names that would harm."""
    rows = [*CLASS, *(entry(f"x-{at}", text[:400]) for at, text in enumerate(TEXTS))]
    rows.append(replace(CLASS[1], changes=(Override("budi-2", "total", 9, TEXTS[1]),)))
    pairs = [SimilarPair("x-0", "x-1", 0.9, 80)]
    return class_page(RUBRIC, rows, pairs, FACTS, folder, lang)


def unguarded(text: str, script: str) -> str:
    """The page with a script of ours in it, which its policy would forbid."""
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    return text.replace("</body>", script + "</body>")


def test_the_browser_has_nothing_to_complain_of_in_a_class(tmp_path: Path):
    dom, console = shown(tmp_path, worst_class(tmp_path))
    assert console == []
    assert "Nilai satu kelas" in dom


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [360, 1200])
def test_nothing_of_a_class_is_wider_than_the_window(tmp_path: Path, width: int, scheme: str):
    text = json.dumps(worst_class(tmp_path)).replace("<", "\\u003c")
    around = MEASURE.replace("WIDTH", str(width)).replace("PAGE", text)
    dom, _ = shown(tmp_path, around, scheme)
    found = seen(dom)
    assert found["open"]["wide"] <= found["open"]["room"] <= width
    assert found["drawn"] == found["pictures"] > 40


def test_a_table_sorts_by_the_head_that_is_pressed(tmp_path: Path):
    found = seen(shown(tmp_path, unguarded(worst_class(tmp_path), SORT))[0])
    numbers = [float(each.split("/")[0]) for each in found["up"] if each]
    assert numbers == sorted(numbers)
    assert found["first"] != found["up"]
    assert [each for each in found["down"] if each] == [e for e in reversed(found["up"]) if e]
    assert found["told"] == "descending"


@pytest.mark.skipif(not AXE, reason="needs axe-core: MODUL4_AXE=.../axe.min.js")
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_rule_of_accessibility_is_broken_by_a_class(tmp_path: Path, lang: Language, scheme: str):
    script = JUDGE.replace("AXE", Path(AXE).read_text(encoding="utf-8").replace("</script", ""))
    found = seen(shown(tmp_path, unguarded(worst_class(tmp_path, lang), script), scheme)[0])
    assert found["passed"] > 15
    assert found["violations"] == []
