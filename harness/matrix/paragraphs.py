"""The page of misconceptions for students: a paragraph an idea. Text in, text out."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping

from harness.ground.chaff import Chaff
from harness.ground.ideas import Idea
from harness.ground.rubric import Rubric

_HEAD = """\
# Kekeliruan yang sering terjadi

<!-- Ditulis oleh: python -m harness.matrix.misconceptions. Jangan diedit di sini. -->

Laporan kadang-kadang berkata "mirip dengan" dan menunjuk ke halaman ini. Artinya: programmu gagal
di pemeriksaan yang sama, dengan cara yang sama, seperti program lain yang kekeliruannya sudah
diketahui. Itu dugaan, bukan putusan; nilainya tidak berubah karenanya. Bila dugaannya tidak cocok
dengan programmu, percayalah pada programmu dan pada cerita di laporan.

Di sini tidak ada kode. Setiap bagian mengatakan apa yang biasanya terlihat, lalu satu pertanyaan
untuk dijawab sambil membaca programmu sendiri.
"""
_SERVER, _CLIENT = "## Di server", "## Di client"
WIDTH = 100


def page(rubric: Rubric, chaff: Iterable[Chaff], ideas: Mapping[str, Idea]) -> str:
    """The whole page: the ideas that chaff share, in the order of the checks they fail first."""
    order = {check: number for number, check in enumerate(rubric.checks)}
    found: dict[str, list[Chaff]] = {}
    for each in sorted(chaff, key=lambda each: (order[each.fails[0]], each.name)):
        if each.idea in ideas:
            found.setdefault(each.idea, []).append(each)
    parts, heading = [_HEAD], ""
    for name, programs in found.items():
        # An idea that lives in both programs stands with the server, whose checks come first.
        if (under := _CLIENT if programs[0].file == "client.py" else _SERVER) != heading:
            heading = under
            parts.append(f"{heading}\n")
        checks = {check for each in programs for check in each.fails}
        parts.append(_paragraph(ideas[name], sorted(checks, key=lambda check: order[check])))
    return "\n".join(parts)


def _paragraph(idea: Idea, checks: Iterable[str]) -> str:
    failed = ", ".join(f"`{check}`" for check in checks)
    says = _wrapped(f"{idea.says['id']} {idea.sees} Biasanya terlihat di {failed}.")
    return f"### {idea.name}\n\n{says}\n\n{_wrapped(f'*Tanyakan:* {idea.asks}')}\n"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)
