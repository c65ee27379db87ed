"""The page in a real browser: it draws without a complaint, fits a phone, and can be read by all.

Needs Chromium (Debian: chromium); the rules of accessibility need axe-core as well, whose file
axe.min.js the variable MODUL4_AXE names (docs/contributing.md). No driver: a page around the page
measures it and writes what it saw into its own text, which Chromium prints (`--dump-dom`).
"""

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from harness.contract.rubric import LANGUAGES, Language
from harness.grading.results import State
from harness.record.journal import Event, What
from harness.reports.page import Known, page
from tests.hostile import TEXTS
from tests.test_diagram import START, said
from tests.test_page import ECHOED, failed, results, verdicts

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
BROWSER = next(filter(None, map(shutil.which, NAMES)), None)
AXE = os.environ.get("MODUL4_AXE", "")
# Seconds that the browser may take, on a busy machine.
LONGEST = 120
SCHEMES = {"light": 1, "dark": 0}
OPTIONS = (
    "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --enable-logging=stderr --log-level=0 "
    "--virtual-time-budget=20000 --dump-dom"
).split()

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="needs Chromium (Debian: apt install chromium)"),
]

MEASURE = """<!DOCTYPE html><meta charset="utf-8"><pre id="seen"></pre>
<iframe id="frame" width="WIDTH" height="800" style="border: 0"></iframe>
<script>
const frame = document.getElementById("frame");
frame.onload = () => {
  const inside = frame.contentDocument, root = inside.documentElement;
  const look = () => ({
    wide: root.scrollWidth, room: root.clientWidth,
    out: [...inside.querySelectorAll("body *")].filter((each) =>
      each.getBoundingClientRect().right > root.clientWidth + 1 && !each.closest(".scroll, .skip")
    ).map((each) => each.outerHTML.slice(0, 90)),
  });
  const folded = look();
  inside.querySelectorAll("details").forEach((each) => { each.open = true; });
  const boxes = [...inside.querySelectorAll("svg.picture")].map((each) => each.getBBox());
  const seen = {
    folded, open: look(), drawn: boxes.filter((box) => box.width > 0 && box.height > 0).length,
    pictures: boxes.length, ground: getComputedStyle(inside.body).backgroundColor,
    ink: getComputedStyle(inside.body).color,
  };
  document.getElementById("seen").textContent = JSON.stringify(seen);
};
frame.srcdoc = PAGE;
</script>"""

JUDGE = """<script>AXE</script><script>
document.querySelectorAll("details").forEach((each) => { each.open = true; });
axe.run(document, {resultTypes: ["violations"]}).then((found) => {
  const seen = found.violations.map((each) => ({
    id: each.id, impact: each.impact, where: each.nodes.map((node) => node.html.slice(0, 200)),
  }));
  document.body.innerHTML = "";
  document.body.appendChild(document.createElement("pre")).id = "seen";
  document.getElementById("seen").textContent = JSON.stringify(
    {violations: seen, passed: found.passes.length});
});
</script>"""


def shown(folder: Path, text: str, scheme: str = "light") -> tuple[str, list[str]]:
    """What the browser makes of a page, and what it wrote to its console."""
    file = folder / "page.html"
    file.write_text(text, encoding="utf-8")
    command = [
        str(BROWSER), *OPTIONS, f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}",
        f"--user-data-dir={folder / 'profile'}", file.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=LONGEST,
        env=os.environ | {"HOME": str(folder)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout, [line for line in done.stderr.splitlines() if ":CONSOLE" in line]


def seen(dom: str) -> Any:
    """What the page around the page wrote down."""
    found = re.search(r'<pre id="seen">(.*?)</pre>', dom, re.DOTALL)
    assert found and found[1], dom[:2000]
    return json.loads(html.unescape(found[1]))


def worst(lang: Language) -> dict[str, Any]:
    """Results with every kind of check in them, long names, and texts that would harm."""
    long = "nama-yang-panjang-sekali"
    story = [START, *(said(n / 10, f"{long}{n}", text) for n, text in enumerate(TEXTS))]
    story.append(Event(9, "server.py", f"{long}1", What.MISSING, "x" * 6000))
    crowd = failed("broadcast.crowd", ECHOED, tuple(story))
    values = results(lang, verdicts() | {"broadcast.crowd": crowd}, State.INTERRUPTED, "a/" * 60)
    values["crossplay"] = [{"title": long, "outcome": "failed", "seen": "y" * 300}]
    return values


def worst_page(lang: Language) -> str:
    return page(worst(lang), Known(stderr={"broadcast.crowd": "z" * 3000}))


def test_the_browser_has_nothing_to_complain_of(tmp_path: Path):
    dom, console = shown(tmp_path, worst_page("id"))
    assert console == []
    assert "Hasil pemeriksaan" in dom


def test_a_browser_that_was_told_to_load_something_would_complain(tmp_path: Path):
    page_ = worst_page("id").replace(
        "</body>", '<img src="file:///x.png"><script>1</script></body>'
    )
    _, console = shown(tmp_path, page_)
    assert any("Content Security Policy" in line for line in console)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [360, 1200])
def test_nothing_is_wider_than_the_window(tmp_path: Path, width: int, scheme: str):
    text = json.dumps(worst_page("id")).replace("<", "\\u003c")
    around = MEASURE.replace("WIDTH", str(width)).replace("PAGE", text)
    dom, console = shown(tmp_path, around, scheme)
    found = seen(dom)
    assert console == []
    for state in ("folded", "open"):
        assert found[state]["out"] == []
        assert found[state]["wide"] <= found[state]["room"] <= width
    assert found["drawn"] == found["pictures"] > 10
    brightness = [sum(map(int, re.findall(r"\d+", found[each])[:3])) for each in ("ground", "ink")]
    assert (brightness[0] > brightness[1]) is (scheme == "light")


@pytest.mark.skipif(not AXE, reason="needs axe-core: MODUL4_AXE=.../axe.min.js")
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_rule_of_accessibility_is_broken(tmp_path: Path, lang: Language, scheme: str):
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", worst_page(lang))
    script = JUDGE.replace("AXE", Path(AXE).read_text(encoding="utf-8").replace("</script", ""))
    dom, _ = shown(tmp_path, text.replace("</body>", script + "</body>"), scheme)
    found = seen(dom)
    assert found["passed"] > 20
    assert found["violations"] == []
