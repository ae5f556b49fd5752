"""Words with labels, as columns and lists of tokens have them: what the labels of each scheme mean. No framework."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from utils.datasets.readers.entity_examples import SHOWN, Example, Span
from utils.datasets.readers.text_files import Problem

TAG = re.compile(r"O|[BIESLUMW]-\S.*")
BARE_TAG = re.compile(r"[A-Za-z]\w*(?:[/&.+-]\w+)*")
OUTSIDE = {"O", "o", "0", "_", "NONE", "None", "none", "out", "outside"}  # how the label outside all entities is called
OUTSIDE_TOO = {
    "other",
    "others",
    "out",
    "outside",
    "-",
    "--",
    "null",
    "nil",
    "na",
    "n/a",
    r"\n",
}  # beside B- and I- alone
OUTSIDE_TOO |= {"o-", "o-o", "o-none", "o-null"}  # as where a letter and a type are joined for every word
ENTITY = "ENTITY"  # the type of entities that have none
PHRASES = {"NP", "VP", "PP", "ADVP", "ADJP", "SBAR", "PRT", "CONJP", "INTJ", "LST", "UCP"}  # chunks, no entities
PHRASES |= {"NC", "VC", "PC", "ADVC", "ADJC"}  # as in German
LETTERS = {"B", "I", "O", "E", "S", "L", "U", "M", "W"}  # a scheme's letters where no type stands behind them
LOWER = re.compile(r"o|[bieslumw]-\S+")
SUFFIXED = re.compile(r"O|\S+-[BIESLUMW]")
SUFFIXED_TOO = re.compile(r"(\S+)[_./:|]([BIESLUMW])")  # PER_B, which may be a type of its own
TWO_LABELS = re.compile(r"[BIESLUMW]-[^|;,]+[|;,]\s*(?:O$|[BIESLUMW]-)|[BIESLUMW]-[^/+]+[/+]\s*[BIESLUMW]-")
UNDERSCORED = re.compile(r"[BIESLUMW]_\w+")
OTHER_SIGN = re.compile(r"(?i:([BIESLUMW]))([_.:/|\u2010-\u2015])(\S+)")  # B_PER, B:PER, a dash in place of the hyphen
BESIDE = re.compile(r"(?:BB|EE|WW)_O(?:_\w+)?")  # BMEWO+ says of words outside what stands next to them
PIECE = re.compile(r"##\w")  # how BERT's tokenizer writes what goes on with a word
PIECES = 0.02  # of the words of a file are at least that
SIGNED = re.compile(r"(?<!\S)[\u2581\u0120]|\S@@(?!\S)")  # as SentencePiece, GPT's and subword-nmt's cut words
BEGINNINGS = 0.1  # of the words of a file begin with one of those signs, at least: a Maltese word may


class Scheme(NamedTuple):
    """How a file writes its labels, where not as B-PER, I-PER and O.

    Attributes:
        form: "letters" (no types), "lower" (b-per), "suffix" (PER-B), "sign" (B_PER), or "".
        outside: what stands for O, beside O itself.
    """

    form: str = ""
    outside: tuple[str, ...] = ()

    def label(self, tag: str) -> str:
        """The label as others write it."""
        if tag == "O" or tag in self.outside:
            return "O"
        if self.form == "letters":
            return f"{tag}-{ENTITY}"
        if self.form == "lower":
            return "O" if tag == "o" else tag[0].upper() + tag[1:]
        if self.form == "suffix":
            return f"{tag[-1]}-{tag[:-2]}"
        if self.form == "sign" and (parts := OTHER_SIGN.fullmatch(tag)):
            return f"{parts[1].upper()}-{parts[3]}"
        return tag

    @property
    def said(self) -> str:
        """What was recognised; "" where there is nothing to say."""
        forms = {
            "letters": f"the labels have no types: all entities are {ENTITY}",
            "lower": "the labels are lower-case: b-per was taken for B-per, o for O",
            "suffix": "the labels end in B or I: PER-B was taken for B-PER",
            "sign": "the labels have another sign in place of the hyphen, as B_PER: each was taken for one of B-PER",
        }
        words = [repr(word) for word in self.outside if word != "o"]
        outside = f"{' and '.join(words)} {'were' if words[1:] else 'was'} taken for O" if words else ""
        return "; ".join(filter(None, (forms.get(self.form, ""), outside)))


def is_outside(tag: str | int) -> bool:
    """Whether a label may be what the words outside all entities have."""
    return tag == 0 or isinstance(tag, str) and (tag in OUTSIDE or tag.casefold() in OUTSIDE_TOO)


def outside_of(tags: set[str]) -> tuple[str, ...]:
    """The words that stand for O where all other labels are B-PER and the like; none where there are no others."""
    others = sorted(tag for tag in tags if not TAG.fullmatch(tag))
    alone = all(tag in OUTSIDE or tag.casefold() in OUTSIDE_TOO for tag in others)
    return tuple(others) if alone and any(tag != "O" for tag in tags if TAG.fullmatch(tag)) else ()


def scheme_of(tags: set[str]) -> Scheme:
    """The scheme that all the labels of a file show together."""
    if outside := outside_of(tags):
        return Scheme("", outside)
    named = tags - OUTSIDE
    outside = tuple(sorted(tags & OUTSIDE - {"O"})) if named else ()
    if named <= LETTERS and ("B" in named or len(named) == 1 and named <= {"S", "U", "W"}):  # S, M, L may be sizes
        return Scheme("letters", outside)
    if named and all(LOWER.fullmatch(tag) for tag in named) and any(tag[0] == "b" for tag in named):
        return Scheme("lower", outside)
    if named and all(SUFFIXED.fullmatch(tag) for tag in named) and any(tag[-1] in "BSUW" for tag in named):
        if not any(TAG.fullmatch(tag) for tag in named):
            return Scheme("suffix", outside)
    ends = [SUFFIXED_TOO.fullmatch(tag) for tag in named - {"-"}]
    if ends and all(ends) and not any(TAG.fullmatch(tag) for tag in named):
        begun, inner = _begun((end[2], end[1]) for end in ends)
        if begun & inner:
            return Scheme("suffix", (*outside, *(named & {"-"})))
    beside = {tag for tag in named if BESIDE.fullmatch(tag)}
    parts = [OTHER_SIGN.fullmatch(tag) for tag in named - beside]
    if parts and all(parts) and len({part[2] for part in parts}) == 1:
        begun, inner = _begun((part[1].upper(), part[3]) for part in parts)
        if inner and inner <= begun:
            return Scheme("sign", (*outside, *sorted(beside)))
    return Scheme("", outside)


def _begun(labels: Iterable[tuple[str, str]]) -> tuple[set[str], set[str]]:
    """Of labels as (letter, type) the types that begin, and those that go on: under I, or under M and E as of BMES.

    Types of their own, such as I_95 or vitamin_E, do not come in both.
    """
    types: dict[str, set[str]] = {letter: set() for letter in LETTERS}
    for letter, name in labels:
        types[letter].add(name)
    bmes = types["E"] | types["M"] if types["E"] and (types["M"] or types["S"] or types["W"]) else set()
    return types["B"], types["I"] or bmes


def chunks(tags: list[str]) -> list[tuple[str, int, int]]:
    """Entities of a sentence as (type, first, last + 1), whatever the scheme: BIO, IOB1, BIOES, BILOU, types alone.

    B, S, U and W begin an entity, so does anything of another type than the open one; E, L, S, U and W end it.
    """
    found, opened, first = [], None, 0
    for i, tag in enumerate([*tags, "O"]):
        prefix, label = ("I", tag) if tag != "O" and not TAG.fullmatch(tag) else (tag[0], tag[2:])
        if opened is not None and (prefix in "BSUWO" or label != opened):
            found.append((opened, first, i))
            opened = None
        if opened is None and prefix != "O":
            opened, first = label, i
        if prefix in "ELSUW" and opened is not None:
            found.append((opened, first, i + 1))
            opened = None
    return found


def are_pieces(words: list[str]) -> bool:
    """Whether words were cut into pieces, as ##ing, which is told from many of them: here and there it is a word."""
    found = sum(PIECE.match(word) is not None for word in words)
    return found > 0 and found >= PIECES * len(words) and not PIECE.match(words[0])


