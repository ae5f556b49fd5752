"""Lesson 07's zoo: six Transformers, each sabotaged in one place, and the tests that tell them apart.

`open_zoo` draws who is in which cage. `verdict` measures: it sabotages a healthy Transformer as the learner says and
compares the two by the same tests, so that there is no list of answers to read.
"""

from collections import defaultdict
from collections.abc import Callable
from functools import cache

import keras
import numpy as np
from keras import ops

from utils.layers import Transformer, combine_masks, create_padding_mask

ANIMALS = ("badger", "crane", "fox", "heron", "lynx", "otter")
SIZES = {
    "num_layers": 2,
    "embedding_dim": 12,
    "num_heads": 3,
    "fully_connected_dim": 20,
    "input_vocab_size": 15,
    "target_vocab_size": 14,
    "max_positional_encoding_input": 16,
    "max_positional_encoding_target": 12,
}
SOURCE = np.array([[1, 2, 3, 4, 5, 6, 0, 0, 0], [7, 8, 9, 10, 11, 12, 13, 3, 14]], "int32")
TARGET = np.array([[1, 3, 4, 5, 6, 7], [1, 8, 9, 10, 8, 11]], "int32")


# The tests: the lesson shows them -------------------------------------------------------------------------


def guesses(model, source, target) -> np.ndarray:
    """What the model says, as an array (B, T, V)."""
    return np.asarray(model((source, target)))


def another(ids) -> np.ndarray:
    """Other words in the place of words; padding stays."""
    return np.where(ids == 0, 0, np.where(ids == 4, 5, 4)).astype(ids.dtype)


def places_ahead(model, source, target) -> int:
    """How many places ahead the model sees. It must be 0."""
    before, furthest = guesses(model, source, target), 0
    for t in range(target.shape[1]):
        changed = target.copy()
        changed[:, t] = another(target[:, t])
        moved = np.abs(guesses(model, source, changed) - before).max(axis=(0, 2)) > 1e-5  # (T,)
        if moved.any():
            furthest = max(furthest, t - int(np.argmax(moved)))  # argmax: the first place that moved
    return furthest


def moved_by_padding(model, source, target, more_source=3, more_target=0) -> float:
    """The largest change at a word when the sentences get more padding. It must be 0."""
    padded = [np.pad(ids, [(0, 0), (0, n)]) for ids, n in ((source, more_source), (target, more_target))]
    change = guesses(model, *padded)[:, : target.shape[1]] - guesses(model, source, target)
    return float(np.abs(change)[target != 0].max())


def weight_on_padding(model, source, target, attention: str) -> float:
    """The largest share that a word gives to the source's padding, in "decoder/0/cross" or another attention."""
    _, scores = model((source, target), return_attention_scores=True)
    on_padding = np.asarray(scores[attention]) * (source == 0)[:, None, None]  # (B, H, T, S)
    return float(on_padding.sum(axis=-1).max())


def moved_by_a_word(model, source, target) -> float:
    """The largest change when the source's first word is another. It must not be 0."""
    changed = source.copy()
    changed[:, 0] = another(source[:, 0])
    return float(np.abs(guesses(model, changed, target) - guesses(model, source, target)).max())


def moved_by_order(model, source, target) -> float:
    """The largest change when the source's first two words change places. It must not be 0."""
    swapped = source[:, [1, 0, *range(2, source.shape[1])]]
    return float(np.abs(guesses(model, swapped, target) - guesses(model, source, target)).max())


# The sabotage ---------------------------------------------------------------------------------------------


def _decoder_gets(model, change: Callable):
    """Changes what the decoder is given: change(ids, encoder_output, options) -> the same three."""
    call = model.decoder.call

    def changed(token_ids, encoder_output, **options):
        token_ids, encoder_output, options = change(token_ids, encoder_output, options)
        return call(token_ids, encoder_output, **options)

    model.decoder.call = changed


def _look_ahead(model, places: int | None):
    """Lets the target see that many places ahead; None means all."""

    def change(token_ids, encoder_output, options):
        T = token_ids.shape[1]
        seen = ops.convert_to_tensor(np.tri(T, k=T if places is None else places, dtype=bool))
        mask = combine_masks(seen, create_padding_mask(token_ids))
        return token_ids, encoder_output, options | {"self_attention_mask": mask}

    _decoder_gets(model, change)


def _encoder_unmasked(model):
    call = model.encoder.call

    def changed(token_ids, attention_mask=None, **options):
        return call(token_ids, attention_mask=ops.ones_like(attention_mask), **options)

    model.encoder.call = changed


def _cross_unmasked(model):
    _decoder_gets(model, lambda ids, encoded, options: (ids, encoded, options | {"cross_attention_mask": None}))


def _no_positions(model):
    model.encoder.positional_encoding.call = lambda x, start=0: x


def _nothing_arrives(model):
    _decoder_gets(model, lambda ids, encoded, options: (ids, ops.zeros_like(encoded), options))


