"""What a row of names, or the keys of an object, say of the sides of parallel text; TSV, CSV and JSON ask the same."""

import re
from collections.abc import Sequence

from utils.datasets.readers.language_names import DOUBTFUL, WORDS, language_of

SIDES = (
    ("source", "target"), ("src", "tgt"), ("src", "trg"), ("src", "ref"), ("source", "reference"), ("source", "ref"),
    ("src", "pe"), ("src", "mt"), ("sentence1", "sentence2"),
)  # fmt: skip
SOURCE, TARGET = {"source", "src"}, {"target", "tgt", "trg"}
ROLES = {name for pair in SIDES for name in pair} | {"text", "translation", "sentence", "original", "hyp"} | {
    "原文", "译文", "訳文", "翻訳", "翻译", "원문", "번역", "번역문", "texte", "traduction", "übersetzung",
    "traducción", "оригинал", "перевод", "traduzione", "tradução",
}  # fmt: skip
ABOUT = {"words", "word", "sentences", "sentence", "text", "texts", "phrase", "phrases", "lang", "language", "side"}
NO_SIDES = {
    "id", "label", "class", "category", "url", "title", "role", "name", "lang", "language", "date", "tag", "question",
    "answer", "context", "summary", "key", "file", "path", "author", "score", "sentiment", "type", "premise",
    "hypothesis", "article", "highlights", "abstract", "headline", "source_lang", "target_lang", "src_lang", "tgt_lang",
}  # fmt: skip
TEXTS = NO_SIDES | {"text", "sentence", "document", "body", "review", "comment", "passage", "keywords", "content"}
JUDGED = {
    "label", "labels", "gold_label", "gold", "score", "similarity", "similarity_score", "relatedness_score",
    "entailment", "entailment_label", "entailment_judgment", "paraphrase", "is_duplicate", "quality",
}  # fmt: skip
COMPARED = {"premise": "hypothesis", "question1": "question2", "#1 string": "#2 string"}  # by their names alone
ALIKE = {"sentence1": "sentence2", "sentence_a": "sentence_b", "text1": "text2", "s1": "s2"}  # where they are judged


def names_side(cell: str) -> bool:
    """Whether a cell is the name of a side: english, src, or with more about it, as "English words/sentences"."""
    if language_of(cell):
        return True
    words = {*re.findall(r"[^\W_]+", cell.lower())}
    return bool(words & ROLES) and words <= ROLES | ABOUT


def is_heading(cells: Sequence[str], sentences: bool = True) -> bool:
    """Whether two cells of a first row name the sides; "English" over "Anglais" is a word and its translation.

    Args:
        cells: two.
        sentences: whether sentences stand below; over a list of words a code that is a word (la, cat) is no heading.
    """
    if len(cells) != 2 or cells[0].lower() == cells[1].lower() or not all(map(names_side, cells)):
        return False
    first, second = map(language_of, cells)
    return first is None or first != second and (sentences or not any(cell.lower() in WORDS for cell in cells))


def sides_among(names: Sequence[str], doubtful: bool = False) -> tuple[int, int] | None:
    """Which two of the names of columns, or keys, are those of the sides; None where that cannot be told.

    Args:
        names: of columns or keys.
        doubtful: whether "id", "no" and the like may be languages: there is text under all of them.
    """
    small = [name.strip().strip('"').lower() for name in names]
    for first, second in SIDES:
        if first in small and second in small:
            return small.index(first), small.index(second)
    words = [{*re.findall(r"[^\W_]+", name)} for name in small]
    roles = [[n for n, said in enumerate(words) if said & role and said <= role | ABOUT - {"lang", "language"}]
             for role in (SOURCE, TARGET)]  # fmt: skip
    if len(roles[0]) == len(roles[1]) == 1:
        return roles[0][0], roles[1][0]
    named = {n: language for n, name in enumerate(small) if (language := language_of(name))}
    unsure = [n for n in named if small[n] in DOUBTFUL]
    sure = [n for n in named if n not in unsure]
    exact = [n for n in sure if not words[n] & (ABOUT | ROLES)]
    for found in (exact, sure, sorted([*sure, *unsure] if doubtful else ())):
        if len(found) == 2 and named[found[0]] != named[found[1]]:
            return found[0], found[1]
    others = [n for n, name in enumerate(names) if names_side(name) and n not in unsure]
    return (others[0], others[1]) if len(others) == 2 and small[others[0]] != small[others[1]] else None


def languages_among(names: Sequence[str]) -> list[str]:
    """The names of columns that are those of languages beyond doubt."""
    return [name for name in names if language_of(name) and name.strip().lower() not in DOUBTFUL]


def judged(names: Sequence[str]) -> str:
    """What pairs of sentences with a judgement are, by the names of their columns, and what to do; "" for others."""
    small = {name.strip().lower() for name in names}
    alike = any({first, second} <= small for first, second in ALIKE.items()) and small & JUDGED
    if not alike and not any({first, second} <= small for first, second in COMPARED.items()):
        return ""
    return (
        "holds pairs of sentences of one language and whether one follows from the other, or how alike they are, and "
        "no translations: its columns are " + ", ".join(list(names)[:8])
    )


def other_texts(first: str, second: str) -> bool:
    """Whether two names are those of texts that are no sentence and its translation: question and answer, say."""
    both = {first.strip().lower(), second.strip().lower()}
    return len(both) == 2 and both <= TEXTS and bool(both & NO_SIDES)
