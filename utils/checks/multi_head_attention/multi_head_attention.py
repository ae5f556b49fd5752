"""The exercise MultiHeadAttention: what must hold, and what each mistake looks like."""

import functools
import math

import keras
import numpy as np
from keras import ops

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.inputs import normal, random_mask
from utils.checks.multi_head_attention.shared import cut, glue
from utils.layers.attention import MultiHeadAttention, merge_heads, project, split_heads
from utils.layers.masks import fit_mask


@functools.lru_cache(maxsize=64)
def _library_layer(*shapes, **arguments):
    """The library's layer, built once for all who only borrow it."""
    layer = MultiHeadAttention(**arguments)
    layer.build(*shapes)
    return layer


def _built(answer, inputs, **arguments):
    """A layer of the answer's class, built for these inputs."""
    shapes = [x.shape for x in inputs if x is not None]
    if answer is MultiHeadAttention:
        return _library_layer(*shapes, **arguments)
    layer = answer(**arguments)
    layer.build(*shapes)
    return layer


def _made(answer, query, value, key, seed, **arguments):
    """A layer of the answer's class, with weights drawn from a seed: biases too, and none of them small."""
    layer = _built(answer, (query, value, key), **arguments)
    rng = np.random.default_rng(seed)
    layer.set_weights([normal(rng, *w.shape) * (0.8 if w.ndim == 3 else 1.0) for w in layer.get_weights()])
    return layer


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
        0.3 * normal(rng, width, H_DROP, 4),
        0.3 * normal(rng, 3, H_DROP, 4),
        np.tile(np.eye(S_DROP, dtype="float32"), (1, 2 * H_DROP)).reshape(S_DROP, H_DROP, 2 * S_DROP),
        np.eye(width, dtype="float32").reshape(H_DROP, 2 * S_DROP, width),
    ]
    layer = _dropout_layer(MultiHeadAttention, (query, value, key), weights, 0.0)
    return (query, value, key), weights, ops.convert_to_numpy(layer(query, value, key, return_attention_scores=True)[1])


def _dropout_layer(answer, inputs, weights, rate):
    arguments = {"num_heads": H_DROP, "key_dim": 4, "value_dim": 2 * S_DROP, "dropout": rate, "use_bias": False}
    layer = _built(answer, inputs, **arguments)
    layer.set_weights(weights)
    return layer


def _dropped(answer, rate, training, seed):
    """What dropout did, in words: (to the output, to the scores that came back)."""
    inputs, weights, expected = _dropout_inputs(seed)
    layer = _dropout_layer(answer, inputs, weights, rate)
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


def _inputs(query, value, key):
    return query, value, value if key is None else key


def _kernels(layer):
    return layer.query_weights, layer.key_weights, layer.value_weights


def _without_bias(*names):
    def kernels(layer):
        named = zip(("query", "key", "value"), _kernels(layer), strict=True)
        return [(kernel, None if name in names else bias) for name, (kernel, bias) in named]

    return kernels


def _hide(scores, mask):
    """The weights, with masked scores hidden; also where the heads' axis is another."""
    if mask is None:
        return ops.softmax(scores, axis=-1)
    mask = fit_mask(mask, scores.shape)
    return ops.softmax(ops.where(mask, scores, -1e9), axis=-1)


def _softmax(axis):
    def weigh(scores, mask):
        mask = True if mask is None else fit_mask(mask, scores.shape)
        return ops.softmax(ops.where(mask, scores, -1e9), axis=axis)

    return weigh


def _masked_by(change):
    """Weights whose mask is used as `change` says: (scores, mask as floats) -> weights."""

    def weigh(scores, mask):
        if mask is None:
            return ops.softmax(scores, axis=-1)
        return change(scores, ops.cast(fit_mask(mask, scores.shape), scores.dtype))

    return weigh


def _mask_changed(change):
    """Weights under a mask that `change` has turned into another."""

    def weigh(scores, mask):
        mask = None if mask is None else change(ops.convert_to_tensor(mask))
        return _hide(scores, mask)

    return weigh


def _softmaxed(scores):
    return ops.softmax(scores, axis=-1)


def _after_softmax(scores, mask, renormalise=False):
    weights = _softmaxed(scores) * mask
    return weights / ops.sum(weights, axis=-1, keepdims=True) if renormalise else weights


def _apply_output(heads, layer, merge):
    return project(merge(heads), layer.output_weights)


