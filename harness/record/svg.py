"""The few elements of SVG that the diagrams are made of. Pure: numbers and texts in, a tree out.

An element has classes and no colours: the page that holds it gives them, for light and dark. What
carries meaning beside the colour (dashes, shapes, words) stands in the element itself.
"""

from __future__ import annotations

import unicodedata
from xml.etree import ElementTree

from harness.contract.sentences import visible

Element = ElementTree.Element

# The width of one character of the diagrams' type, in pixels: 12 pixels high, of equal width.
CHARACTER = 7.25


def element(parent: Element, tag: str, kind: str = "", **attributes: object) -> Element:
    """A new child of ``parent`` of the class ``kind``; ``_`` in an attribute's name means ``-``."""
    made = ElementTree.SubElement(parent, tag)
    if kind:
        made.set("class", kind)
    for name, value in attributes.items():
        made.set(name.replace("_", "-"), number(value) if isinstance(value, float) else str(value))
    return made


def text(parent: Element, x: float, y: float, said: str, kind: str = "", **more: object) -> Element:
    """``said`` at a place; nothing in it is markup."""
    made = element(parent, "text", kind, x=x, y=y, **more)
    made.text = one_line(said)
    return made


def tooltip(parent: Element, said: str) -> None:
    """What a mouse that rests there shows."""
    ElementTree.SubElement(parent, "title").text = one_line(said)


def picture(width: float, height: float, name: str, title: str, description: str) -> Element:
    """An empty picture with its text alternative; ``name`` is unique in the page."""
    made = ElementTree.Element("svg", {"role": "img", "class": "picture"})
    made.set("viewBox", f"0 0 {number(width)} {number(height)}")
    made.set("width", number(width))
    made.set("height", number(height))
    made.set("aria-labelledby", f"{name}-title {name}-desc")
    for tag, said in (("title", title), ("desc", description)):
        made.append(ElementTree.Element(tag, {"id": f"{name}-{tag}"}))
        made[-1].text = one_line(said)
    return made


def markup(root: Element) -> str:
    """The picture as text that may stand in an HTML page."""
    return ElementTree.tostring(root, encoding="unicode")


def number(value: float) -> str:
    """Without dust: 12.5, 12."""
    return f"{value:.1f}".removesuffix(".0")


def one_line(said: str) -> str:
    """``said`` with nothing in it that XML refuses, that breaks a line or turns its direction."""
    return visible(said.expandtabs(4)).replace("\n", " ")


def cut(said: str, width: float) -> str:
    """As much of ``said`` as fits into ``width`` pixels; an ellipsis stands for the rest."""
    room = max(int(width / CHARACTER), 1)
    taken, fits = 0, 0
    for at, each in enumerate(said):
        taken += columns(each)
        if taken > room:
            return said[:fits] + "…"
        fits = at + 1 if taken < room else fits
    return said


def columns(said: str) -> int:
    """How many columns ``said`` takes, where signs of East Asia and pictures take two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in said)
