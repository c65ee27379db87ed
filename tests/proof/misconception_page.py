"""`python -m tests.proof.misconception_page`: docs/id/kekeliruan.md, the usual mistakes by check.

A student whose check failed looks the check up there: under its name stand the misconceptions that
chaff with this symptom have. The page is derived from the chaff, the racy chaff (which exploring
schedules finds) and `tests/misconceptions.toml`.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path

from harness.contract.rubric import Rubric
from harness.contract.rubric import load as load_rubric
from tests.proof import misconceptions
from tests.proof.chaff import Chaff
from tests.proof.chaff import load as load_chaff
from tests.proof.misconceptions import Misconception
from tests.racy.ideas import IDEAS

ROOT = Path(__file__).resolve().parents[2]
# The check that finds the racy chaff.
RACY_CHECK = "exploration.schedules"
PAGE = "docs/id/kekeliruan.md"
UPDATE = "python -m tests.proof.misconception_page"
WIDTH = 100
_HEAD = f"""\
# Kekeliruan yang sering terjadi

<!-- Ditulis oleh: {UPDATE}. Jangan diedit di sini. -->

Cari nama pemeriksaan yang gagal di laporanmu. Di bawahnya ada kekeliruan yang paling sering
membuat pemeriksaan itu gagal. Bisa jadi kekeliruanmu yang lain lagi: percayalah pada programmu dan
pada cerita di laporan.

Di sini tidak ada kode. Setiap bagian mengatakan apa yang biasanya terlihat, lalu satu pertanyaan
untuk dijawab sambil membaca programmu sendiri.
"""


def page(rubric: Rubric, chaff: Iterable[Chaff], known: Mapping[str, Misconception]) -> str:
    """The whole page: for each check the misconceptions of the chaff that are there for it.

    A misconception is told in full under the first check it breaks; later checks point there.
    """
    by_check: dict[str, list[str]] = {}
    for each in sorted(chaff, key=lambda each: each.name):
        for failed in each.fails:
            names = by_check.setdefault(failed, [])
            if each.idea in known and each.idea not in names:
                names.append(each.idea)
    racy = by_check.setdefault(RACY_CHECK, [])
    racy += [name for name in IDEAS if name in known and name not in racy]
    parts, told_under = [_HEAD], dict[str, str]()
    for check in rubric:
        if check.id in by_check:
            parts.append(f"## {check.id}\n\n{check.title['id']}.\n")
            for name in by_check[check.id]:
                parts.append(_paragraph(known[name], told_under.get(name)))
                told_under.setdefault(name, check.id)
    return "\n".join(parts)


def _paragraph(misconception: Misconception, told_under: str | None) -> str:
    says = misconception.says["id"]
    if told_under is not None:
        anchor = told_under.replace(".", "")
        return f"{_wrapped(f'- {says} Lihat [{told_under}](#{anchor}).', '  ')}\n"
    asks = _wrapped(f"*Tanyakan:* {misconception.asks}", "  ", "  ")
    return f"{_wrapped(f'- {says} {misconception.sees}', '  ')}\n\n{asks}\n"


def _wrapped(text: str, later: str, first: str = "") -> str:
    return textwrap.fill(
        text, WIDTH, break_long_words=False, break_on_hyphens=False,
        initial_indent=first, subsequent_indent=later,
    )  # fmt: skip


def main() -> int:
    """Write the page."""
    rubric = load_rubric()
    text = page(rubric, load_chaff(ROOT, rubric.checks), misconceptions.load())
    (ROOT / PAGE).write_text(text, encoding="utf-8")
    print(f"Written: {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
