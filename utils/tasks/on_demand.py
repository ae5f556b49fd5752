"""Windows of many texts, each made when a step of training asks for it. No framework."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from tokenizers import Tokenizer

from utils.text.buckets import OnDemand

TOGETHER = 4096  # texts that are cut into pieces at once
MANY, LATELY = 4, 256  # windows from which on a text's are kept; of the other texts, so many


def cut_on_demand(tokenizer: Tokenizer, texts: Sequence[str], ends_of: Callable, made: Callable,
                  mark: Callable[[], str]) -> tuple[OnDemand, OnDemand]:  # fmt: skip
    """The windows of all texts and what is asked of each, of which only the lengths are made at once.

    Of a text with many windows they are kept once they are made, or each would cut all of it again.

    Args:
        tokenizer: the encoder's.
        texts: N of them.
        ends_of: number of a text's pieces -> start and end of each of its windows.
        made: number of a text -> its windows, and as many targets. A window has two marks beside its pieces.
        mark: see `OnDemand`.
    """
    owners, places, lengths, kept = [], [], [], {}  # of each window its text, its number there, its pieces
    for first in range(0, len(texts), TOGETHER):
        codes = tokenizer.encode_batch_fast(texts[first : first + TOGETHER], add_special_tokens=False)  # without places
        for text, pieces in enumerate(map(len, codes), start=first):
            ends = ends_of(pieces)
            owners += [text] * len(ends)
            places += range(len(ends))
            lengths += [end - start + 2 for start, end in ends]
            if len(ends) > MANY:
                kept[text] = None

    lately = lru_cache(LATELY)(made)

    def of(text: int) -> tuple[Sequence, Sequence]:
        if text not in kept:
            return lately(text)
        if kept[text] is None:
            kept[text] = made(text)
        return kept[text]

    def windows(index: int):
        return of(owners[index])[0][places[index]]

    def targets(index: int):
        return of(owners[index])[1][places[index]]

    return OnDemand(lengths, windows, mark), OnDemand(lengths, targets, mark)
