"""What is drawn from the seed: names, texts, sizes, order. Nothing can be hard-coded against it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

# Given names as people in a class bear them: easy to tell apart when a story is read back.
_NAMES = (
    "agus ahmad ani ayu bagus bayu budi cahya candra citra dewi dian dimas dwi eka fajar farah "
    "fitri galih gita hadi hana hendra indah intan irfan joko kartika kemal laras lestari lina "
    "made maya mega nanda nia novi nyoman oki putri putu rani ratna rian rina rizki sari satria "
    "sekar siti surya tari tono tri utami vina wahyu wati wayan widi wulan yanti yoga yuda zahra"
).split()
_WORDS = (
    "angin awan bambu batik bulan bunga buku daun durian embun garam gajah gunung hujan ikan "
    "jahe jambu kabut kapal kebun kelapa kerbau kopi kunci laut layang lampu madu mangga merak "
    "nanas nasi ombak padi pantai pasar payung perahu pisang pohon rambut rumah sawah senja "
    "sungai taman tebing teluk terang ubi udara wajan warna"
).split()
_WIDE = "éüñøßÅąžλжשعहไ你好世界日本안녕😀🎉🚀🌴👍"


class Draw:
    """Random choices of one story: the same ``seed`` and ``purpose`` give the same ones.

    Roles (``"ani"``, ``"halo"``) are what the story calls things; what goes over the wire is
    drawn once per role and no two are equal or part of each other.
    """

    def __init__(self, seed: int, purpose: str) -> None:
        self.seed = seed
        self.random = random.Random(f"{seed}/{purpose}")
        self._names: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._spent: set[str] = set()

    def name(self, role: str) -> str:
        """The nickname that stands for ``role``: a given name and three digits."""
        if role not in self._names:
            self._names[role] = self._fresh(
                lambda: f"{self.random.choice(_NAMES)}{self.random.randrange(100, 1000)}"
            )
        return self._names[role]

    def text(self, role: str) -> str:
        """The message that stands for ``role``: two or three words and a number."""
        if role not in self._texts:
            self._texts[role] = self._fresh(self._sentence)
        return self._texts[role]

    def texts(self, count: int) -> list[str]:
        """``count`` different messages."""
        return [self._fresh(self._sentence) for _ in range(count)]

    def wide_text(self) -> str:
        """A message with two-, three- and four-byte characters, none at either end missing."""
        some = self.random.sample(_WIDE, 6)
        return f"{some[0]}{self._fresh(self._sentence)} {''.join(some[1:5])} é你😀{some[5]}"

    def long_text(self, size: int) -> str:
        """A message of just ``size`` bytes that shows where it was cut: its words are numbered."""
        words: list[str] = []
        length = 0
        while length < size:
            word = f"{self.random.choice(_WORDS)}-{len(words)} "
            words.append(word)
            length += len(word)
        return "".join(words)[: size - 3] + "ZZZ"

    def disguised_texts(self, other: str) -> list[str]:
        """Messages that look like another's line, a word of the protocol, a notice."""
        texts = [
            f"{other}: {self._fresh(self._sentence)}",
            "NICK",
            "OK",
            f"ERR {self._fresh(self._sentence)}",
            f"* {self._fresh(self._sentence)}",
            f"{self._fresh(self._sentence)}: a: b",
            *("exit", "quit", "/quit", "EXIT"),
        ]
        self.random.shuffle(texts)
        return texts

    def typed_texts(self, other: str) -> list[str]:
        """Messages that look like something else, without words by which a client may be left."""
        texts = self.disguised_texts(other)
        return [text for text in texts if text.lower().strip("/") not in ("exit", "quit")]

    def cuts_inside_characters(self, text: str) -> list[int]:
        """For three of the characters of ``text`` that take several bytes: a cut inside each."""
        ends, size = [], 0
        for character in text:
            width = len(character.encode())
            if width > 1:
                ends.append(size + self.random.randrange(1, width))
            size += width
        return sorted(self.random.sample(ends, 3))

    def valid_nicknames(self) -> list[str]:
        """Valid names at the edges: 1 and 20 characters, letters beyond ASCII, marks inside."""
        letters = "abcdefghijklmnopqrstuvwxyz"
        return [
            self._fresh(lambda: self.random.choice(letters)),
            self._fresh(lambda: "".join(self.random.choices(letters, k=20))),
            self._fresh(lambda: f"{self.random.choice('ÉéÜñ')}{self.random.choice(_NAMES)}_1*"),
            # Long in bytes, not in characters.
            self._fresh(lambda: "".join(self.random.choices("ÉéÜñø", k=20))),
        ]

    def invalid_nicknames(self) -> list[str]:
        """One or two names of each kind that SPEC section 1 refuses."""
        letters = "abcdefghijklmnopqrstuvwxyz"
        name = self.random.choice(_NAMES)
        kinds = [
            "",
            "   ",
            "".join(self.random.choices(letters, k=21)),
            "".join(self.random.choices(letters, k=self.random.randrange(30, 200))),
            f"{name} {self.random.choice(_NAMES)}",
            f"{name}\t{self.random.choice(_NAMES)}",
            f"{name}\u2003{self.random.choice(_NAMES)}",
            f"{name}{self.random.choice(chr(7) + chr(27) + chr(1))}x",
            f"{name}:{self.random.choice(_NAMES)}",
            f"*{name}",
        ]
        self.random.shuffle(kinds)
        return kinds

    def pick(self, some: Sequence[str]) -> str:
        """One of ``some``."""
        return self.random.choice(some)

    def _sentence(self) -> str:
        words = self.random.sample(_WORDS, self.random.randrange(2, 4))
        return f"{' '.join(words)} {self.random.randrange(1000, 10000)}"

    def _fresh(self, make: Callable[[], str]) -> str:
        """What ``make`` draws, drawn again while it is equal to or part of an earlier one."""
        while True:
            made: str = make()
            if len(made) < 3:
                if made not in self._spent:
                    break
            elif not any(len(s) >= 3 and (made in s or s in made) for s in self._spent):
                break
        self._spent.add(made)
        return made