class LooseLabels:
    """Counts what is odd in a file's labels, which only the whole file can tell from its custom.

    Attributes:
        pieces: whether what begins with ## is a further piece of the word before it.
    """

    def __init__(self, file: str):
        self.file, self.bare, self.loose, self.begun, self.single = file, [], [], 0, ""
        self.pieces, self.cut, self.words, self.signed = False, [], 0, {}

    def joined(self, words: list) -> list:
        """Words with labels, as `labelled` takes them, the pieces of each put together under the label of the first."""
        whole: list = []
        for number, word, tag in words:
            if whole and PIECE.match(word):
                self.cut.append((number, word))
                whole[-1] = (whole[-1][0], whole[-1][1] + word[2:], whole[-1][2])
            else:
                whole.append((number, word, tag))
        return whole

    def count(self, words: list) -> None:
        """Counts words, and those that a tokenizer made."""
        self.words += len(words)
        for number, word, _ in words:
            if (not word.isascii() or "@" in word) and (sign := SIGNED.search(word)):
                first = self.signed.setdefault(sign[0][-1], (number, word, 0))
                self.signed[sign[0][-1]] = (*first[:2], first[2] + 1)

    def watch(self, words: list) -> None:
        """Looks at the labels of a sentence."""
        before = "O"
        for number, _, tag in words:
            if not TAG.fullmatch(tag):
                if not self.bare and not UNDERSCORED.fullmatch(tag):  # of that the validator speaks
                    self.bare.append((number, tag))
            elif tag[0] in "IELM" and (before == "O" or before[2:] != tag[2:] or before[0] in "ELSUW"):
                self.loose.append((number, tag))
            elif tag[0] == "B" and (before == "O" or before[2:] != tag[2:]):
                self.begun += 1  # a B- that IOB1 would have written I-
            elif tag[0] in "SU":
                self.single = tag[0]  # a scheme in which E, L and M begin nothing
            before = tag

    def problems(self) -> Iterator[Problem]:
        """What there is to say at the end of the file."""
        if self.cut:
            number, word = self.cut[0]
            found = f"{len(self.cut)} words are further pieces of words, the first here, {word[:SHOWN]!r}"
            advice = "Each was joined to the word before it, whose label counts"
            yield Problem("columns told", self.file, number, found, advice, kept=True)
        for sign, (number, word, count) in self.signed.items():
            if count >= (PIECES if sign == "@" else BEGINNINGS) * self.words:
                found = f"{count} words are pieces of a tokenizer, the first here, {word[:SHOWN]!r}"
                advice = "They were taken for whole words: join them, or a model learns words that no text has"
                yield Problem("columns told", self.file, number, found, advice, kept=True)
        if self.bare:
            number, tag = self.bare[0]
            advice = (
                f"Write B-{tag} where an entity begins and I-{tag} inside, or neighbours of one type are taken for one"
            )
            yield Problem("label without B- or I-", self.file, number, f"{tag!r} has no B- or I-", advice, kept=True)
        if self.loose and (self.begun or self.single):
            number, tag = self.loose[0]
            more = f"; so do {len(self.loose) - 1} more" if len(self.loose) > 1 else ""
            other = "B" if self.begun else self.single
            found = f"{tag!r} begins an entity, though elsewhere in the file {other}- does{more}"
            yield Problem("I- without B-", self.file, number, found, f"Write B-{tag[2:]}; it was taken so", kept=True)


