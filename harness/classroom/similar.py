"""Pairs of submissions that share unusually much: a place to look, and no verdict.

Fingerprints of runs of tokens are compared, so a copy with other names, other texts and moved
functions is still found; what the skeleton brings and what many have in common does not count.
Source: Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document Fingerprinting",
SIGMOD 2003.
"""

from __future__ import annotations

import builtins
import csv
import hashlib
import io
import itertools
import keyword
import socket
import threading
import tokenize
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.classroom.spreadsheet import safe

# Tokens in a run, and how many runs in a row give one fingerprint.
RUN, WINDOW = 10, 6
# A fingerprint that more of the class has is a habit; in a class of a few everybody may share it.
COMMON, FEWEST_COMMON = 0.1, 4
# A program with fewer fingerprints of its own says nothing; a pair is told from this share on.
FEWEST, SHARE = 20, 0.4
MOST_PAIRS = 40
MOST_BYTES = 200_000
EXPORT = "similar.zip"

# Names that no student chooses: they stay, all others are one and the same.
_OBJECTS = (socket.socket, threading.Thread, str, bytes, dict, list, set, builtins)
GIVEN_NAMES = frozenset(name for each in _OBJECTS for name in dir(each)) | {
    "socket", "threading", "argparse", "sys", "os", "queue", "Thread", "Lock", "RLock", "Queue",
}  # fmt: skip
_SKIPPED = frozenset(
    (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
)
# Parts of an f-string, where Python tells them apart (3.12 and later).
_TEXTS = frozenset(("STRING", "FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END"))


@dataclass(frozen=True, slots=True)
class SimilarPair:
    """Two submissions by key, the share of the smaller one that both have, and of which size."""

    one: str
    other: str
    share: float
    common: int


def similar_pairs(
    programs: Mapping[str, Iterable[Path]], given: Iterable[Path] = ()
) -> list[SimilarPair]:
    """The pairs worth a look, most alike first, `MOST_PAIRS` at the most.

    ``programs``: the files of each submission; ``given``: files that everybody was given.
    """
    known = set().union(*(prints(path) for path in given)) if given else set()
    found = {key: set().union(*map(prints, paths)) - known for key, paths in programs.items()}
    count = Counter(itertools.chain.from_iterable(found.values()))
    most = max(FEWEST_COMMON, COMMON * len(found))
    own = {key: {each for each in some if count[each] <= most} for key, some in found.items()}
    own = {key: some for key, some in own.items() if len(some) >= FEWEST}
    shared: Counter[tuple[str, str]] = Counter()
    holders: dict[int, list[str]] = {}
    for key, some in sorted(own.items()):
        for each in some:
            holders.setdefault(each, []).append(key)
    for keys in holders.values():
        shared.update(itertools.combinations(keys, 2))
    pairs = []
    for (one, other), common in shared.items():
        share = common / min(len(own[one]), len(own[other]))
        if share >= SHARE and common >= FEWEST:
            pairs.append(SimilarPair(one, other, share, common))
    return sorted(pairs, key=lambda pair: (-pair.share, pair.one, pair.other))[:MOST_PAIRS]


def prints(path: Path) -> set[int]:
    """The fingerprints of a Python file; none of one that cannot be read."""
    hashes = [_hash(run) for run in _runs(list(_tokens(path)))]
    if len(hashes) < WINDOW:
        return set(hashes)
    return {min(hashes[at : at + WINDOW]) for at in range(len(hashes) - WINDOW + 1)}


def _runs(tokens: list[str]) -> Iterator[str]:
    return (" ".join(tokens[at : at + RUN]) for at in range(len(tokens) - RUN + 1))


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def _tokens(path: Path) -> Iterator[str]:
    """What a file is made of, without what is easily changed."""
    try:
        source = path.read_bytes()[:MOST_BYTES]
        was_text = False
        for token in tokenize.tokenize(io.BytesIO(source).readline):
            is_text = tokenize.tok_name[token.type] in _TEXTS
            if is_text and not was_text:
                yield "text"
            was_text = is_text
            if is_text or token.type in _SKIPPED or token.type == tokenize.ENCODING:
                continue
            if token.type == tokenize.NUMBER:
                yield "0"
            elif token.type == tokenize.NAME and token.string not in GIVEN_NAMES:
                yield token.string if keyword.iskeyword(token.string) else "name"
            else:
                yield token.string
    except (OSError, SyntaxError, tokenize.TokenError, UnicodeDecodeError, ValueError):
        return


def export(programs: Mapping[str, tuple[str, Iterable[Path]]], given: Iterable[Path] = ()) -> bytes:
    """A zip for other programs of this kind: key -> (name, files) of each submission.

    `info.csv` and the folders beside it are what dolos takes; JPlag takes the folder `submissions`,
    with `base` as its base code.
    """
    sink, table = io.BytesIO(), io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("filename", "label", "full_name"))
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, (name, paths) in sorted(programs.items()):
            for path in paths:
                inside = f"submissions/{key}/{path.name}"
                archive.write(path, inside)
                writer.writerow((inside, key, safe(name)))
        for path in given:
            archive.write(path, f"base/{path.name}")
        archive.writestr("info.csv", table.getvalue())
    return sink.getvalue()
