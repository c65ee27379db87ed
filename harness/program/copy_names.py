"""What a copy of a submission is called in what its program prints: as in the student's folder."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path


def names_of_copies(folder: Path) -> Callable[[str], str]:
    """Takes ``folder``, in which copies have numbers for names, out of the paths in a text.

    >>> name = names_of_copies(Path("/tmp/run"))
    >>> name('File "/tmp/run/12/room/names.py", line 3')
    'File "room/names.py", line 3'
    >>> name("in '/tmp/run/12'")
    "in '.'"
    """
    forms = sorted({str(folder), str(folder.resolve())}, key=len, reverse=True)
    copies = re.compile(rf"(?:{'|'.join(map(re.escape, forms))})(?:[/\\]\d+)?([/\\]?)")
    return lambda text: copies.sub(lambda found: "" if found[1] else ".", text)
