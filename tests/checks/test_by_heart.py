"""Who knows by heart what was right for other inputs earns no part, but for those that are named here.

A part is known where the right results for two other seeds' inputs are right for this one's as well.
"""

import numpy as np
import pytest

from tests.checks.table import SEED, exercises_here
from utils.checks.frame import differs, plain

# What is right is the same for everybody, or is said in words of what came back: exercise -> how its parts begin.
KNOWN = {
    "scaled_dot_product_attention": ["768 words in a moment"],
    "ScaledDotProductAttention": ["a gradient passes"],
    "mask_to_additive": ["in the dtype asked for"],
    "positional_encoding": ["float32"],
    "MultiHeadAttention": ["dropout"],
    "FeedForward": ["dropout"],
    "EncoderLayer": ["dropout"],
    "Encoder": ["dropout"],
    "count_parameters": ["a whole number"],
    "masked_accuracy": ["nothing but padding"],
    "map_weights": ["every tensor gets our path", "what is not the encoder's"],
    "entity_f1": ["0 where nothing is right"],
    "token_classification_loss": ["0 where no piece"],
    "split_by_group": ["sizes as near", "the same seed"],
    "SwiGLU": ["dropout"],
    "GroupedQueryAttention": ["dropout: on the weights", "dropout: a weight is lost"],
    "next_token_loss": ["compiled", "NaN stays NaN"],
    "perplexity": ["infinite where"],
    "sample": ["at the edges"],
    "LoRADense": ["A and B can learn"],
    "mask_tokens": ["all chance comes from"],
}


def drawn(exercise, seed):
    """For each property its cases, and what the oracle gives for them."""
    rng, right = np.random.default_rng(seed), exercise.oracle or exercise.reference
    for prop in exercise.properties:
        cases = prop.cases(rng)
        yield prop, cases, [plain(prop.run(right, *c.args, **c.kwargs)) for c in cases]


@pytest.mark.parametrize("exercise", exercises_here(), ids=lambda e: e.name)
def test_what_is_right_for_other_inputs_earns_nothing(exercise):
    known = []
    mine, *others = (list(drawn(exercise, SEED + n)) for n in range(3))
    for n, (prop, cases, results) in enumerate(mine):
        expected = [prop.seen(r, c) for r, c in zip(results, cases, strict=True)]
        tried = [[prop.seen(r, c) for r, c in zip(other[n][2], cases, strict=False)] for other in others]
        if all(
            len(seen) == len(expected)
            and not any(differs(e, s, prop.tolerance) for e, s in zip(expected, seen, strict=True))
            for seen in tried
        ):
            known.append(prop.name)
    listed = KNOWN.get(exercise.name, [])
    assert [name for name in known if not name.startswith(tuple(listed) or ("-",))] == []
    assert [start for start in listed if not any(name.startswith(start) for name in known)] == []
