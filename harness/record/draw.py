"""What is drawn from the seed: names, texts, sizes, order. Nothing can be hard-coded against it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import partial

from harness.contract.protocol import MAX_NICKNAME

# Given names as people in a class bear them: easy to tell apart when a story is read back.
GIVEN_NAMES = (
    "agus ahmad ani ayu bagus bayu budi cahya candra citra dewi dian dimas dwi eka fajar farah "
    "fitri galih gita hadi hana hendra indah intan irfan joko kartika kemal laras lestari lina "
    "made maya mega nanda nia novi nyoman putri putu rani ratna rian rina rizki sari satria "
    "sekar siti surya tari tono tri utami vina wahyu wati wayan widi wulan yanti yoga yuda zahra"
).split()
_WORDS = (
    "angin awan bambu batik bulan bunga buku daun durian embun garam gajah gunung hujan ikan "
    "jahe jambu kabut kapal kebun kelapa kerbau kopi kunci laut layang lampu madu mangga merak "
    "nanas nasi ombak padi pantai pasar payung perahu pisang pohon rambut rumah sawah senja "
    "sungai taman tebing teluk terang ubi udara wajan warna"
).split()
_WIDE = "éüñøßÅąžλжשعहไ你好世界日本안녕😀🎉🚀🌴👍"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# Letters of one script each, none of them a combining mark.
_SCRIPTS = (
    "éÜñøßÅąž",
    "λΩψδΣ",
    "ЖдЯщю",
    "你好世界日本",
    "안녕하세요",
    "あいうカキ",
    "שלום",
    "مرحبا",
    "😀🎉🚀🌴",
)
# Signs that a nickname or a message may begin with.
_SIGNS = "/-@#_.~!?'\"$&+="
# Format characters (Unicode Cf): words and emoji are written with them; no control characters.
_UNSEEN = "\u200c\u200d\u00ad"
# What `str.splitlines` takes for the end of a line, and the protocol does not (SPEC section 1).
SEPARATORS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


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
        self._folded: set[str] = set()
        self._styles: list[Callable[[], str]] = []

    def name(self, role: str) -> str:
        """The nickname that stands for ``role``: a given name and three digits, in four styles.

        No style comes again before all others have come. Names at the limits, with signs or
        beyond ASCII are for the checks that are about names (`valid_nicknames`): a program that
        refuses one of them must not lose every story.
        """
        if role not in self._names:
            if not self._styles:
                self._styles = [self._small, self._capital, self._upper, self._mixed]
                self.random.shuffle(self._styles)
            self._names[role] = self._fresh(self._styles.pop())
        return self._names[role]

    def _small(self) -> str:
        return f"{self.random.choice(GIVEN_NAMES)}{self._digits()}"

    def _capital(self) -> str:
        return self._small().capitalize()

    def _upper(self) -> str:
        return self._small().upper()

    def _mixed(self) -> str:
        """A small letter first, a capital one behind it."""
        some = self._small()
        return some[0] + some[1].upper() + some[2:]

    def telling_name(self) -> str:
        """A nickname that shows any change of it: as long as it may be, in both cases, not as a
        word has them, with digits, and a sign inside and at the end."""
        head = f"{self.random.choice(GIVEN_NAMES)}_{self.random.choice(_LETTERS).upper()}"
        tail = f"{self.random.choice(_LETTERS)}{self._digits()}."
        rest = MAX_NICKNAME - len(head) - len(tail)
        return self._fresh(lambda: head + "".join(self.random.choices(_LETTERS, k=rest)) + tail)

    def _digits(self) -> int:
        return self.random.randrange(100, 1000)

    def text(self, role: str) -> str:
        """The message that stands for ``role``: two or three words and a number."""
        if role not in self._texts:
            self._texts[role] = self._fresh(self._sentence)
        return self._texts[role]

    def reason(self, role: str) -> str:
        """Why a name is refused, for ``role``: its first letter is one that ``ERR`` has, too, and
        goes along with that where letters are stripped instead of the word."""
        if role not in self._texts:
            self._texts[role] = self._fresh(self._refusal)
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

    def disguised_texts(self, speaker: str, other: str) -> list[str]:
        """Messages that look like a line of ``other``, or like one of ``speaker`` that has its name
        already, a word of the protocol, a notice, a command."""
        sentence = partial(self._fresh, self._sentence)
        texts = [
            f"{other}: {sentence()}",
            f"{speaker}: {sentence()}",
            "NICK",
            f"NICK {sentence()}",
            "OK",
            f"ERR {sentence()}",
            f"* {sentence()}",
            f"{sentence()}: a: b",
            f": {sentence()}",
            *("exit", "quit", "/quit", "EXIT"),
            f"/{sentence()}",
            f"{self.random.choice(_SIGNS[1:])}{sentence()}",
            f"'{sentence()}'",
            f'"{sentence()}"',
            f"{self.random.randrange(10, 10_000)}",
            self.random.choice(_LETTERS),
        ]
        self.random.shuffle(texts)
        return texts

    def typed_texts(self, speaker: str, other: str) -> list[str]:
        """Messages that look like something else, without words by which a client may be left."""
        texts = self.disguised_texts(speaker, other)
        return [text for text in texts if text.lower().strip("/") not in ("exit", "quit")]

    def separated_texts(self, is_ascii: bool) -> list[str]:
        """Messages with a character inside that ends a line elsewhere, but not in this protocol.

        ``is_ascii``: which of `SEPARATORS`, as a program may know no other letters. A lone ``\\r``
        is among the others: only who cuts bytes with `splitlines`, or reads with universal
        newlines, takes it for an end, and loses no more for it than for one of those.
        """
        some = [each for each in SEPARATORS if each.isascii() is is_ascii]
        some += [] if is_ascii else ["\r"]
        return [
            f"{self._fresh(self._sentence)}{separator}{self._fresh(self._sentence)}"
            for separator in self.random.sample(some, len(some))
        ]

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
        """Valid names of every kind: the shortest and the longest, both cases, signs, scripts.

        Two of them differ in nothing but the case of a letter, which anybody sees: ani123, Ani123.
        They are nine: one more who joins makes ten, and a program need not have room for more to
        be asked about names.
        """
        fresh, choices = self._fresh, self.random.choices
        both_cases = _LETTERS + _LETTERS.upper()
        script, other_script = self.random.sample(_SCRIPTS, 2)
        ordinary = fresh(self._small)
        return [
            # An ordinary one first: what goes wrong with it is not about the name.
            ordinary,
            fresh(lambda: self.random.choice(both_cases)),
            fresh(lambda: str(self.random.randrange(10, 100))),
            # With a capital letter in front, before the twin has one there: who takes none at all
            # refuses this one.
            fresh(self._longest),
            ordinary.capitalize(),
            fresh(lambda: f"{self.random.choice(_SIGNS)}{self.random.choice(GIVEN_NAMES)}*"),
            fresh(lambda: f"{self.random.choice(script)}{self.random.choice(GIVEN_NAMES)}_1"),
            # Long in bytes, not in characters.
            fresh(lambda: "".join(choices(other_script, k=MAX_NICKNAME))),
            # With combining marks, far from the limits of length, and a character that nobody sees.
            fresh(lambda: f"नमस्{self.random.choice(_UNSEEN)}ते{self._digits()}"),
        ]

    def _longest(self) -> str:
        """As long as may be, in both cases, a capital letter in front."""
        both_cases = self.random.choices(_LETTERS + _LETTERS.upper(), k=MAX_NICKNAME - 2)
        ends = self.random.choice(_LETTERS.upper()), self.random.choice(_LETTERS)
        return "".join([ends[0], *both_cases, ends[1]])

    def invalid_nicknames(self) -> list[str]:
        """One or two names of each kind that SPEC section 1 refuses."""
        name, other = (self.random.choice(GIVEN_NAMES) for _ in range(2))
        kinds = [
            "",
            "   ",
            "".join(self.random.choices(_LETTERS, k=MAX_NICKNAME + 1)),
            "".join(self.random.choices(_LETTERS, k=self.random.randrange(30, 200))),
            f"{name} {other}",
            f"{name}\t{other}",
            f"{name}\u2003{other}",
            f"{name}{self.random.choice(chr(7) + chr(27) + chr(1))}x",
            f"{name}\x7fx",
            f"{name}{chr(self.random.randrange(0x86, 0xA0))}x",
            f"{name}:{other}",
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

    def _refusal(self) -> str:
        name = self.random.choice([name for name in GIVEN_NAMES if name[0] in "er"])
        return f"{name.capitalize()} sudah dipakai {self.random.randrange(1000, 10000)}"

    def _fresh(self, make: Callable[[], str]) -> str:
        """What ``make`` draws, drawn again while it is equal to or part of an earlier one.

        In another case it counts as equal: whether names in two cases are two names is for the
        check that asks just that.
        """
        while True:
            made: str = make()
            plain = made.casefold()
            if len(made) < 3:
                if made not in self._spent:
                    break
            elif not any(len(s) >= 3 and (plain in s or s in plain) for s in self._folded):
                break
        self._spent.add(made)
        self._folded.add(plain)
        return made
