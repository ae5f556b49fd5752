"""The exercise GroupedQueryAttention: what must hold, and what each mistake looks like."""

import numpy as np

from utils.checks.encoder.shared import compiled
from utils.checks.frame import Exercise, Property, case, register
from utils.checks.inputs import normal, random_mask
from utils.checks.since_2017.grouped_mistakes import MISTAKES, variant
from utils.checks.since_2017.shared import fresh_with
from utils.layers.grouped import GroupedQueryAttention


def _made(answer, inputs, seed, **arguments):
    """A layer of the answer's class with weights drawn from a seed, biases too, none of them small."""

    def draw(weights):
        rng = np.random.default_rng(seed)
        return [normal(rng, *w.shape) * np.float32(0.8 if len(w.shape) == 3 else 1.0) for w in weights]

    return fresh_with(answer, tuple((None, None, x.shape[-1]) for x in inputs), draw, **arguments)


def _output(answer, query, value, attention_mask=None, seed=0, **arguments):
    return _made(answer, (query, value), seed, **arguments)(query, value, attention_mask=attention_mask)


def _with_key(answer, query, value, key, seed=0, **arguments):
    return _made(answer, (query, value, key), seed, **arguments)(query, value, key=key)


def _with_scores(answer, query, value, seed=0, **arguments):
    return _made(answer, (query, value), seed, **arguments)(query, value, return_attention_scores=True)


def _while_built(answer, query, value, attention_mask, seed=0, **arguments):
    layer = _made(answer, (query, value), seed, **arguments)
    call = lambda layer, query, value, mask: layer(query, value, attention_mask=mask)  # noqa: E731
    return compiled(layer, query, value, attention_mask, call=call)


def _both(answer, query, value, rate, training, seed, **arguments):
    """Output and scores in training or not, and both outside it."""
    layer = _made(answer, (query, value), seed, dropout=rate, **arguments)
    output, scores = layer(query, value, training=training, return_attention_scores=True)
    before, scores_before = layer(query, value, training=False, return_attention_scores=True)
    return output, scores, before, scores_before


def _lost(results, query, value, rate, **_):
    """What dropout did, in words: whether the output moved, whether the scores did, and whether it was a weight's."""
    output, scores, before, scores_before = results
    if output.shape != before.shape or scores.shape != scores_before.shape:
        return "shapes changed"
    if not np.allclose(scores, scores_before, atol=1e-5):
        zeros = np.isclose(scores, 0, atol=1e-7).mean()
        return "the weights that come back were dropped" if zeros > rate / 2 else "other scores come back"
    if np.allclose(output, before, atol=1e-5):
        return "nothing dropped"
    zeros = np.isclose(output, 0, atol=1e-7).mean()
    return "the output itself was dropped" if zeros > rate / 2 else "weights dropped"


ONE_KEY = {"num_heads": 2, "key_dim": 5, "num_key_value_heads": 1, "use_bias": False}


def _with_one_key(answer, dropout):
    """What a single key's value of ones becomes, (B, T, H, K): its weight is 1, and W_O changes nothing."""
    H, K = ONE_KEY["num_heads"], ONE_KEY["key_dim"]
    D = H * K

    def draw(weights):
        zeros = [np.zeros(w.shape, "float32") for w in weights[:2]]
        return [*zeros, np.full(weights[2].shape, 1 / D, "float32"), np.eye(D, dtype="float32").reshape(H, K, D)]

    layer = fresh_with(answer, ((None, None, D), (None, None, D)), draw, dropout=dropout, **ONE_KEY)
    made = np.asarray(layer(np.ones((3, 8, D), "float32"), np.ones((3, 1, D), "float32"), training=True))
    return made.reshape(3, 8, H, K) if made.size == 24 * D else made


def _what_was_dropped(made, dropout):
    """On what dropout of half acts, in words: weights of a head are all its numbers' or none's."""
    if made.shape != (3, 8, ONE_KEY["num_heads"], ONE_KEY["key_dim"]):
        return f"shape {made.shape}"
    if np.allclose(made, 1, atol=1e-4):
        return "a single key's weight is never dropped"
    if np.isclose(made[..., None], (0, 1), atol=1e-4).any(axis=-1).all():
        return "dropped, and what is left not scaled up"
    if not np.isclose(made[..., None], (0, 2), atol=1e-4).any(axis=-1).all():
        return "neither 0 nor doubled"
    if np.allclose(made, made[..., :1], atol=1e-4):
        return "weights"
    return "values" if np.allclose(made, made[:, :1], atol=1e-4) else "single numbers of the heads"


SIZES = {"num_heads": 4, "key_dim": 3, "num_key_value_heads": 2, "use_bias": False}
TURNED = {"num_heads": 6, "key_dim": 4, "num_key_value_heads": 2, "use_bias": False, "rotary_base": 20.0}


