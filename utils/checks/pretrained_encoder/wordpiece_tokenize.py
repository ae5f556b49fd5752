"""The exercise wordpiece_tokenize: what must hold, and what each mistake looks like."""

import copy
import re
import string

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.guard import Crash
from utils.checks.pretrained_encoder.shared import NOTEBOOK
from utils.pretrained.checkpoint import wordpiece_tokenize

VOCAB = (
    "un",
    "unt",
    "##aff",
    "##able",
    "##table",
    "able",
    "a",
    "##a",
    "aff",
    "##ble",
    "the",
    "them",
    "##m",
    "##s",
    "##e",
)
VOCAB += ("date", "dat", "##ex", "##ext")
LONG = "antidisestablishmentarianism"
OTHER = {"ba", "##na", "##n", "##e"}  # the vocabulary is an argument: a set, a dictionary, another one each time


def _as_text(pieces):
    """A list of pieces as Python writes it, which no other list looks like; whatever else came back in words."""
    if isinstance(pieces, list) and all(isinstance(piece, str) for piece in pieces):
        return repr([str(piece) for piece in pieces])
    if pieces is None:
        return None
    kind = "text" if isinstance(pieces, str) else type(pieces).__name__
    said = f"of {type(pieces[0]).__name__} " if isinstance(pieces, list) else ""
    return Crash(f"no list: {kind}", f"a list of pieces is asked for, a {kind} {said}came back")


def _run_pieces(answer, *args, **kwargs):
    return _as_text(answer(*args, **kwargs))


def _run_twice(answer, *args, **kwargs):
    """The pieces, asked for twice; in words where the first time leaves something behind."""
    again = copy.deepcopy((args, kwargs))
    first = _run_pieces(answer, *args, **kwargs)
    if first == _run_pieces(answer, *again[0], **again[1]):
        return first
    line = "the same word again gives something else: a list as a default, pieces=[], is made only once; make it inside"
    return Crash("remembers", line)


def _greedy(word, vocab, unknown, first="", later="##", asked="##", shortest=False, lost="all", shown=None, least=1,
            last=0, gap=0, most=1000):  # fmt: skip
    """The greedy cut with one of its parts done in another way."""
    pieces, start = [], 0
    while start < len(word):
        ends = (
            range(start + 1, len(word) + 1)
            if shortest
            else range(min(len(word) - last, start + most), start + least - 1, -1)
        )
        mark = asked if start else first
        end = next((e for e in ends if mark + word[start:e] in vocab), None)
        if end is None:
            if lost == "all" or lost == "found" and not pieces:
                return [unknown]
            if lost.startswith("found"):
                return pieces
            pieces.append(unknown)
            if lost == "rest":
                return pieces
            end = start + 1
        else:
            pieces.append(((later if shown is None else shown) if start else first) + word[start:end])
        start = end + gap
    return pieces


def _whole_words_only(word, vocab, unknown="[UNK]"):
    return [word] if word in vocab else [unknown]


def _from_the_right(word, vocab, unknown="[UNK]"):
    pieces, end = [], len(word)
    while end > 0:
        start = next((s for s in range(end) if ("##" if s else "") + word[s:end] in vocab), None)
        if start is None:
            return [unknown]
        pieces.insert(0, ("##" if start else "") + word[start:end])
        end = start
    return pieces


def _takes_back(word, vocab, unknown="[UNK]"):
    def cuts(start):
        if start == len(word):
            return []
        for end in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:end]
            rest = cuts(end) if piece in vocab else None
            if rest is not None:
                return [piece, *rest]
        return None

    found = cuts(0)
    return [unknown] if found is None else found


class _Beginnings:
    """A vocabulary in which a piece's beginning is found too; with "within", whatever stands in one."""

    def __init__(self, vocab, within=False):
        self.vocab, self.within = vocab, within

    def __contains__(self, text):
        return any(text in piece if self.within else piece.startswith(text) for piece in self.vocab)


