"""How much room each part of the last screen has, from the widest layout to the narrowest."""

from __future__ import annotations

from dataclasses import dataclass

# Rows that one value may take at the most, the first hint, and a marked event.
MOST_VALUE, MOST_HINT, MOST_MARKED = 4, 3, 3
# The fewest of a story that still say something; of one that tells how threads met.
FEWEST_STORY, FEWEST_MEETING = 3, 5
# As many as show what led to the marked step, in most stories.
ENOUGH_STORY = 5


@dataclass(frozen=True, slots=True)
class Space:
    """Rows for each value at the most, and for the story at the least.

    ``expected``: of what was expected, where that is less. ``is_folded``: of commands that are
    longer than a row one is whole, and of the others a short form, or what to change in that one.
    """

    value: int
    story: int
    is_folded: bool = True
    expected: int = MOST_VALUE


# What is tried, until all fits. What was expected and seen is whole before the story has room.
SPACES = (
    Space(MOST_VALUE, ENOUGH_STORY, is_folded=False),
    Space(MOST_VALUE, FEWEST_STORY),
    Space(MOST_VALUE, 2),
    Space(MOST_VALUE, 1),
    Space(3, 1),
    Space(2, 1),
    Space(2, 1, expected=1),
    Space(1, 1),
    Space(1, 0),
)
# What was expected and seen is whole, and says it all.
NO_STORY = Space(MOST_VALUE, 0)
# Where threads met: that takes a long sentence, and its story is where it can be seen.
MEETINGS = (
    Space(7, FEWEST_STORY, is_folded=False),
    Space(7, FEWEST_STORY),
    Space(5, FEWEST_STORY),
    Space(4, FEWEST_STORY),
    # The sentence names the lines that the story would show.
    Space(4, FEWEST_MEETING - 1),
    Space(3, FEWEST_STORY),
    Space(2, FEWEST_STORY),
    Space(1, FEWEST_STORY),
    Space(1, 1),
    Space(1, 0),
)
