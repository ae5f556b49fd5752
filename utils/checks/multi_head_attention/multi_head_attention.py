"""The exercise MultiHeadAttention: what must hold, and what each mistake looks like."""

import functools
import math

import numpy as np
from keras import ops

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.in_numpy import (
    attended,
    hidden,
    layer_with,
    lost_by_chance,
    merge_heads,
    softmax_of,
    split_heads,
    unchanged,
)
from utils.checks.inputs import normal, random_mask
from utils.checks.multi_head_attention.mistakes import (
    before_the_softmax,
    crossed,
    dropped_returned,
    heads_averaged,
    mask_changed,
    masked_by,
    never_dropped,
    one_head,
    output_dropped,
    output_transposed,
    output_without_bias,
    over_the_heads,
    scores_dropped,
    values_dropped,
    variant,
    weights_of,
    without_bias,
    without_scaling_up,
)
from utils.checks.multi_head_attention.shared import cut, glue
from utils.layers.attention import MultiHeadAttention


def _with_weights(answer, inputs, draw, **arguments):
    """A layer of the answer's class for inputs of these widths; lengths do not matter, so that few are built."""
    return layer_with(answer, tuple((None, None, x.shape[-1]) for x in inputs if x is not None), draw, **arguments)


def _made(answer, query, value, key, seed, **arguments):
    """A layer of the answer's class, with weights drawn from a seed: biases too, and none of them small."""

    def draw(weights):
        rng = np.random.default_rng(seed)
        return [normal(rng, *w.shape) * np.float32(0.8 if len(w.shape) == 3 else 1.0) for w in weights]

    return _with_weights(answer, (query, value, key), draw, **arguments)


def _output(answer, query, value, key=None, attention_mask=None, seed=0, **arguments):
    options = {"attention_mask": attention_mask, "key": key}
    layer = _made(answer, query, value, key, seed, **arguments)
    return layer(query, value, **{name: o for name, o in options.items() if o is not None})


def _with_scores(answer, query, value, key=None, attention_mask=None, seed=0, **arguments):
    layer = _made(answer, query, value, key, seed, **arguments)
    options = {"attention_mask": attention_mask, "return_attention_scores": True}
    return layer(query, value, key, **options)


def _self_cases(rng):
    plain = {"use_bias": False}
    small, wide, long = normal(rng, 1, 3, 4), normal(rng, 2, 4, 5), normal(rng, 3, 6, 7)
    return [
        case(small, small, num_heads=2, key_dim=2, seed=1, **plain),
        case(wide, wide, num_heads=2, key_dim=3, seed=2, **plain),
        case(long, long, num_heads=3, key_dim=2, seed=3, **plain),
    ]


def _cross_cases(rng):
    plain = {"use_bias": False}
    return [
        case(normal(rng, 1, 3, 4), normal(rng, 1, 3, 4), num_heads=2, key_dim=2, seed=4, **plain),
        case(normal(rng, 2, 3, 5), normal(rng, 2, 6, 5), num_heads=3, key_dim=2, value_dim=4, seed=5, **plain),
        case(normal(rng, 3, 5, 4), normal(rng, 3, 2, 4), num_heads=2, key_dim=5, value_dim=3, seed=6, **plain),
    ]


def _key_cases(rng):
    arguments = {"num_heads": 2, "key_dim": 3, "use_bias": False}
    return [
        case(normal(rng, 1, 2, 4), normal(rng, 1, 3, 4), key=normal(rng, 1, 3, 4), seed=7, **arguments),
        case(normal(rng, 2, 3, 6), normal(rng, 2, 5, 4), key=normal(rng, 2, 5, 7), value_dim=5, seed=8, **arguments),
    ]


def _bias_cases(rng):
    x = normal(rng, 1, 3, 4)
    return [
        case(x, x, num_heads=2, key_dim=2, seed=9),
        case(normal(rng, 2, 3, 5), normal(rng, 2, 4, 6), num_heads=3, key_dim=4, value_dim=2, seed=10),
    ]


def _mask_cases(rng, *shapes):
    """Random masks of the given shapes, for B=2, H=3, T=4, S=5."""
    query, value = normal(rng, 2, 4, 5), normal(rng, 2, 5, 6)
    arguments = {"num_heads": 3, "key_dim": 2, "use_bias": False}
    return [
        case(query, value, attention_mask=random_mask(rng, *shape), seed=11 + n, **arguments)
        for n, shape in enumerate(shapes)
    ]