def _by_patterns(of_the_word):
    """The cut by pieces as regular expressions: the word's own letters come back, or the piece that fitted."""

    def cut(word, vocab, unknown="[UNK]"):
        pieces, start = [], 0
        while start < len(word):
            mark, later = "##" if start else "", start > 0
            fits = [
                (end, piece)
                for piece in vocab
                for end in range(start + 1, len(word) + 1)
                if piece.startswith("##") == later and re.fullmatch(piece, mark + word[start:end])
            ]
            if not fits:
                return [unknown]
            end, piece = max(fits)
            pieces.append(mark + word[start:end] if of_the_word else piece)
            start = end
        return pieces

    return cut


def _instead_of(unknown, other, word, vocab, known=list):
    """The pieces, or something made of them, or something else for a word that is unknown."""
    pieces = wordpiece_tokenize(word, vocab, unknown)
    return other if pieces == [unknown] else known(pieces)


def _in_other_letters(rng, word, **kwargs):
    """The word and the vocabulary in a cipher of its own: who knows its pieces by heart does not know these."""
    letters = string.ascii_lowercase
    cipher = str.maketrans(letters, "".join(rng.permutation(list(letters))))
    return case(word.translate(cipher), tuple(piece.translate(cipher) for piece in VOCAB), **kwargs)


def _words(*words, **kwargs):
    """These words, and the last once more in other letters."""
    return lambda rng: [
        *(case(word, VOCAB, **kwargs) for word in words),
        _in_other_letters(rng, words[-1], **kwargs),
    ]