EVEN = SIZES | {"key_dim": 8}  # what turns can turn


def _pair(rng, T, S, D):
    return normal(rng, 2, T, D), normal(rng, 2, S, D)


register(
    Exercise(
        name="GroupedQueryAttention",
        notebook="15_since_2017",
        reference=GroupedQueryAttention,
        oracle=variant(),
        properties=(
            Property(
                "six heads on two, four on two, all on one, each its own",
                1,
                lambda rng: [
                    case(*_pair(rng, 3, 3, 4), seed=1, **EVEN | {"num_heads": 6}),
                    case(*_pair(rng, 4, 5, 6), seed=2, **EVEN),
                    case(*_pair(rng, 5, 2, 4), seed=3, **EVEN | {"num_key_value_heads": 1}),
                    case(*_pair(rng, 3, 5, 4), seed=15, **EVEN | {"num_key_value_heads": 4}),
                    case(*_pair(rng, 1, 1, 5), seed=16, **TURNED),  # a crash without a base would leave no numbers
                ],
                run=_output,
            ),
            Property(
                "a key of its own, and the biases",
                1,
                lambda rng: [
                    case(normal(rng, 2, 3, 4), normal(rng, 2, 5, 6), normal(rng, 2, 5, 6), seed=4, **SIZES),
                    case(*_pair(rng, 3, 4, 5), normal(rng, 2, 4, 5), seed=5, **SIZES | {"use_bias": True}),
                ],
                run=_with_key,
            ),
            Property(
                "queries and keys turned where a rotary base is given",
                1,
                lambda rng: [
                    case(*_pair(rng, 5, 5, 4), seed=6, **TURNED),
                    case(*_pair(rng, 3, 6, 5), seed=7, **TURNED | {"rotary_base": 500.0}),
                ],
                run=_output,
            ),
            Property(
                "a mask of two, three and four axes, some of size 1",
                1,
                lambda rng: [
                    case(*_pair(rng, 3, 3, 4), attention_mask=np.tril(np.ones((3, 3), bool)), seed=8, **SIZES),
                    case(*_pair(rng, 4, 5, 4), attention_mask=random_mask(rng, 2, 4, 5), seed=9, **SIZES),
                    case(*_pair(rng, 4, 5, 4), attention_mask=random_mask(rng, 2, 4, 4, 5), seed=10, **SIZES),
                    case(*_pair(rng, 4, 5, 4), attention_mask=random_mask(rng, 2, 4, 5), seed=17, **TURNED),
                    case(*_pair(rng, 4, 5, 4), attention_mask=random_mask(rng, 2, 1, 1, 5), seed=18, **SIZES),
                    case(*_pair(rng, 4, 5, 4), attention_mask=random_mask(rng, 1, 1, 4, 5), seed=19, **SIZES),
                    case(*_pair(rng, 4, 5, 4), attention_mask=random_mask(rng, 1, 4, 1, 5), seed=20, **SIZES),
                ],
                run=_output,
            ),
            Property(
                "the scores, one (T, S) for each head of queries",
                1,
                lambda rng: [case(*_pair(rng, 3, 5, 4), seed=11, **SIZES)],
                run=_with_scores,
            ),
            Property(
                "dropout: on the weights, in training only",
                1,
                lambda rng: [
                    case(*_pair(rng, 5, 6, 8), rate=0.5, training=True, seed=12, **SIZES),
                    case(*_pair(rng, 5, 6, 8), rate=0.5, training=False, seed=13, **SIZES),
                ],
                run=_both,
                read=_lost,
            ),
            Property(
                "dropout: a weight is lost for all numbers of its head, the others are scaled up",
                1,
                lambda rng: [case(dropout=0.5)],
                run=_with_one_key,
                read=_what_was_dropped,
            ),
            Property(
                "a batch whose size is not known yet",
                1,
                lambda rng: [
                    case(*_pair(rng, 4, 5, 6), attention_mask=random_mask(rng, 2, 4, 5), seed=14, **SIZES),
                    case(*_pair(rng, 4, 5, 6), attention_mask=random_mask(rng, 2, 4, 5), seed=21, **TURNED),
                ],
                run=_while_built,
            ),
        ),
        mistakes=MISTAKES,
        hints=(
            "Lesson 05's layer with two lines more: turn q and k, then give every head of queries its own copy of k "
            "and v.",
            "split_heads(project(key, self.key_weights), self.num_key_value_heads) gives (B, G, S, K). Where "
            "self.rotary_base is not None, rotary_embedding(q, base=self.rotary_base), and k likewise.",
            "ops.repeat(k, self.num_heads // self.num_key_value_heads, axis=1) puts each beside itself: 0 0 1 1. The "
            "rest is as before: attend, dropout, merge_heads, the output's projection.",
        ),
    )
)
