"""Which instructions of a code object can see, or change, what other threads can see.

Between two of them a thread is alone with its own variables: to switch there is the same as to
switch at the next one. So only they are points, and the choices go where they make a difference.
"""

from __future__ import annotations

import opcode
from collections.abc import Iterator
from types import CodeType

# A call may do anything; the rest reads or writes a variable, an attribute or a container.
SHARED = {
    "BEFORE_WITH",
    "BINARY_OP",
    "BINARY_SLICE",
    "BINARY_SUBSCR",
    "CALL",
    "CALL_FUNCTION_EX",
    "CALL_KW",
    "CONTAINS_OP",
    "DELETE_ATTR",
    "DELETE_GLOBAL",
    "DELETE_NAME",
    "DELETE_SUBSCR",
    "DICT_MERGE",
    "DICT_UPDATE",
    "FOR_ITER",
    "GET_ITER",
    "LIST_EXTEND",
    "LOAD_ATTR",
    "LOAD_DEREF",
    "LOAD_GLOBAL",
    "LOAD_NAME",
    "LOAD_SPECIAL",
    "SET_UPDATE",
    "STORE_ATTR",
    "STORE_DEREF",
    "STORE_GLOBAL",
    "STORE_NAME",
    "STORE_SLICE",
    "STORE_SUBSCR",
    "UNPACK_EX",
}
# With this bit the name is looked up to be called: the call is the point.
CALLED = {"LOAD_GLOBAL"}
EXTENDED = opcode.opmap["EXTENDED_ARG"]

# By identity: to compare code objects takes long. They are kept, so that no number comes again.
_known: dict[int, frozenset[int]] = {}
_kept: list[CodeType] = []


def shared_offsets(code: CodeType) -> frozenset[int]:
    """The offsets of those instructions, without the first of each line: the line is a point."""
    offsets = _known.get(id(code))
    if offsets is None:
        offsets = _known[id(code)] = frozenset(_scan(code))
        _kept.append(code)
    return offsets


def _line_starts(code: CodeType) -> Iterator[int]:
    before = None
    for start, _, line in code.co_lines():
        if line is not None and line != before:
            before = line
            yield start


def _scan(code: CodeType) -> set[int]:
    starts = set(_line_starts(code))
    offsets: set[int] = set()
    fresh = False
    extended: list[int] = []
    # What follows an instruction as its cache has number 0, and that is no instruction of ours.
    body = code.co_code
    for offset in range(0, len(body), 2):
        number, argument = body[offset], body[offset + 1]
        fresh = fresh or offset in starts
        if number == EXTENDED:
            extended.append(offset)
            continue
        name = opcode.opname[number]
        if name in SHARED and not (name in CALLED and argument & 1):
            if not fresh or name == "FOR_ITER":
                offsets.update(extended, {offset})
            fresh = False
        extended = []
    return offsets