SABOTAGES: dict[str, Callable] = {
    "sees the whole future": lambda model: _look_ahead(model, None),
    "sees one word ahead": lambda model: _look_ahead(model, 1),
    "its encoder looks at padding": _encoder_unmasked,
    "its decoder looks at the source's padding": _cross_unmasked,
    "does not know the source's order": _no_positions,
    "hears nothing from its encoder": _nothing_arrives,
}


def healthy() -> keras.Model:
    """A Transformer with random weights, always the same."""
    model = Transformer(**SIZES)
    model.build(((None, None), (None, None)))
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(size=w.shape) / w.shape[0] ** 0.5 + (w.name == "gamma") for w in model.weights])
    return model


def sabotaged(name: str) -> keras.Model:
    """A healthy Transformer, but for one thing."""
    model = healthy()
    SABOTAGES[name](model)
    return model


def open_zoo(seed: int) -> dict[str, keras.Model]:
    """Six animals, each with a sabotage of its own; the seed draws which has which."""
    drawn = np.random.default_rng(seed).permutation(list(SABOTAGES))
    return {animal: sabotaged(str(name)) for animal, name in zip(ANIMALS, drawn, strict=True)}


# The verdict ----------------------------------------------------------------------------------------------


class _Asked:
    """Stands for a model in the tests: hears their questions first, then has them answered at once.

    A call costs much and its rows little, and the tests repeat themselves: two calls do for fifteen.
    """

    def __init__(self, model):
        self.model, self.questions, self.answers = model, {}, None

    def __call__(self, inputs, return_attention_scores: bool = False):
        question = tuple((ids.shape, ids.tobytes()) for ids in inputs)
        if self.answers is None:
            self.questions[question] = inputs
            logits, scores = np.zeros((*inputs[1].shape, 1)), defaultdict(lambda: np.zeros(1))
        else:
            logits, scores = self.answers[question]
        return (logits, scores) if return_attention_scores else logits

    def ask(self) -> None:
        """Asks what was heard, questions of one shape together."""
        self.answers, alike = {}, defaultdict(list)
        for question, inputs in self.questions.items():
            alike[tuple(ids.shape for ids in inputs)].append((question, inputs))
        for questions, inputs in (zip(*pairs, strict=True) for pairs in alike.values()):
            rows = tuple(np.concatenate(ids) for ids in zip(*inputs, strict=True))
            logits, scores = self.model(rows, return_attention_scores=True)
            for n, question in enumerate(questions):
                own = slice(n * len(inputs[n][0]), (n + 1) * len(inputs[n][0]))
                self.answers[question] = np.asarray(logits)[own], {k: np.asarray(v)[own] for k, v in scores.items()}


def _facts(model) -> list[str]:
    """What the tests find, each as the end of a sentence that begins with "it"."""
    asked = _Asked(model)
    _test(asked)
    asked.ask()
    return _test(asked)


@cache
def _facts_of(name: str) -> list[str]:
    """The same of a sabotage: it stays as it is, while an animal may be changed."""
    return _facts(sabotaged(name))


def _test(model) -> list[str]:
    """The tests, one after the other."""
    ahead, sentences = places_ahead(model, SOURCE, TARGET), (SOURCE, TARGET)

    def moves(test, when):
        return ("moves" if test(model, *sentences) > 1e-4 else "does not move") + when

    def looks(attention, who):
        share = weight_on_padding(model, *sentences, attention)
        return f"gives {'some' if share > 1e-4 else 'no'} weight to padding in its {who}"

    return [
        f"sees {ahead} places ahead",
        moves(moved_by_padding, " when its source is padded"),
        looks("encoder/0/self", "encoder"),
        looks("decoder/0/cross", "cross-attention"),
        moves(moved_by_a_word, " when a source word is another"),
        moves(moved_by_order, " when two source words change places"),
    ]


def verdict(zoo: dict[str, keras.Model], named: dict[str, str]) -> int:
    """Says of each animal whether its sabotage is named rightly, and where not, which test speaks against it.

    Args:
        zoo: what `open_zoo` gave.
        named: for each animal one of the names in `SABOTAGES`; "?" or nothing where you do not know yet.

    Returns:
        How many are right.
    """
    right = 0
    for animal, model in zoo.items():
        name = named.get(animal, "?")
        if name == "?":
            print(f"· {animal}: not named yet")
        elif name not in SABOTAGES:
            print(f"· {animal}: {name!r} is none of the six: {'; '.join(SABOTAGES)}")
        else:
            pairs = zip(_facts_of(name), _facts(model), strict=True)
            against = next((pair for pair in pairs if pair[0] != pair[1]), None)
            right += against is None
            if against is None:
                print(f"✓ {animal}: {name}")
            else:
                print(f"✗ {animal}: not {name!r}. Such a model {against[0]}; the {animal} {against[1]}.")
    print(f"{right} of {len(zoo)}")
    return right