def labelled(file: str, line: int, words: list, problems: list, loose: LooseLabels) -> Iterator[Example | Problem]:
    """The example that words with labels make, after what is wrong with it.

    Args:
        file: the file's path, for the messages.
        line: where the example begins.
        words: [(line, word, label), …]; labels of any scheme that `chunks` knows.
        problems: what is known to be wrong already; more may be added, and where there is any, no example is given.
        loose: told of the labels of an example that is given.
    """
    words = loose.joined(words) if loose.pieces else words
    for number, word, tag in words:
        if TWO_LABELS.match(tag):
            found, advice = f"{tag!r} are two labels of {word[:SHOWN]!r}", "Keep one, the outer as a rule"
            problems.append(Problem("bad label", file, number, found, advice))
        elif not TAG.fullmatch(tag) and not BARE_TAG.fullmatch(tag):
            found = f"{tag!r} is no label of {word[:SHOWN]!r}"
            problems.append(Problem("bad label", file, number, found, "Write O, or B- or I- and a type: B-PER"))
    yield from problems
    if problems or not words:
        return
    offsets, place = [], 0
    for _, word, _ in words:
        offsets.append((place, place + len(word)))
        place += len(word) + 1
    loose.watch(words)
    loose.count(words)
    spans = [Span(offsets[a][0], offsets[b - 1][1], label) for label, a, b in chunks([tag for _, _, tag in words])]
    yield Example(" ".join(word for _, word, _ in words), tuple(spans), tuple(offsets), line)
