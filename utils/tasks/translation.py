"""A translator: vocabularies, model, training and decoding behind one call."""

import json
import os
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

import keras
import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from utils.fast_decoding import beams, decode_all, greedy
from utils.files import write_whole
from utils.layers import Transformer
from utils.layers.contract import check_positive
from utils.text import SubwordVocabulary, check_texts
from utils.training.batches import BucketedBatches
from utils.training.loop import fit, make_optimizer
from utils.training.shards import ShardedBatches, claim, write_shards

SHIPPED = Path(__file__).parents[2] / "data" / "translator"
TOGETHER = 4096  # pairs that are cut into pieces at once
LEARNT_FROM = 500_000  # pairs, about, that vocabularies on disk are learnt from


class Translator:
    """Translates text: `translator("Jane visite l'Afrique.")`, or a list of texts, gives the same kind back.

    An empty text gives an empty one; a character never seen in training is read as one unknown token.

    Args:
        model: a `Transformer`.
        source_vocabulary: of the language it reads.
        target_vocabulary: of the language it writes.
        history: what `fit` returned.
    """

    def __init__(self, model: Transformer, source_vocabulary: SubwordVocabulary, target_vocabulary: SubwordVocabulary,
                 history: dict | None = None):  # fmt: skip
        self.model, self.history = model, history or {}
        self.source_vocabulary, self.target_vocabulary = source_vocabulary, target_vocabulary

    @classmethod
    def train(cls, pairs, steps: int = 2000, vocabulary_size: int = 4000, num_layers: int = 2,
              embedding_dim: int = 128, num_heads: int = 4, fully_connected_dim: int = 512, dropout_rate: float = 0.1,
              norm: str = "pre", max_length: int = 64, lowercase: bool = False, tokens_per_batch: int = 2048,
              warmup_steps: int = 1000, label_smoothing: float = 0.1, seed: int = 0, folder=None,
              save_every: int = 500, keep: int = 1, on_step: Callable | None = None, progress: bool = True,
              shards=None) -> "Translator":  # fmt: skip
        """Learns to translate from pairs of sentences.

        Args:
            pairs: a list of (source, target), the path of a TSV file, or the paths (source file, target file); with
                `shards` also a function without arguments that gives an iterator of pairs, the same each time.
            steps: how many steps to train.
            vocabulary_size: the most pieces, in each language.
            num_layers: of the encoder and of the decoder.
            embedding_dim: the model's width.
            num_heads: a divisor of it.
            fully_connected_dim: the width in the feed-forward networks.
            dropout_rate: see `Transformer`.
            norm: "pre" or "post"; see `Transformer`.
            max_length: the longest sentence in tokens, start or end counted; longer pairs are left out.
            lowercase: read and write lower case only.
            tokens_per_batch: see `BucketedBatches`.
            warmup_steps: see `WarmupSchedule`.
            label_smoothing: see `masked_loss`.
            seed: of the weights, the dropout and the order.
            folder: where checkpoints go; the same call then goes on where the last one was stopped or killed.
            save_every: how many steps lie between two checkpoints.
            keep: how many stay.
            on_step: called after each step as on_step(step, loss).
            progress: show a bar.
            shards: a folder, new or empty, for data that does not fit in memory: the pairs are read several times,
                never held, their tokens written there, and read from there in shards; see `utils.training.shards`.
                It learns from the same as without, in another order; but of more than 500,000 pairs the pieces are
                learnt from about so many, by chance, as memory grows with the words that differ.

        Returns:
            The translator; its `history` has the losses, and under "left_out" the number of pairs too long.

        Raises:
            TypeError, ValueError: what was given are not pairs of sentences, or all are too long.
        """
        learnt, held = (vocabulary_size, lowercase), (max_length, tokens_per_batch, seed)
        if shards is None:
            vocabularies, batches, left_out = in_memory(read_sentences(pairs), learnt, *held)
        else:
            vocabularies, batches, left_out = on_disk(pairs, shards, learnt, *held)
        keras.utils.set_random_seed(seed)
        sizes = (num_layers, embedding_dim, num_heads, fully_connected_dim, *map(len, vocabularies))
        longest = -(-max_length // batches.bucket_width) * batches.bucket_width  # batches are as wide as buckets
        model = Transformer(*sizes, longest, longest, dropout_rate=dropout_rate, norm=norm)
        history = fit(model, make_optimizer(embedding_dim, warmup_steps), batches, steps, label_smoothing, folder,
                      save_every, keep, on_step, progress)  # fmt: skip
        return cls(model, *vocabularies, history | {"left_out": left_out})

    def __call__(self, text: str | Sequence[str], beam_width: int = 1) -> str | list[str]:
        """The translation of a text, or of each text of a list.

        Args:
            text: one sentence or a list of them.
            beam_width: 1 is greedy; see `beam_search`.

        Raises:
            TypeError: it is no text.
            ValueError: a sentence is longer than the model's maximum.
        """
        if isinstance(text, str):
            return self([text], beam_width)[0]
        check_positive(beam_width=beam_width)
        texts = check_texts(text)
        rows = [ids[1:] for ids in self.source_vocabulary.encode_all(texts)]  # the encoder needs no start
        limit = self.model.max_positional_encoding_input
        for index, row in enumerate(rows):
            if len(row) > limit:
                raise ValueError(
                    f"The model reads at most {limit} tokens, the end counted. Received: text {index} of {len(row)} "
                    f"tokens, {texts[index][:40]!r}… Cut it into sentences, or train with a larger max_length"
                )
        translations = [""] * len(rows)
        told = [i for i, row in enumerate(rows) if len(row) > 1]
        vocabulary, longest = self.target_vocabulary, self.model.max_positional_encoding_target
        ends = vocabulary.start_id, vocabulary.end_id
        said = decode_all(self.model, [rows[i] for i in told], longest, *ends, beam_width)
        for i, ids in zip(told, said, strict=True):
            translations[i] = vocabulary.decode(ids)
        return translations

    def decode(self, source_ids: np.ndarray, beam_width: int = 1) -> np.ndarray:
        """Source ids (B, S), end last, to target ids (B, T): `greedy_decode` or `beam_search`."""
        start, end = self.target_vocabulary.start_id, self.target_vocabulary.end_id
        arguments = (self.model, source_ids, self.model.max_positional_encoding_target, start, end)
        return greedy(*arguments) if beam_width == 1 else beams(*arguments, beam_width)[0]

    def save(self, folder: str | os.PathLike) -> None:
        """Writes config.json, model.safetensors, source.json and target.json; each is whole or not there.

        Raises:
            OSError: the folder cannot be written or the disk is full.
        """
        folder = Path(folder)
        config = {k: v for k, v in self.model.get_config().items() if k not in ("name", "dtype", "trainable")}
        weights = {f"{n:04}": np.asarray(w, order="C") for n, w in enumerate(self.model.get_weights())}
        files = {
            "config.json": json.dumps(config, indent=2),
            "source.json": self.source_vocabulary.tokenizer.to_str(),
            "target.json": self.target_vocabulary.tokenizer.to_str(),
        }
        write_whole(folder / "model.safetensors", save(weights))  # the large one first: it is what may not fit
        for name, text in files.items():
            write_whole(folder / name, text.encode())

    @classmethod
    def load(cls, folder: str | os.PathLike | None = None) -> "Translator":
        """Reads what `save` wrote; without a folder, the translator that comes with the course.

        Raises:
            FileNotFoundError: there is none in the folder.
            ValueError: a file is damaged, or is of another translator.
        """
        advice = "Pass the folder given to `save`" if folder else "`make checkpoints` trains it"
        folder = SHIPPED if folder is None else Path(folder)
        for name in ("config.json", "source.json", "target.json", "model.safetensors"):
            if not (folder / name).is_file():
                raise FileNotFoundError(f"There is no translator in {folder}: {name} is missing. {advice}")
        vocabularies = [SubwordVocabulary.load(folder / f"{side}.json") for side in ("source", "target")]
        try:
            model = Transformer(**json.loads((folder / "config.json").read_text("utf-8")))
            model.build(((None, None), (None, None)))
            with safe_open(folder / "model.safetensors", framework="numpy") as file:
                model.set_weights([file.get_tensor(name) for name in sorted(file.keys())])
        except (SafetensorError, TypeError, ValueError) as error:
            raise ValueError(f"The translator in {folder} is damaged, or its files do not belong together") from error
        return cls(model, *vocabularies)


def in_memory(pairs: list[tuple[str, str]], learnt: tuple, max_length: int, tokens_per_batch: int, seed: int):
    """Vocabularies, batches, and how many pairs are too long; `learnt`: how the vocabularies are."""
    sides = list(zip(*pairs, strict=True))
    vocabularies = [SubwordVocabulary.train(side, *learnt) for side in sides]
    encoded = [v.encode_all(side) for v, side in zip(vocabularies, sides, strict=True)]
    rows = [(s[1:], t) for s, t in zip(*encoded, strict=True) if max(len(s), len(t)) <= max_length + 1]
    if not rows:
        raise ValueError(f"Every pair is longer than max_length={max_length} tokens. Raise max_length")
    return vocabularies, BucketedBatches(*zip(*rows, strict=True), tokens_per_batch, seed=seed), len(pairs) - len(rows)


def on_disk(pairs, folder: str | os.PathLike, learnt: tuple, max_length: int, tokens_per_batch: int, seed: int):
    """`in_memory` for pairs that are read, not held: four times, to count them, for each vocabulary, for the shards."""
    claim(folder)  # before hours of reading
    number = sum(1 for _ in read_again(pairs, print))

    def again() -> Iterator[tuple[str, str]]:
        found = 0
        for pair in read_again(pairs):
            yield pair
            found += 1
        if found != number:
            raise ValueError(f"The pairs changed while they were read: {number} at first, {found} later. Begin again")

    def some(side: int) -> Iterator[str]:
        """By chance: every tenth pair, say, may be of one kind."""
        chance = random.Random(seed)
        return (pair[side] for pair in again() if chance.random() * number < LEARNT_FROM)

    vocabularies = [SubwordVocabulary.train(some(side), *learnt) for side in (0, 1)]

    def encoded() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for some in batched(again(), TOGETHER):
            both = (v.encode_all(side) for v, side in zip(vocabularies, zip(*some, strict=True), strict=True))
            yield from ((s[1:], t) for s, t in zip(*both, strict=True) if max(len(s), len(t)) <= max_length + 1)

    rows = encoded()
    if (first := next(rows, None)) is None:
        raise ValueError(f"Every pair is longer than max_length={max_length} tokens. Raise max_length")
    written = write_shards(chain([first], rows), number, folder, seed=seed)
    return vocabularies, ShardedBatches(folder, tokens_per_batch, seed=seed), number - written


def batched(rows: Iterable, size: int) -> Iterator[list]:
    """The rows in lists of `size`, the last one shorter."""
    rows = iter(rows)
    while some := list(islice(rows, size)):
        yield some


def read_again(pairs, tell: Callable[[str], None] = lambda said: None) -> Iterator[tuple[str, str]]:
    """The pairs from the beginning: of a list, of a function that gives them, or read from files once more.

    Raises:
        TypeError, ValueError: see `read_sentences`; or they can be read but once.
    """
    if are_paths(pairs):
        from utils.datasets.readers.parallel import read_pairs

        return read_pairs(pairs, tell=tell)
    if isinstance(pairs, Iterator):
        raise TypeError(
            "Pairs that are not held are read several times: pass a list, paths, or a function that gives them anew. "
            f"Received: pairs={pairs!r}"
        )
    return checked(pairs() if callable(pairs) else pairs)


def read_sentences(pairs) -> list[tuple[str, str]]:
    """The pairs as a list, read from files where paths are given.

    Raises:
        TypeError, ValueError: what was given are not pairs of sentences that say something.
    """
    if are_paths(pairs):
        from utils.datasets.readers.parallel import read_pairs

        return list(read_pairs(pairs))
    return list(checked(pairs))


def checked(pairs) -> Iterator[tuple[str, str]]:
    """The pairs one by one. Raises TypeError or ValueError where one is none, or there is none."""
    if not isinstance(pairs, Iterable):
        raise TypeError(f"Pass a list of (source, target), or paths. Received: pairs={pairs!r}")
    index = -1
    for index, pair in enumerate(pairs):
        if (
            isinstance(pair, (str, bytes))
            or not isinstance(pair, Sequence)
            or len(pair) != 2
            or any(not isinstance(s, str) for s in pair)
        ):
            raise TypeError(f"Every pair must be (source, target), two texts. Received: pairs[{index}]={pair!r}")
        if not all(side.strip() for side in pair):
            raise ValueError(f"Both sides of a pair must say something. Received: pairs[{index}]={pair!r}")
        yield tuple(pair)
    if index < 0:
        raise ValueError("There must be at least one pair. Received: none")


def are_paths(pairs) -> bool:
    """Whether it names a file of pairs, or two."""
    return is_path(pairs) or (isinstance(pairs, Sequence) and len(pairs) == 2 and all(map(is_path, pairs)))


def is_path(value) -> bool:
    """Whether it is a path, or a string that may be one."""
    return isinstance(value, (str, os.PathLike))