def _look_ahead_case(rng):
    x, mask = normal(rng, 1, 3, 4), np.tril(np.ones((3, 3), bool))
    return [case(x, x, attention_mask=mask, num_heads=2, key_dim=2, use_bias=False, seed=20)]


def _batch_is_heads_case(rng):
    """As many sentences as heads: a mask (B, T, S) broadcast over the wrong axis fits here all the same."""
    query, value = normal(rng, 2, 3, 4), normal(rng, 2, 5, 4)
    return [
        case(query, value, attention_mask=random_mask(rng, 2, 3, 5), num_heads=2, key_dim=3, use_bias=False, seed=21),
    ]


def _score_cases(rng):
    query, value = normal(rng, 2, 3, 5), normal(rng, 2, 4, 6)
    arguments = {"num_heads": 3, "key_dim": 2, "value_dim": 5}
    return [
        case(normal(rng, 1, 2, 3), normal(rng, 1, 3, 3), num_heads=2, key_dim=2, seed=22),
        case(query, value, seed=23, **arguments),
        case(query, value, key=normal(rng, 2, 4, 7), seed=24, **arguments),
    ]


H_DROP, T_DROP, S_DROP = 2, 6, 5


@functools.lru_cache(maxsize=8)
def _dropout_inputs(seed):
    """Query, value, key, the layer's weights, and the scores that come of them.

    Values are one-hot and every head copies its weights twice into the output, so that the output shows which of
    them were dropped, and whether both copies went together.
    """
    rng = np.random.default_rng(seed)
    width = 2 * H_DROP * S_DROP
    query, key = normal(rng, 2, T_DROP, width), normal(rng, 2, S_DROP, 3)
    value = np.tile(np.eye(S_DROP, dtype="float32"), (2, 1, 1))
    weights = [
        np.float32(0.3) * normal(rng, width, H_DROP, 4),
        np.float32(0.3) * normal(rng, 3, H_DROP, 4),
        np.tile(np.eye(S_DROP, dtype="float32"), (1, 2 * H_DROP)).reshape(S_DROP, H_DROP, 2 * S_DROP),
        np.eye(width, dtype="float32").reshape(H_DROP, 2 * S_DROP, width),
    ]
    return (query, value, key), weights, attended(weights, query, value, None, unchanged, key)[1]


def _dropped(answer, rate, training, seed):
    """What dropout did, in words: (to the output, to the scores that came back)."""
    inputs, weights, expected = _dropout_inputs(seed)
    arguments = {"num_heads": H_DROP, "key_dim": 4, "value_dim": 2 * S_DROP, "dropout": rate, "use_bias": False}
    layer = _with_weights(answer, inputs, lambda _: weights, **arguments)
    results = layer(*inputs, return_attention_scores=True, training=training)
    output, scores = (ops.convert_to_numpy(r) for r in results)
    if output.shape != inputs[0].shape:
        return f"an output of shape {output.shape}", ""
    copies = output.reshape(2, T_DROP, H_DROP, 2, S_DROP).transpose(3, 0, 2, 1, 4)  # (2, B, H, T, S)
    same = scores.shape == expected.shape and np.allclose(scores, expected, atol=1e-5)
    return _in_words(copies, expected, rate), "scores as without dropout" if same else "scores changed by dropout"


def _in_words(copies, weights, rate) -> str:
    ratio = copies / weights

    def only(*allowed):
        return np.isclose(ratio[..., None], allowed, atol=1e-3).any(axis=-1).all()

    if only(1):
        return "nothing dropped"
    together = np.allclose(copies[0], copies[1], atol=1e-5)
    all_words = np.allclose(ratio, ratio[:, :, :, :1], atol=1e-3)
    if all_words and only(0, 1 / (1 - rate)):
        return "values dropped, the same for every word"
    if together and only(0, 1 / (1 - rate)):
        return "weights dropped, the others scaled up"
    if together and only(0, 1):
        return "weights dropped, the others not scaled up"
    if together and only(0, 1 / rate):
        return "weights dropped, the rate taken for the share to keep"
    if together and np.allclose(copies.sum(axis=-1), 1, atol=1e-4):
        return "something dropped before the softmax"
    return "the output dropped, not the weights" if only(0, 1 / (1 - rate)) else "something else changed"