register(
    Exercise(
        name="wordpiece_tokenize",
        notebook=NOTEBOOK,
        reference=wordpiece_tokenize,
        properties=(
            Property("a word that is a piece stays whole", 1, _words("date", "them", "un"), _run_twice),
            Property(
                "else it is cut, the longest piece first; ## marks what continues",
                2,
                _words("dates", "thems", "unaffable", "untable", "affable", "unableaff"),
                _run_pieces,
            ),
            Property(
                "the whole word is unknown where one part is",
                1,
                _words("datex", "unx", "xdate", "ble", "unxaff", "datextable", "date"),
                _run_pieces,
            ),
            Property(
                "unknown is called as asked, and an empty word has no pieces",
                1,
                lambda rng: [
                    case("datex", VOCAB, unknown="?"),
                    case("dates", VOCAB, unknown="?"),
                    case("", VOCAB),
                    _in_other_letters(rng, "dates", unknown="?"),
                ],
                _run_pieces,
            ),
            Property(
                "a piece may come twice, a word may be long, and any vocabulary will do",
                1,
                lambda rng: [
                    case("aaa", VOCAB),
                    case("banana", OTHER),
                    case("banana", dict.fromkeys(sorted(OTHER), 0), unknown="<unk>"),
                    case("Banana", OTHER | {"Ba"}),
                    case("bananeb", OTHER, unknown="<unk>"),
                    case("a" * 60 + "ff", VOCAB),
                    case("a" * 240, VOCAB),
                    case("café", {"cafe", "caf", "##é"}),
                    case("café", {"cafe"}),
                    case("unable", {"un", "able", "##a", "##ble"}),
                    case("unable", {"un", "able"}),
                    case("unx", {"", "un"}),
                    case("dates", {"date", "#s", "##s"}),
                    case("internationallys", {"inter", "internationally", "##nationally", "##s"}),
                    case(LONG, {LONG, "##s", "anti"}),
                    case(LONG + "s", {LONG, "##s", "anti"}),
                    case("da", {"date", "##s"}),
                    case("dater", {"date", "##rs"}),
                    case("at", {"date", "##s"}),
                    case("don't", {"don", "##'", "##t"}),
                    case("b2b", {"b", "##2", "##b"}),
                    case("axc", {"a.c"}),
                    case("a.c", {"a.c"}),
                    _in_other_letters(rng, "aaaffable"),
                ],
                _run_pieces,
            ),
        ),
        mistakes=(
            Mistake(
                "a long word is given up: here a word may have any length",
                lambda word, vocab, unknown="[UNK]": [unknown] if len(word) > 100 else _greedy(word, vocab, unknown),
            ),
            Mistake(
                "accents are taken off first: the word is looked up as it is",
                lambda word, vocab, unknown="[UNK]": _greedy(word.replace("é", "e"), vocab, unknown),
            ),
            Mistake(
                "no piece is found behind the first one: words are not cut, or what continues is not looked up with ##",
                _whole_words_only,
            ),
            Mistake(
                "pieces inside a word are looked up without ##: a piece that continues is another piece",
                lambda word, vocab, unknown="[UNK]": _greedy(word, vocab, unknown, later="", asked=""),
            ),
            Mistake(
                "pieces inside a word are looked up without ##, which is added afterwards",
                lambda word, vocab, unknown="[UNK]": _greedy(word, vocab, unknown, asked=""),
            ),
            Mistake(
                "inside a word a piece counts without ## too: only one with ## continues a word",
                lambda word, vocab, unknown="[UNK]": _greedy(word, {*vocab, *("##" + p for p in vocab)}, unknown),
            ),
            Mistake(
                "the ## is lost: the piece that comes back is the one that stands in the vocabulary",
                lambda word, vocab, unknown="[UNK]": _greedy(word, vocab, unknown, shown=""),
            ),
            Mistake(
                "the first piece of a word has no ##",
                lambda word, vocab, unknown="[UNK]": _greedy(word, vocab, unknown, first="##"),
            ),
            Mistake(
                "the shortest piece is taken: try the longest first",
                lambda word, vocab, unknown="[UNK]": _greedy(word, vocab, unknown, shortest=True),
            ),
            Mistake(
                "only the rest becomes unknown; the whole word is, and what was found before is dropped",
                lambda word, vocab, unknown="[UNK]": _greedy(word, vocab, unknown, lost="rest"),
            ),
            Mistake(
                "a letter that fits no piece is skipped; the whole word is unknown",
                lambda word, vocab, unknown="[UNK]": _greedy(word, vocab, unknown, lost="letter"),
            ),
            Mistake(
                "a piece that continues is looked up with # in front: the mark is ##",
                lambda word, vocab, unknown="[UNK]": _greedy(word, vocab, unknown, later="#", asked="#"),
            ),
            Mistake(
                "a letter between two pieces is skipped: the next one begins at `end`",
                lambda word, vocab, unknown="[UNK]": _greedy(word, vocab, unknown, gap=1),
            ),
            Mistake(
                "the pieces are sorted: they come in the order of the word",
                lambda word, vocab, unknown="[UNK]": sorted(wordpiece_tokenize(word, vocab, unknown)),
            ),
            Mistake(
                "an unknown word comes back as it is: it becomes [unknown]",
                lambda word, vocab, unknown="[UNK]": _instead_of(unknown, [word], word, vocab),
            ),
            Mistake(
                "an empty word has no pieces: the list is empty, and holds no empty text",
                lambda word, vocab, unknown="[UNK]": wordpiece_tokenize(word, vocab, unknown) or [""],
            ),
            Mistake("this cuts from the right; the longest piece at the start comes first", _from_the_right),
            Mistake(
                "this takes a piece back where the rest fits none; greedy never does, and the word is unknown",
                _takes_back,
            ),
            Mistake(
                "`unknown` is ignored: it may be called otherwise",
                lambda word, vocab, unknown="[UNK]": wordpiece_tokenize(word, vocab),
            ),
            Mistake(
                "an empty word is not unknown: it has no pieces",
                lambda word, vocab, unknown="[UNK]": wordpiece_tokenize(word, vocab, unknown) if word else [unknown],
            ),
            Mistake(
                "a piece that was there before is left out: *banana* has ##na twice",
                lambda word, vocab, unknown="[UNK]": list(dict.fromkeys(wordpiece_tokenize(word, vocab, unknown))),
            ),
            Mistake(
                "single letters are never tried: the shortest piece has one, word[start:start + 1]",
                lambda word, vocab, unknown="[UNK]": _greedy(word, vocab, unknown, least=2),
            ),
            Mistake(
                "the whole rest is never tried: begin with end = len(word), that is word[start:]",
                lambda word, vocab, unknown="[UNK]": _greedy(word, vocab, unknown, last=1),
            ),
            Mistake(
                "an unknown word gives no pieces: it has one, [unknown]",
                lambda word, vocab, unknown="[UNK]": _instead_of(unknown, [], word, vocab),
            ),
            Mistake(
                "an unknown word gives None: it has one piece, [unknown]",
                lambda word, vocab, unknown="[UNK]": _instead_of(unknown, None, word, vocab),
            ),
            Mistake(
                "the pieces come from back to front",
                lambda word, vocab, unknown="[UNK]": wordpiece_tokenize(word, vocab, unknown)[::-1],
            ),
            Mistake(
                "the word is lower-cased: it comes as the vocabulary wants it, which may have capitals",
                lambda word, vocab, unknown="[UNK]": wordpiece_tokenize(word.lower(), vocab, unknown),
            ),
            *(
                Mistake(
                    "long words are given up: only the vocabulary makes a word unknown",
                    lambda word, vocab, unknown="[UNK]", most=most: (
                        [unknown] if len(word) > most else wordpiece_tokenize(word, vocab, unknown)
                    ),
                )
                for most in (20, 40)
            ),
            *(
                Mistake(
                    "long pieces are never tried: the longest may be as long as the word, word[start:]",
                    lambda word, vocab, unknown="[UNK]", most=most: _greedy(word, vocab, unknown, most=most),
                )
                for most in (9, 12, 20)
            ),
            *(
                Mistake(
                    "a piece's beginning counts as a piece: ask whether the whole of it is in the vocabulary",
                    lambda word, vocab, unknown="[UNK]", within=within: _greedy(
                        word, _Beginnings(vocab, within), unknown
                    ),
                )
                for within in (False, True)
            ),
            *(
                Mistake(
                    "a word with other signs than letters is given up: the vocabulary alone says what is known",
                    lambda word, vocab, unknown="[UNK]", fits=fits: (
                        wordpiece_tokenize(word, vocab, unknown) if fits(word) or not word else [unknown]
                    ),
                )
                for fits in (str.isalpha, str.isalnum)
            ),
            *(
                Mistake(
                    "a piece is taken for a regular expression: its dots fit any letter; ask `in vocab`, or re.escape",
                    _by_patterns(of_the_word),
                )
                for of_the_word in (True, False)
            ),
            *(
                Mistake(
                    "what was found before the unknown part comes back: the whole word becomes [unknown]",
                    lambda word, vocab, unknown="[UNK]", lost=lost: _greedy(word, vocab, unknown, lost=lost),
                )
                for lost in ("found, or nothing", "found")
            ),
            Mistake(
                "list(unknown) holds its letters: a list with one piece is [unknown]",
                lambda word, vocab, unknown="[UNK]": _instead_of(unknown, list(unknown), word, vocab),
            ),
            Mistake(
                "each piece is added letter by letter: += goes through a text; use append",
                lambda word, vocab, unknown="[UNK]": _instead_of(
                    unknown, [unknown], word, vocab, lambda pieces: list("".join(pieces))
                ),
            ),
        ),
        hints=(
            "Two loops: the outer one goes on while some of the word is left, the inner one looks for the longest "
            "piece that stands at that place.",
            "Keep `start`. For end = len(word), len(word) - 1, …, start + 1 ask whether word[start:end] is in the "
            'vocabulary, with "##" in front where start is not 0.',
            "Found: add the piece, as it stands in the vocabulary, and move start to end. Nothing found, not even one "
            "letter: return [unknown] at once. A loop's `else` runs where no `break` did.",
        ),
    )
)
