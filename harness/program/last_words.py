"""What a program said of its own end: the exception, where it came from, what Python complained of.

Pure functions of what stands on stderr.
"""

from __future__ import annotations

import codecs
import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.contract.symptoms import Failure, Symptom

_SYNTAX_ERROR = re.compile(r"^(SyntaxError|IndentationError|TabError): (.*?)\r?$", re.MULTILINE)
_NULL_BYTES = re.compile(
    r"^ValueError: (source code string cannot contain null bytes)", re.MULTILINE
)
_PLACE = re.compile(r'^ *File "([^"]+)", line (\d+)', re.MULTILINE)
_HEAD = "Traceback (most recent call last):"
# The last line of a traceback; the name may be of a module's own class, the message may lack.
_EXCEPTION = re.compile(r"^([A-Za-z_][\w.]*)(?:: (.*))?$")
_NO_MODULE = re.compile(r"^No module named '([\w.]+)'")
# An open TODO of the skeleton: its exception, or the sentence that the skeleton makes of it.
_TODO = re.compile(
    r"NotImplementedError: TODO (\d{1,4})\b|^TODO (\d{1,4}) belum dikerjakan\b", re.MULTILINE
)
# Tracebacks of several threads may be mixed, but never inside a word.
_MIXED, _MIXED_TODO = re.compile(r"NotImplementedError(?!\()"), re.compile(r"TODO (\d{1,4})\b")
_BOMS = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}


@dataclass(frozen=True, slots=True)
class Crash:
    """The exception of a traceback, and the last line of the student's own file it went through."""

    error: str
    message: str
    place: str

    def as_facts(self) -> Mapping[str, str]:
        """For the sentences: ``error`` and ``place``."""
        return {"error": f"{self.error}: {self.message}".removesuffix(": "), "place": self.place}


def crash(stderr: str, folder: Path) -> Crash | None:
    """The last traceback in ``stderr``; files in ``folder`` are the student's own.

    Ctrl-C is none of the student's doing. A line that has not come to its end does not count:
    Python writes the name of an exception before its message.
    """
    found = None
    for block in stderr.replace("\r", "").split(_HEAD)[1:]:
        lines = block.splitlines()
        # What is not indented ends it; the notes of an exception group are.
        end = next((at for at, line in enumerate(lines) if at and line[:1].strip()), None)
        is_whole = end is not None and (end + 1 < len(lines) or block.endswith("\n"))
        match = _EXCEPTION.match(lines[end]) if end is not None and is_whole else None
        if match is None or match[1] == "KeyboardInterrupt":
            continue
        own = [
            f"{Path(file).name}:{line}"
            for file, line in _PLACE.findall("\n".join(lines[:end]))
            if Path(file).is_relative_to(folder) or not Path(file).is_absolute()
        ]
        found = Crash(match[1], match[2] or "", own[-1] if own else "")
    return found


def open_todo(stderr: str) -> int | None:
    """The TODO that is still open, as the skeleton says it; the lowest if there are more."""
    numbers = [a or b for a, b in _TODO.findall(stderr)]
    if not numbers and _MIXED.search(stderr):
        numbers = _MIXED_TODO.findall(stderr)
    return min(map(int, numbers), default=None)


def syntax_error(stderr: str) -> str | None:
    """What Python says of a source that it could not read: 'server.py:12: invalid syntax'."""
    error = _SYNTAX_ERROR.search(stderr)
    if not error:
        nulls = _NULL_BYTES.search(stderr)
        return nulls[1] if nulls else None
    places = _PLACE.findall(stderr[: error.start()])
    where = f"{Path(places[-1][0]).name}:{places[-1][1]}: " if places else ""
    return where + error[2]


def wrong_encoding(source: bytes) -> str | None:
    """In which encoding a source is stored that is not UTF-8; None for UTF-8."""
    for mark, name in _BOMS.items():
        if source.startswith(mark):
            return name
    try:
        source.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252 (Windows)"
    return "UTF-16" if b"\0" in source else None


def why_not_started(stderr: str, file: Path) -> Failure | None:
    """What keeps ``file`` from starting whatever it is told, as far as Python says it."""
    if error := syntax_error(stderr):
        try:
            encoding = wrong_encoding(file.read_bytes())
        except OSError:
            encoding = None
        if encoding:
            facts = {"file": file.name, "encoding": encoding}
            return Failure(file.name, Symptom.WRONG_ENCODING, facts)
        version = ".".join(platform.python_version_tuple()[:2])
        return Failure(file.name, Symptom.SYNTAX_ERROR, {"error": error, "python": version})
    end = crash(stderr, file.parent)
    if end and (missing := _NO_MODULE.match(end.message)):
        module = missing[1]
        is_elsewhere = module.partition(".")[0] in sys.stdlib_module_names
        symptom = Symptom.MODULE_OF_ANOTHER_SYSTEM if is_elsewhere else Symptom.FOREIGN_MODULE
        return Failure(file.name, symptom, {"module": module, "place": end.place})
    return None
