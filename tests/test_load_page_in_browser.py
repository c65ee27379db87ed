"""The page of `load` in a real browser: as `test_page_in_browser`."""

import json
from pathlib import Path

import pytest

from harness.contract.rubric import LANGUAGES, Language
from harness.loads.driver import Ending
from harness.loads.ledger import Flaw, FlawExample
from harness.loads.load_page import load_page
from harness.loads.load_results import measured_here
from harness.loads.one_load import LoadPlan
from tests.hostile import TEXTS
from tests.test_class_page_in_browser import unguarded
from tests.test_load_page import figures
from tests.test_page_in_browser import AXE, BROWSER, JUDGE, MEASURE, SCHEMES, seen, shown

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="needs Chromium (Debian: apt install chromium)"),
]


def worst_load(lang: Language = "id") -> str:
    """A page with three servers, four numbers of clients, and lines that would harm."""
    bad = {
        "ending": Ending.NONSENSE,
        "flaws": {Flaw.GARBLED: 12},
        "examples": tuple(FlawExample(Flaw.GARBLED, text, text) for text in TEXTS),
        "reason": TEXTS[0],
    }
    runs = []
    for clients in (10, 100, 1000, 5000):
        columns = {
            "yours": figures(clients, late=0.2, **bad),
            "reference": figures(clients),
            "ceiling_c": figures(clients, late=0.001),
        }
        runs.append((LoadPlan(clients, 10, 5, 10.0, 1), columns))
    return load_page(runs, TEXTS[0], measured_here(), False, lang)


def test_the_browser_has_nothing_to_complain_of_in_a_load(tmp_path: Path):
    dom, console = shown(tmp_path, worst_load())
    assert console == []
    assert "p99" in dom


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [360, 1200])
def test_nothing_of_a_load_is_wider_than_the_window(tmp_path: Path, width: int, scheme: str):
    text = json.dumps(worst_load()).replace("<", "\\u003c")
    around = MEASURE.replace("WIDTH", str(width)).replace("PAGE", text)
    found = seen(shown(tmp_path, around, scheme)[0])
    assert found["open"]["wide"] <= found["open"]["room"] <= width
    assert found["drawn"] == found["pictures"] > 4


@pytest.mark.skipif(not AXE, reason="needs axe-core: MODUL4_AXE=.../axe.min.js")
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_rule_of_accessibility_is_broken_by_a_load(tmp_path: Path, lang: Language, scheme: str):
    script = JUDGE.replace("AXE", Path(AXE).read_text(encoding="utf-8").replace("</script", ""))
    found = seen(shown(tmp_path, unguarded(worst_load(lang), script), scheme)[0])
    assert found["passed"] > 10
    assert found["violations"] == []