register(
    Exercise(
        name="MultiHeadAttention",
        notebook="05_multi_head_attention",
        reference=MultiHeadAttention,
        oracle=variant(),
        properties=(
            Property("self-attention: query and value are the same", 2, _self_cases, run=_output),
            Property("cross-attention: T is not S, value_dim is not key_dim", 1, _cross_cases, run=_output),
            Property("a key of its own, where one is given", 1, _key_cases, run=_output),
            Property("the biases", 1, _bias_cases, run=_output),
            Property(
                "a mask (T, S), the same for all sentences",
                1,
                lambda rng: _look_ahead_case(rng) + _mask_cases(rng, (4, 5)),
                run=_output,
            ),
            Property(
                "masks of three and four axes",
                1,
                lambda rng: (
                    _batch_is_heads_case(rng)
                    + _mask_cases(rng, (2, 4, 5), (2, 1, 1, 5), (1, 1, 4, 5), (2, 3, 4, 5), (1, 3, 1, 5))
                ),
                run=_output,
            ),
            Property("the scores, one (T, S) for each head, where asked for", 1, _score_cases, run=_with_scores),
            Property(
                "dropout: on the weights, in training only",
                2,
                lambda rng: [
                    case(rate=0.25, training=True, seed=1),
                    case(rate=0.4, training=False, seed=2),
                    case(rate=0.4, training=True, seed=3),
                ],
                run=_dropped,
            ),
        ),
        mistakes=(
            Mistake("the scores are not scaled: divide q·k by √K", variant(scale=lambda w, query: 1.0)),
            Mistake(
                "scaled by the root of the model's width D: each head has K columns, so divide by √K",
                variant(scale=lambda w, query: math.sqrt(query.shape[-1])),
            ),
            Mistake(
                "scaled by the root of all heads' width H·K: one head's dot product runs over K columns",
                variant(scale=lambda w, query: math.sqrt(w.num_heads * w.key_dim)),
            ),
            Mistake(
                "divided by K: either the root is missing, or √K is divided out twice",
                variant(scale=lambda w, query: w.key_dim),
            ),
            Mistake(
                "multiplied by √K where it should be divided",
                variant(scale=lambda w, query: 1 / math.sqrt(w.key_dim)),
            ),
            Mistake(
                "divided by √H, the number of heads: it is √K, the width of a head",
                variant(scale=lambda w, query: math.sqrt(w.num_heads)),
            ),
            Mistake(
                "scaled by the root of `value_dim`: the dot product runs over the K columns of q and k",
                variant(scale=lambda w, query: math.sqrt(w.value_dim)),
            ),
            Mistake(
                "scaled by the root of the sentence's length: it is √K, the width of a head",
                variant(scale=lambda w, query: math.sqrt(query.shape[1])),
            ),
            Mistake(
                "W_O is missing: the merged heads still need the output's projection",
                variant(finish=lambda merged, w: merged),
            ),
            Mistake(
                "the output's projection is applied transposed",
                variant(finish=output_transposed),
            ),
            Mistake(
                "the heads are averaged on the way out: W_O adds what they contribute, without dividing by H",
                variant(finish=heads_averaged),
            ),
            Mistake(
                "the query is added to the output: that belongs to the encoder's layer, not to this one",
                variant(residual=True),
            ),
            Mistake(
                "the heads are merged without swapping axes first, so that words mix: use merge_heads",
                variant(merge=glue((0, 1, 2, 3), lambda B, H, T, K: (B, T, H * K))),
            ),
            Mistake(
                "the heads are merged column by column, not head by head: use merge_heads",
                variant(merge=glue((0, 2, 3, 1), lambda B, H, T, K: (B, T, H * K))),
            ),
            Mistake(
                "the heads are merged in reverse order: W_O's first rows belong to head 0",
                variant(merge=lambda x: merge_heads(x[:, ::-1])),
            ),
            Mistake(
                "q, k, v are reshaped straight to (B, H, T, K), so that words mix: use split_heads",
                variant(split=cut((0, 1, 2, 3), lambda B, T, H, K: (B, H, T, K))),
            ),
            Mistake(
                "q, k, v are cut into every H-th column, not into strips: use split_heads",
                variant(split=cut((0, 3, 1, 2), lambda B, T, H, K: (B, T, K, H))),
            ),
            Mistake(
                "q, k, v are split into `key_dim` heads: there are `num_heads` of them",
                variant(split=lambda x, num_heads: split_heads(x, x.shape[-1] // num_heads)),
            ),
            Mistake(
                "q, k, v and the merge all lack the swap of axes: each head sees only a piece of the sentence",
                variant(
                    split=cut((0, 1, 2, 3), lambda B, T, H, K: (B, H, T, K)),
                    merge=glue((0, 1, 2, 3), lambda B, H, T, K: (B, T, H * K)),
                ),
            ),
            Mistake(
                "within each word the heads attend to one another: bring them before the words, (B, H, T, K)",
                variant(
                    split=lambda x, num_heads: x.reshape(*x.shape[:2], num_heads, -1),
                    merge=lambda x: x.reshape(*x.shape[:2], -1),
                ),
            ),
            Mistake(
                "one wide head: q, k, v were not split, so a single softmax serves all",
                variant(attend=one_head),
            ),
            Mistake(
                "one wide head: q, k, v were not split, so a single softmax serves all",
                variant(attend=one_head, scale=lambda w, query: math.sqrt(w.num_heads * w.key_dim)),
            ),
            Mistake(
                "query and key are swapped: rows of the scores belong to the query's words",
                variant(attend=crossed),
            ),
            Mistake(
                "the softmax runs over the queries: each query's weights over the S keys sum to one, axis=-1",
                variant(weigh=functools.partial(hidden, axis=-2)),
            ),
            Mistake(
                "the softmax runs over the heads: each head has a softmax of its own, over the S keys, axis=-1",
                variant(weigh=functools.partial(hidden, axis=1)),
            ),
            Mistake("the softmax is missing", variant(weigh=lambda scores, mask: scores)),
            Mistake(
                "the keys' projection is summed: v is the value, projected with self.value_weights",
                variant(used=weights_of("query", "key", "key")),
            ),
            Mistake(
                "the keys are projected with the query's weights",
                variant(used=weights_of("query", "query", "value")),
            ),
            Mistake(
                "the queries are projected with the key's weights",
                variant(used=weights_of("key", "key", "value")),
            ),
            Mistake(
                "the keys are projected with the value's weights",
                variant(used=weights_of("query", "value", "value")),
            ),
            Mistake(
                "keys and values have exchanged their weights",
                variant(used=weights_of("query", "value", "key")),
            ),
            Mistake(
                "without a key the query is taken for it: the value is",
                variant(inputs=lambda query, value, key: (query, value, query if key is None else key)),
            ),
            Mistake(
                "everything is made from the query: keys and values come from the other sequence",
                variant(inputs=lambda query, value, key: (query, query, query)),
            ),
            Mistake(
                "everything is made from the value: the queries come from the query",
                variant(inputs=lambda query, value, key: (value, value, value)),
            ),
            Mistake(
                "the values are made from the query: they come from the other sequence",
                variant(inputs=lambda query, value, key: (query, query, value if key is None else key)),
            ),
            Mistake(
                "query and value have changed places: the query asks, the value is summed",
                variant(inputs=lambda query, value, key: (value, query, query if key is None else key)),
            ),
            Mistake(
                "the key is ignored: use the value only where no key is given",
                variant(inputs=lambda query, value, key: (query, value, value)),
            ),
            Mistake(
                "the key serves as value too: keys are compared, values are summed",
                variant(
                    inputs=lambda query, value, key: (
                        query,
                        value if key is None else key,
                        value if key is None else key,
                    )
                ),
            ),  # fmt: skip
            Mistake(
                "key and value have changed places: the order is query, value, key",
                variant(inputs=lambda query, value, key: (query, value, value) if key is None else (query, key, value)),
            ),
            Mistake("all three biases of q, k, v are forgotten", variant(used=without_bias("query", "key", "value"))),
            Mistake("the query's bias is forgotten", variant(used=without_bias("query"))),
            Mistake("the query's bias is forgotten", variant(used=without_bias("query", "key"))),
            Mistake("the value's bias is forgotten", variant(used=without_bias("value"))),
            Mistake("the output's bias is forgotten", variant(finish=output_without_bias)),
            Mistake(
                "all biases are forgotten",
                variant(used=without_bias("query", "key", "value"), finish=output_without_bias),
            ),
            Mistake("the mask is ignored: hand it on to the attention", variant(weigh=lambda s, mask: softmax_of(s))),
            Mistake(
                "the mask is turned around: True = may attend",
                variant(weigh=masked_by(lambda s, m: softmax_of(s - 1e9 * m))),
            ),
            Mistake(
                "the mask is multiplied into the scores: a score of 0 still gets a weight; hide it below all others",
                variant(weigh=masked_by(lambda s, m: softmax_of(s * m))),
            ),
            Mistake(
                "the mask is multiplied into the weights after the softmax: they no longer sum to one",
                variant(weigh=masked_by(lambda s, m: softmax_of(s) * m)),
            ),
            Mistake(
                "the mask is added to the scores as 0 and 1: hide a score by a very large negative number",
                variant(weigh=masked_by(lambda s, m: softmax_of(s + m))),
            ),
            Mistake(
                "masked scores become large positive: the sign of the mask's number is wrong",
                variant(weigh=masked_by(lambda s, m: softmax_of(s + (1 - m) * 1e9))),
            ),
            Mistake(
                "the mask's last two axes are swapped: rows are queries, columns are keys",
                variant(weigh=mask_changed(lambda mask: mask.swapaxes(-2, -1))),
            ),
            Mistake(
                "a mask (B, T, S) is laid over the heads instead of the sentences: give it an axis for the heads, at 1",
                variant(weigh=over_the_heads),
            ),
            Mistake(
                "the first head's mask is used for all heads",
                variant(weigh=mask_changed(lambda m: m[:, :1] if m.ndim == 4 else m)),
            ),
            Mistake(
                "the first sentence's mask is used for all sentences",
                variant(weigh=mask_changed(lambda m: m[:1] if m.ndim > 2 else m)),
            ),
            Mistake(
                "a pair came back although the scores were not asked for: look at return_attention_scores",
                variant(result=lambda output, scores, asked: (output, scores)),
            ),
            Mistake(
                "the scores came back instead of the output",
                variant(result=lambda output, scores, asked: scores),
            ),
            Mistake(
                "only the output came back although the scores were asked for: look at return_attention_scores",
                variant(result=lambda output, scores, asked: output),
            ),
            Mistake(
                "the order is (output, scores): here they are swapped",
                variant(result=lambda output, scores, asked: (scores, output) if asked else output),
            ),
            Mistake(
                "the scores are averaged over the heads: give back one (T, S) for each head",
                variant(result=lambda o, scores, asked: (o, scores.mean(axis=1)) if asked else o),
            ),
            Mistake(
                "the scores are summed over the heads: give back one (T, S) for each head",
                variant(result=lambda o, scores, asked: (o, scores.sum(axis=1)) if asked else o),
            ),
            Mistake(
                "only the first head's scores came back: give back all H of them",
                variant(result=lambda o, scores, asked: (o, scores[:, 0]) if asked else o),
            ),
            Mistake(
                "the scores' last two axes are swapped: (B, H, T, S), rows are queries",
                variant(result=lambda o, scores, asked: (o, scores.swapaxes(-2, -1)) if asked else o),
            ),
            Mistake(
                "the scores' heads stand behind the words: their shape is (B, H, T, S)",
                variant(result=lambda o, scores, asked: (o, scores.swapaxes(1, 2)) if asked else o),
            ),
            Mistake(
                "these scores are from before the softmax: the weights are asked for",
                variant(attend=before_the_softmax(lambda q: math.sqrt(q.shape[-1]))),
            ),
            Mistake(
                "these scores are from before the softmax: the weights are asked for",
                variant(attend=before_the_softmax(lambda q: 1.0)),
            ),
            Mistake("dropout is never applied: self.dropout_layer takes the weights", variant(attend=never_dropped)),
            Mistake(
                "dropout acts outside training too: hand `training` on to it", variant(train=lambda training: True)
            ),
            Mistake(
                "dropout acts on what the heads give, after the sum over the values: it belongs on the weights",
                variant(attend=output_dropped),
            ),
            Mistake("dropout acts on the values: it belongs on the weights", variant(attend=values_dropped)),
            Mistake(
                "dropout acts before the softmax: it belongs on the weights that come out of it",
                variant(attend=scores_dropped),
            ),
            Mistake(
                "dropout acts before the softmax: it belongs on the weights that come out of it",
                variant(attend=functools.partial(scores_dropped, returned=False)),
            ),
            Mistake(
                "the scores that come back are those after dropout: give back the ones from before",
                variant(attend=dropped_returned),
            ),
            Mistake(
                "the rate says how many to drop, here it is how many to keep",
                variant(lost=lambda rng, rate, x: lost_by_chance(rng, 1 - rate, x)),
            ),
            Mistake(
                "the weights that stay must grow by 1/(1 - rate), so that the expected sum stays: self.dropout_layer "
                "does both",
                variant(lost=without_scaling_up),
            ),
        ),
        hints=(
            "Six steps: choose the key, project three times, split three times, attend, merge, project once more. "
            "Every step is a function that you already have.",
            "split_heads(project(query, self.query_weights), self.num_heads) gives q, (B, H, T, K); k and v "
            "likewise. scaled_dot_product_attention takes four axes and every mask.",
            "Dropout comes after the softmax: where self.dropout is set, self.dropout_layer(scores, training=training) "
            "replaces the weights in the sum over v. The scores given back stay as they were.",
        ),
    )
)
