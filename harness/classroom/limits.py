"""What one grading may use of the machine, and how much it uses (Linux).

Looked at twice a second, from outside: no limit of the system counts what all programs of a grading
use together. So a program may go beyond it for a moment.
"""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from harness.program.tree import tree

# Bytes of memory of all its processes together; processes. The kit itself needs 150 MB and ten.
MOST_BYTES, MOST_PROCESSES = 3_000_000_000, 1_000
# Seconds between two looks.
LOOK = 0.5


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process and all below it use: how many they are, and memory in bytes."""

    processes: int
    memory: int

    @property
    def excess(self) -> str:
        """What is too much, as a key of `problems.PROBLEMS`; empty where nothing is."""
        if self.processes > MOST_PROCESSES:
            return "many_processes"
        return "much_memory" if self.memory > MOST_BYTES else ""


def usage(pid: int) -> Usage:
    """What process ``pid`` and all that it has started use; nothing where that is not shown."""
    if sys.platform != "linux":
        return Usage(0, 0)
    family = tree(pid)
    page = os.sysconf("SC_PAGE_SIZE")
    memory = 0
    # More of them are too many in any case.
    for each in family[:MOST_PROCESSES]:
        with contextlib.suppress(OSError, ValueError, IndexError):
            resident, shared = Path(f"/proc/{each}/statm").read_text().split()[1:3]
            memory += (int(resident) - int(shared)) * page
    return Usage(len(family), memory)
