"""Many plans, each for a fresh process: read from standard input, the reports go to the output.

Where processes can fork, one process reads the plans, one a line, and forks for each: what takes
long at a start, the interpreter, our own modules and the commonest of the submission's, is there
already. Elsewhere the process serves one plan and ends, and the grader starts the next one.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import sys
from pathlib import Path
from types import CodeType
from typing import Any, NoReturn

from .controlled_run import compiled, control, really_exit, stay_here

# The submission gets another one: see foreign.py.
real_fork = getattr(os, "fork", None)
real_write = os.write

# None of them takes a lock, a clock or a socket when it is imported: those must be ours.
COMMON = ("gettext", "locale", "shutil", "unicodedata", "inspect", "string", "base64")


def serve(argv: list[str], at_start: frozenset[str]) -> None:
    """Serve until there are no more plans."""
    plans, reports = _take_over_the_streams()
    for name in COMMON:
        importlib.import_module(name)
    # It compiles its patterns at the first use.
    argparse.ArgumentParser()
    code = None
    with contextlib.suppress(Exception):
        # Whatever is wrong with it shows in the process that runs it.
        code = compiled(Path(argv[0]))
    with os.fdopen(plans, "rb") as lines:
        for line in lines:
            if real_fork is None:
                _run(json.loads(line), reports, argv, at_start, code)
            child = real_fork()
            if child == 0:
                os.close(lines.fileno())
                _run(json.loads(line), reports, argv, at_start, code)
            _, status = os.waitpid(child, 0)
            if status != 0:
                # It did not come to its report: somebody ended it.
                os.write(reports, b"null\n")


def _run(
    plan: dict[str, Any],
    reports: int,
    argv: list[str],
    at_start: frozenset[str],
    code: CodeType | None,
) -> NoReturn:
    def deliver(report: bytes) -> None:
        rest = memoryview(report + b"\n")
        while rest:
            rest = rest[real_write(reports, rest) :]

    stay_here()
    try:
        control(plan, deliver, argv, at_start, code)
    finally:
        really_exit(1)


def _take_over_the_streams() -> tuple[int, int]:
    """Numbers of our own for input and output.

    The submission has an input that is open and silent, and its output goes nowhere.
    """
    plans, reports = os.dup(0), os.dup(1)
    silent, _held_open = os.pipe()
    os.dup2(silent, 0)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    sys.stdout.flush()
    for number in (1, 2):
        os.dup2(nowhere, number)
    return plans, reports