def _drop_weights(layer, q, k, v, weigh, training):
    weights = weigh(q, k)
    return ops.matmul(layer.dropout_layer(weights, training=training), v), weights


def _variant(
    inputs=_inputs,
    kernels=_kernels,
    split=split_heads,
    scale=lambda layer, query: math.sqrt(layer.key_dim),
    weigh=_hide,
    attend=_drop_weights,
    merge=merge_heads,
    finish=_apply_output,
    result=lambda output, scores, asked: (output, scores) if asked else output,
    crossed=False,
    residual=False,
):
    """What is used like the library's class, with another `call`, in which one of the steps may be a wrong one.

    It borrows a layer that is built once, so that many can be tried on a failed answer in little time.
    """

    class Variant:
        def __init__(self, **arguments):
            self.arguments = arguments

        def build(self, *shapes):
            self.layer = _library_layer(*shapes, **self.arguments)
            self.get_weights, self.set_weights = self.layer.get_weights, self.layer.set_weights

        def __call__(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
            layer, (query, value, key) = self.layer, inputs(query, value, key)
            three = zip((query, key, value), kernels(layer), strict=True)
            q, k, v = (split(project(x, w), layer.num_heads) for x, w in three)
            if crossed:
                q, k = k, q

            def weights(q, k):
                scores = ops.matmul(q, ops.swapaxes(k, -2, -1)) / scale(layer, query)
                return weigh(scores, attention_mask)

            heads, scores = attend(layer, q, k, v, weights, training)
            output = finish(heads, layer, merge)
            return result(output + query if residual else output, scores, return_attention_scores)

    return Variant


def _np_like(split_or_merge):
    """A NumPy function of an exercise above, for tensors."""
    return lambda x, *rest: ops.convert_to_tensor(split_or_merge(ops.convert_to_numpy(x), *rest))


def _words_first(x, num_heads):
    return ops.reshape(x, (-1, x.shape[1], num_heads, x.shape[2] // num_heads))


def _into_key_dim_heads(x, num_heads):
    return split_heads(x, x.shape[-1] // num_heads)


def _one_head(layer, q, k, v, weigh, training):
    """No split: one softmax over the whole width, √ of which is the scale."""
    q, k, v = (ops.expand_dims(merge_heads(x), 1) for x in (q, k, v))
    weights = weigh(q, k)
    return split_heads(ops.matmul(weights, v)[:, 0], layer.num_heads), weights[:, 0]


def _output_dropped(layer, q, k, v, weigh, training):
    weights = weigh(q, k)
    return layer.dropout_layer(ops.matmul(weights, v), training=training), weights


def _values_dropped(layer, q, k, v, weigh, training):
    weights = weigh(q, k)
    return ops.matmul(weights, layer.dropout_layer(v, training=training)), weights


def _scores_dropped(layer, q, k, v, weigh, training, returned=True):
    weights = weigh(layer.dropout_layer(q, training=training), k)
    return ops.matmul(weights, v), weights if returned else weigh(q, k)


def _never_dropped(layer, q, k, v, weigh, training):
    weights = weigh(q, k)
    return ops.matmul(weights, v), weights


def _always_dropped(layer, q, k, v, weigh, training):
    return _drop_weights(layer, q, k, v, weigh, True)


def _dropped_returned(layer, q, k, v, weigh, training):
    weights = layer.dropout_layer(weigh(q, k), training=training)
    return ops.matmul(weights, v), weights


def _keep_rate(layer, q, k, v, weigh, training):
    weights = weigh(q, k)
    kept = keras.random.dropout(weights, 1 - layer.dropout, seed=5) if training and layer.dropout else weights
    return ops.matmul(kept, v), weights


def _not_scaled_up(layer, q, k, v, weigh, training):
    weights = weigh(q, k)
    kept = layer.dropout_layer(weights, training=training) * (1 - layer.dropout if training else 1)
    return ops.matmul(kept, v), weights


def _weights_of(*names):
    """The projections of query, key, value made with the named weights instead."""
    return lambda layer: [getattr(layer, f"{name}_weights") for name in names]


def _no_output(heads, layer, merge):
    return merge(heads)


def _output_transposed(heads, layer, merge):
    kernel, bias = layer.output_weights
    matrix = ops.reshape(kernel, (-1, kernel.shape[-1]))
    output = ops.matmul(merge(heads), ops.transpose(matrix))
    return output if bias is None else output + bias


def _output_without_bias(heads, layer, merge):
    return project(merge(heads), (layer.output_weights[0], None))


def _heads_averaged(heads, layer, merge):
    kernel, bias = layer.output_weights
    output = project(merge(heads), (kernel, None)) / layer.num_heads
    return output if bias is None else output + bias


register(
    Exercise(
        name="MultiHeadAttention",
        notebook="05_multi_head_attention",
        reference=MultiHeadAttention,
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
            Mistake("the scores are not scaled: divide q·k by √K", _variant(scale=lambda layer, query: 1.0)),
            Mistake(
                "scaled by the root of the model's width D: each head has K columns, so divide by √K",
                _variant(scale=lambda layer, query: math.sqrt(query.shape[-1])),
            ),
            Mistake(
                "scaled by the root of all heads' width H·K: one head's dot product runs over K columns",
                _variant(scale=lambda layer, query: math.sqrt(layer.num_heads * layer.key_dim)),
            ),
            Mistake(
                "divided by K: either the root is missing, or √K is divided out twice",
                _variant(scale=lambda layer, query: layer.key_dim),
            ),
            Mistake(
                "multiplied by √K where it should be divided",
                _variant(scale=lambda layer, query: 1 / math.sqrt(layer.key_dim)),
            ),
            Mistake(
                "divided by √H, the number of heads: it is √K, the width of a head",
                _variant(scale=lambda layer, query: math.sqrt(layer.num_heads)),
            ),
            Mistake(
                "scaled by the root of `value_dim`: the dot product runs over the K columns of q and k",
                _variant(scale=lambda layer, query: math.sqrt(layer.value_dim)),
            ),
            Mistake(
                "scaled by the root of the sentence's length: it is √K, the width of a head",
                _variant(scale=lambda layer, query: math.sqrt(query.shape[1])),
            ),
            Mistake("W_O is missing: the merged heads still need the output's projection", _variant(finish=_no_output)),
            Mistake(
                "the output's projection is applied transposed",
                _variant(finish=_output_transposed),
            ),
            Mistake(
                "the heads are averaged on the way out: W_O adds what they contribute, without dividing by H",
                _variant(finish=_heads_averaged),
            ),
            Mistake(
                "the query is added to the output: that belongs to the encoder's layer, not to this one",
                _variant(residual=True),
            ),
            Mistake(
                "the heads are merged without swapping axes first, so that words mix: use merge_heads",
                _variant(merge=_np_like(glue((0, 1, 2, 3), lambda B, H, T, K: (B, T, H * K)))),
            ),
            Mistake(
                "the heads are merged column by column, not head by head: use merge_heads",
                _variant(merge=_np_like(glue((0, 2, 3, 1), lambda B, H, T, K: (B, T, H * K)))),
            ),
            Mistake(
                "the heads are merged in reverse order: W_O's first rows belong to head 0",
                _variant(merge=lambda x: merge_heads(ops.flip(x, axis=1))),
            ),
            Mistake(
                "q, k, v are reshaped straight to (B, H, T, K), so that words mix: use split_heads",
                _variant(split=_np_like(cut((0, 1, 2, 3), lambda B, T, H, K: (B, H, T, K)))),
            ),
            Mistake(
                "q, k, v are cut into every H-th column, not into strips: use split_heads",
                _variant(split=_np_like(cut((0, 3, 1, 2), lambda B, T, H, K: (B, T, K, H)))),
            ),
            Mistake(
                "q, k, v are split into `key_dim` heads: there are `num_heads` of them",
                _variant(split=_into_key_dim_heads),
            ),
            Mistake(
                "q, k, v and the merge all lack the swap of axes: each head sees only a piece of the sentence",
                _variant(
                    split=_np_like(cut((0, 1, 2, 3), lambda B, T, H, K: (B, H, T, K))),
                    merge=_np_like(glue((0, 1, 2, 3), lambda B, H, T, K: (B, T, H * K))),
                ),
            ),
            Mistake(
                "within each word the heads attend to one another: bring them before the words, (B, H, T, K)",
                _variant(
                    split=_words_first,
                    merge=lambda x: ops.reshape(x, (-1, x.shape[1], x.shape[2] * x.shape[3])),
                ),
            ),
            Mistake(
                "one wide head: q, k, v were not split, so a single softmax serves all",
                _variant(attend=_one_head),
            ),
            Mistake(
                "one wide head: q, k, v were not split, so a single softmax serves all",
                _variant(attend=_one_head, scale=lambda layer, query: math.sqrt(layer.num_heads * layer.key_dim)),
            ),
            Mistake(
                "query and key are swapped: rows of the scores belong to the query's words",
                _variant(crossed=True),
            ),
            Mistake(
                "the softmax runs over the queries: each query's weights over the S keys sum to one, axis=-1",
                _variant(weigh=_softmax(-2)),
            ),
            Mistake(
                "the softmax runs over the heads: each head has a softmax of its own, over the S keys, axis=-1",
                _variant(weigh=_softmax(1)),
            ),
            Mistake("the softmax is missing", _variant(weigh=lambda scores, mask: scores)),
            Mistake(
                "the keys' projection is summed: v is the value, projected with self.value_weights",
                _variant(kernels=_weights_of("query", "key", "key")),
            ),
            Mistake(
                "the keys are projected with the query's weights",
                _variant(kernels=_weights_of("query", "query", "value")),
            ),
            Mistake(
                "the queries are projected with the key's weights",
                _variant(kernels=_weights_of("key", "key", "value")),
            ),
            Mistake(
                "the keys are projected with the value's weights",
                _variant(kernels=_weights_of("query", "value", "value")),
            ),
            Mistake(
                "keys and values have exchanged their weights",
                _variant(kernels=_weights_of("query", "value", "key")),
            ),
            Mistake(
                "without a key the query is taken for it: the value is",
                _variant(inputs=lambda query, value, key: (query, value, query if key is None else key)),
            ),
            Mistake(
                "everything is made from the query: keys and values come from the other sequence",
                _variant(inputs=lambda query, value, key: (query, query, query)),
            ),
            Mistake(
                "everything is made from the value: the queries come from the query",
                _variant(inputs=lambda query, value, key: (value, value, value)),
            ),
            Mistake(
                "the values are made from the query: they come from the other sequence",
                _variant(inputs=lambda query, value, key: (query, query, value if key is None else key)),
            ),
            Mistake(
                "query and value have changed places: the query asks, the value is summed",
                _variant(inputs=lambda query, value, key: (value, query, query if key is None else key)),
            ),
            Mistake(
                "the key is ignored: use the value only where no key is given",
                _variant(inputs=lambda query, value, key: (query, value, value)),
            ),
            Mistake(
                "the key serves as value too: keys are compared, values are summed",
                _variant(
                    inputs=lambda query, value, key: (
                        query,
                        value if key is None else key,
                        value if key is None else key,
                    )
                ),
            ),  # fmt: skip
            Mistake(
                "key and value have changed places: the order is query, value, key",
                _variant(
                    inputs=lambda query, value, key: (query, value, value) if key is None else (query, key, value)
                ),
            ),
            Mistake(
                "all three biases of q, k, v are forgotten", _variant(kernels=_without_bias("query", "key", "value"))
            ),
            Mistake("the query's bias is forgotten", _variant(kernels=_without_bias("query"))),
            Mistake("the query's bias is forgotten", _variant(kernels=_without_bias("query", "key"))),
            Mistake("the value's bias is forgotten", _variant(kernels=_without_bias("value"))),
            Mistake("the output's bias is forgotten", _variant(finish=_output_without_bias)),
            Mistake(
                "all biases are forgotten",
                _variant(kernels=_without_bias("query", "key", "value"), finish=_output_without_bias),
            ),
            Mistake("the mask is ignored: hand it on to the attention", _variant(weigh=lambda s, mask: _softmaxed(s))),
            Mistake(
                "the mask is turned around: True = may attend",
                _variant(weigh=_masked_by(lambda s, m: _softmaxed(s - 1e9 * m))),
            ),
            Mistake(
                "the mask is multiplied into the scores: a score of 0 still gets a weight; hide it below all others",
                _variant(weigh=_masked_by(lambda s, m: _softmaxed(s * m))),
            ),
            Mistake(
                "the mask is multiplied into the weights after the softmax: they no longer sum to one",
                _variant(weigh=_masked_by(_after_softmax)),
            ),
            Mistake(
                "the mask is added to the scores as 0 and 1: hide a score by a very large negative number",
                _variant(weigh=_masked_by(lambda s, m: _softmaxed(s + m))),
            ),
            Mistake(
                "masked scores become large positive: the sign of the mask's number is wrong",
                _variant(weigh=_masked_by(lambda s, m: _softmaxed(s + (1 - m) * 1e9))),
            ),
            Mistake(
                "the mask's last two axes are swapped: rows are queries, columns are keys",
                _variant(weigh=_mask_changed(lambda mask: ops.swapaxes(mask, -2, -1))),
            ),
            Mistake(
                "a mask (B, T, S) is laid over the heads instead of the sentences: give it an axis for the heads, at 1",
                _variant(weigh=lambda s, mask: _softmaxed(s if mask is None else ops.where(mask, s, -1e9))),
            ),
            Mistake(
                "the first head's mask is used for all heads",
                _variant(weigh=_mask_changed(lambda m: m[:, :1] if len(m.shape) == 4 else m)),
            ),
            Mistake(
                "the first sentence's mask is used for all sentences",
                _variant(weigh=_mask_changed(lambda m: m[:1] if len(m.shape) > 2 else m)),
            ),
            Mistake(
                "a pair came back although the scores were not asked for: look at return_attention_scores",
                _variant(result=lambda output, scores, asked: (output, scores)),
            ),
            Mistake(
                "the scores came back instead of the output",
                _variant(result=lambda output, scores, asked: scores),
            ),
            Mistake(
                "only the output came back although the scores were asked for: look at return_attention_scores",
                _variant(result=lambda output, scores, asked: output),
            ),
            Mistake(
                "the order is (output, scores): here they are swapped",
                _variant(result=lambda output, scores, asked: (scores, output) if asked else output),
            ),
            Mistake(
                "the scores are averaged over the heads: give back one (T, S) for each head",
                _variant(result=lambda o, scores, asked: (o, ops.mean(scores, axis=1)) if asked else o),
            ),
            Mistake(
                "the scores are summed over the heads: give back one (T, S) for each head",
                _variant(result=lambda o, scores, asked: (o, ops.sum(scores, axis=1)) if asked else o),
            ),
            Mistake(
                "only the first head's scores came back: give back all H of them",
                _variant(result=lambda o, scores, asked: (o, scores[:, 0]) if asked else o),
            ),
            Mistake(
                "the scores' last two axes are swapped: (B, H, T, S), rows are queries",
                _variant(result=lambda o, scores, asked: (o, ops.swapaxes(scores, -2, -1)) if asked else o),
            ),
            Mistake(
                "the scores' heads stand behind the words: their shape is (B, H, T, S)",
                _variant(result=lambda o, scores, asked: (o, ops.swapaxes(scores, 1, 2)) if asked else o),
            ),
            Mistake(
                "these scores are from before the softmax: the weights are asked for",
                _variant(
                    attend=lambda layer, q, k, v, weigh, training: (
                        ops.matmul(weigh(q, k), v),
                        ops.matmul(q, ops.swapaxes(k, -2, -1)) / math.sqrt(layer.key_dim),
                    )
                ),
            ),
            Mistake(
                "these scores are from before the softmax: the weights are asked for",
                _variant(
                    attend=lambda layer, q, k, v, weigh, training: (
                        ops.matmul(weigh(q, k), v),
                        ops.matmul(q, ops.swapaxes(k, -2, -1)),
                    )
                ),
            ),
            Mistake("dropout is never applied: self.dropout_layer takes the weights", _variant(attend=_never_dropped)),
            Mistake("dropout acts outside training too: hand `training` on to it", _variant(attend=_always_dropped)),
            Mistake(
                "dropout acts on what the heads give, after the sum over the values: it belongs on the weights",
                _variant(attend=_output_dropped),
            ),
            Mistake("dropout acts on the values: it belongs on the weights", _variant(attend=_values_dropped)),
            Mistake(
                "dropout acts before the softmax: it belongs on the weights that come out of it",
                _variant(attend=_scores_dropped),
            ),
            Mistake(
                "dropout acts before the softmax: it belongs on the weights that come out of it",
                _variant(attend=functools.partial(_scores_dropped, returned=False)),
            ),
            Mistake(
                "the scores that come back are those after dropout: give back the ones from before",
                _variant(attend=_dropped_returned),
            ),
            Mistake("the rate says how many to drop, here it is how many to keep", _variant(attend=_keep_rate)),
            Mistake(
                "the weights that stay must grow by 1/(1 - rate), so that the expected sum stays: self.dropout_layer "
                "does both",
                _variant(attend=_not_scaled_up),
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
