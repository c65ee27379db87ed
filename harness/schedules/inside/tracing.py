"""The points: each line of the submission's own files, or also what happens within a line.

Python 3.12 and newer call back only for the code objects asked for (sys.monitoring); 3.11 needs
a trace function in each thread. Both end in `scheduler.point()`.
"""

from __future__ import annotations

import sys
from types import CodeType, FrameType
from typing import Any

from .shared import shared_offsets
from .world import scheduler

TOOL = 4


class Grain:
    """What counts as a point now, and which files are the submission's."""

    root = ""
    opcode = False
    # Without it no line is a point: then nobody is switched, and who spins is not noticed.
    is_on = False


# Each file's name within the submission ("" for everybody else's), and the lines that were run.
names: dict[str, str] = {}
seen: set[int] = set()


def own_name(filename: str) -> str | None:
    """The file's name within the submission, None for everybody else's files."""
    try:
        return names[filename] or None
    except KeyError:
        own = filename.startswith(Grain.root) and "site-packages" not in filename
        name = filename[len(Grain.root) :] if own else ""
        names[filename] = name
        return name or None


def _line(name: str, line: int) -> None:
    """A thread is about to run a line. Short: it runs at every line of the submission."""
    task = scheduler.current
    task.line = line
    task.file = name
    seen.add(line)
    if scheduler.lines is not None:
        scheduler.lines.append([task.key, task.label, name, line, False, scheduler.mark()])


# Python 3.11: a trace function.


def _trace(frame: FrameType, event: str, arg: Any) -> Any:
    filename = frame.f_code.co_filename
    name = names.get(filename)
    if not name and (name == "" or own_name(filename) is None):
        return None
    if Grain.opcode:
        frame.f_trace_opcodes = True
    return _trace_own


def _trace_own(frame: FrameType, event: str, arg: Any) -> Any:
    if event == "line":
        _line(names[frame.f_code.co_filename], frame.f_lineno)
        scheduler.point()
    elif event == "opcode" and Grain.opcode and frame.f_lasti in shared_offsets(frame.f_code):
        scheduler.point()
    return _trace_own


def trace_this_thread() -> None:
    if Grain.is_on and sys.version_info < (3, 12):
        sys.settrace(_trace)


# Python 3.12 and newer: sys.monitoring.


def _on_line(code: CodeType, line: int) -> Any:
    _line(names[code.co_filename], line)
    scheduler.point()


def _on_opcode(code: CodeType, offset: int) -> Any:
    if sys.version_info >= (3, 12) and offset not in shared_offsets(code):
        return sys.monitoring.DISABLE
    scheduler.point()
    return None


def _on_start(code: CodeType, offset: int) -> Any:
    if sys.version_info >= (3, 12):
        if own_name(code.co_filename) is not None:
            _watch(code)
        return sys.monitoring.DISABLE
    return None


known: list[CodeType] = []


def _watch(code: CodeType) -> None:
    if sys.version_info >= (3, 12):
        known.append(code)
        events = sys.monitoring.events
        wanted = events.LINE | (events.INSTRUCTION if Grain.opcode else 0)
        sys.monitoring.set_local_events(TOOL, code, wanted)


def set_grain(opcode: bool) -> None:
    """From now on points are opcodes, or lines."""
    if opcode == Grain.opcode:
        return
    Grain.opcode = opcode
    if sys.version_info >= (3, 12):
        codes = list(known)
        known.clear()
        for code in codes:
            _watch(code)
    else:
        # Calls that are under way must not keep the setting of an earlier cycle.
        for inner in sys._current_frames().values():
            frame: FrameType | None = inner
            while frame is not None:
                if own_name(frame.f_code.co_filename) is not None:
                    frame.f_trace_opcodes = opcode
                frame = frame.f_back


def install(root: str) -> None:
    Grain.root = root
    Grain.is_on = True
    if sys.version_info >= (3, 12):
        monitoring = sys.monitoring
        monitoring.use_tool_id(TOOL, "modul4")
        monitoring.register_callback(TOOL, monitoring.events.LINE, _on_line)
        monitoring.register_callback(TOOL, monitoring.events.INSTRUCTION, _on_opcode)
        monitoring.register_callback(TOOL, monitoring.events.PY_START, _on_start)
        monitoring.set_events(TOOL, monitoring.events.PY_START)
