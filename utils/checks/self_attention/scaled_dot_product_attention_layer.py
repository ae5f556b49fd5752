"""The exercise ScaledDotProductAttention: what must hold, and what each mistake looks like."""

import keras
import numpy as np
import tensorflow as tf

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.checks.inputs import normal
from utils.checks.self_attention.shared import root_of, some_cases
from utils.layers.attention import ScaledDotProductAttention, scaled_dot_product_attention


def _layer(call):
    """A layer class with this `call`."""
    return type("ScaledDotProductAttention", (keras.layers.Layer,), {"call": call})


def _wired(attend):
    """The layer with another wiring: attend(query, value, key, mask) -> (output, weights)."""

    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        result = attend(query, value, value if key is None else key, attention_mask)
        return result if return_attention_scores else result[0]

    return _layer(call)


def _always_both(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
    return scaled_dot_product_attention(query, value if key is None else key, value, attention_mask)


def _never_both(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
    return scaled_dot_product_attention(query, value if key is None else key, value, attention_mask)[0]


def _weights_alone(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
    return _always_both(self, query, value, key, attention_mask)[1 if return_attention_scores else 0]


def _query_for_key(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
    result = scaled_dot_product_attention(query, query if key is None else key, value, attention_mask)
    return result if return_attention_scores else result[0]


def _layer_cases(rng, *sizes, with_key=True, mask=False, **options):
    cases = []
    for B, T, S, K, Dv in sizes:
        query, value, key = normal(rng, B, T, K), normal(rng, B, S, Dv if with_key else K), normal(rng, B, S, K)
        masks = {"attention_mask": some_cases(rng, B, T, S)} if mask else {}
        cases.append(case(query, value, *([key] if with_key else []), **masks, **options))
    return cases


def _called(answer, *args, **kwargs):
    return answer()(*args, **kwargs)


def _gradient(layer, query, value, key):
    """Whether gradients reach the inputs, the output's and the weights'; compiled, as in training, with B unknown.

    And whether the layer does the same at its next call, with other inputs.
    """
    made, mask = layer(), np.arange(value.shape[1]) < np.arange(query.shape[1])[:, None] + 2

    def reaches(query, value, key, mask):
        with tf.GradientTape() as through_output, tf.GradientTape() as through_weights:
            through_output.watch((query, value, key))
            through_weights.watch((query, key))
            output = tf.convert_to_tensor(made(query, value, key))
            both = made(query, value, key, attention_mask=mask, return_attention_scores=True)
            weights = tf.convert_to_tensor(both[1])
        gradients = through_output.gradient(output, (query, value, key))
        return all(g is not None for g in (*gradients, *through_weights.gradient(weights, (query, key))))

    inputs = [tf.convert_to_tensor(x) for x in (query, value, key, np.tile(mask, (len(query), 1, 1)))]
    some = reaches(*inputs)
    if made.weights:
        return "it has weights"
    if not _as_before(made, layer(), query[:1, :2, :3], key[:1, 1:, :3]):
        return "something else at a later call"
    if not _as_before(made, lambda *given: made(*given, training=True), query[:1, :2, :3], key[:1, 1:, :3]):
        return "something else in training"
    unknown = [tf.TensorSpec((None, *x.shape[1:]), x.dtype) for x in inputs]
    try:
        tf.function(reaches, autograph=False).get_concrete_function(*unknown)
    except Exception:
        return "a gradient, but not compiled" if some else "no gradient"
    return "a gradient, compiled as well" if some else "no gradient, though it can be compiled"


def _as_before(made, new, query, value) -> bool:
    """Whether a layer that was called gives for other inputs what a new one gives."""
    expected = new(query, value)
    try:
        result = made(query, value)
    except Exception:
        return False
    return not isinstance(result, (tuple, list)) and np.allclose(result, expected, atol=1e-5)


def _none_in_training(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
    both = _always_both(self, query, value, key, attention_mask)
    output = 0 * both[0] if training else both[0]
    return (output, both[1]) if return_attention_scores else output


def _mask_kept(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
    self.mask = getattr(self, "mask", None) if attention_mask is None else attention_mask
    both = _always_both(self, query, value, key, self.mask)
    return both if return_attention_scores else both[0]


def _key_kept(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
    if not hasattr(self, "key"):
        self.key = value if key is None else key
    both = _always_both(self, query, value, self.key, attention_mask)
    return both if return_attention_scores else both[0]


def _wish_kept(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
    self.both = getattr(self, "both", False) or return_attention_scores
    both = _always_both(self, query, value, key, attention_mask)
    return both if self.both else both[0]


def _detached_weights(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
    output, weights = _always_both(self, query, value, key, attention_mask)
    return (output, keras.ops.stop_gradient(weights)) if return_attention_scores else output


class _WithWeights(keras.layers.Layer):
    """Has a scale to learn, as Keras' own has on demand."""

    def __init__(self):
        super().__init__()
        self.scale = self.add_weight(shape=(), initializer="ones")

    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        both = _always_both(self, self.scale * query, value, key, attention_mask)
        return both if return_attention_scores else both[0]


def _raw_scores(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
    key = value if key is None else key
    output, _ = scaled_dot_product_attention(query, key, value, attention_mask)
    scores = query @ keras.ops.swapaxes(key, -2, -1) / root_of(key.shape[-1])
    return (output, scores) if return_attention_scores else output


def _mask_where_key(given):
    """The mask arrives only where a key is given, or only where none is."""

    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        both = _always_both(self, query, value, key, attention_mask if (key is not None) == given else None)
        return both if return_attention_scores else both[0]

    return _layer(call)


def _mask_for_heads(query, value, key, mask):
    """As if every mask had a batch axis."""
    q, k, v = (keras.ops.expand_dims(x, 1) for x in (query, key, value))
    mask = None if mask is None else keras.ops.expand_dims(mask, 1)
    output, weights = scaled_dot_product_attention(q, k, v, mask)
    return output[:, 0], weights[:, 0]


def _held_back(*which):
    """Lets no gradient through to some of query, value and key."""

    def attend(*inputs):
        *inputs, mask = inputs
        q, v, k = (keras.ops.stop_gradient(x) if n in which else x for n, x in enumerate(inputs))
        return scaled_dot_product_attention(q, k, v, mask)

    return _wired(attend)


def _pair_in_any_case(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
    output, weights = _always_both(self, query, value, key, attention_mask)
    return output, weights if return_attention_scores else output


def _pair_swapped(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
    output, weights = _always_both(self, query, value, key, attention_mask)
    return (weights, output) if return_attention_scores else output


def _none_beside_it(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
    output, weights = _always_both(self, query, value, key, attention_mask)
    return output, weights if return_attention_scores else None


def _the_other_way_round(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
    result = _always_both(self, query, value, key, attention_mask)
    return result[0] if return_attention_scores else result


def _mask_with(asked_for):
    """The mask arrives only where the scores are asked for, or only where they are not."""

    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        mask = attention_mask if return_attention_scores == asked_for else None
        result = _always_both(self, query, value, key, mask)
        return result if return_attention_scores else result[0]

    return _layer(call)


def _for_each_sentence(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
    key = value if key is None else key
    masks = [None] * query.shape[0] if attention_mask is None else keras.ops.broadcast_to(
        attention_mask, (query.shape[0], query.shape[1], value.shape[1])
    )  # fmt: skip
    each = [scaled_dot_product_attention(query[b], key[b], value[b], masks[b]) for b in range(query.shape[0])]
    output, weights = (keras.ops.stack(parts) for parts in zip(*each, strict=True))
    return (output, weights) if return_attention_scores else output


def _in_numpy(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
    arrays = [keras.ops.convert_to_numpy(x) for x in (query, value if key is None else key, value)]
    both = [keras.ops.convert_to_numpy(x) for x in scaled_dot_product_attention(*arrays, attention_mask)]
    return (
        tuple(map(keras.ops.convert_to_tensor, both))
        if return_attention_scores
        else keras.ops.convert_to_tensor(both[0])
    )


register(
    Exercise(
        name="ScaledDotProductAttention",
        notebook="03_self_attention",
        reference=ScaledDotProductAttention,
        properties=(
            Property(
                "the output for query and value; without a key the value serves as one",
                1,
                lambda rng: _layer_cases(rng, (1, 3, 3, 2, 2), (2, 3, 5, 4, 4), with_key=False),
                run=_called,
            ),
            Property(
                "a key of its own: called with query, value, key",
                1,
                lambda rng: _layer_cases(rng, (1, 3, 3, 3, 3), (2, 3, 5, 4, 6)),
                run=_called,
            ),
            Property(
                "the mask arrives",
                1,
                lambda rng: [
                    *_layer_cases(rng, (1, 3, 3, 3, 3), (2, 3, 5, 4, 6), mask=True),
                    *_layer_cases(rng, (2, 3, 5, 4, 4), mask=True, with_key=False),
                    *(
                        case(*one.args, attention_mask=some_cases(rng, 3, 5))
                        for one in _layer_cases(rng, (2, 3, 5, 4, 6))
                    ),
                ],
                run=_called,
            ),
            Property(
                "output and weights where they are asked for",
                1,
                lambda rng: [
                    *_layer_cases(rng, (2, 3, 5, 4, 6), return_attention_scores=True),
                    *_layer_cases(rng, (2, 3, 5, 4, 4), return_attention_scores=True, with_key=False),
                    *_layer_cases(rng, (2, 3, 5, 4, 6), return_attention_scores=True, mask=True),
                ],
                run=_called,
            ),
            Property(
                "a gradient passes through output and weights, compiled as well, with B unknown; no weights to learn",
                1,
                lambda rng: _layer_cases(rng, (2, 3, 5, 4, 6)),
                run=_gradient,
            ),
        ),
        mistakes=(
            Mistake(
                "no gradient passes: NumPy is at work inside, here or in your function; a layer needs keras.ops",
                _layer(_in_numpy),
            ),
            Mistake(
                "it fails where a model is compiled: B is unknown, x.shape[0] is None; take all sentences at once",
                _layer(_for_each_sentence),
            ),
            Mistake("it has weights: nothing is to be learnt in this layer", _WithWeights),
            Mistake(
                "in training something else comes back: dropout comes in lesson 05, here none is asked for",
                _layer(_none_in_training),
            ),
            *(
                Mistake("something is kept from one call to the next (self.…): each call brings its own", _layer(call))
                for call in (_mask_kept, _key_kept, _wish_kept)
            ),
            *(
                Mistake(
                    "no gradient passes: something holds it back (stop_gradient?), to query, key or value",
                    _held_back(*which),
                )
                for which in ((0,), (1,), (2,), (0, 1, 2))
            ),
            Mistake(
                "no gradient passes: something holds it back (stop_gradient?), to query, key or value",
                _layer(_detached_weights),
            ),
            Mistake(
                "a pair comes back in any case: `a, b if c else d` is a pair (a, …). Put (output, weights) in brackets",
                _layer(_pair_in_any_case),
            ),
            Mistake(
                "a pair comes back in any case: `a, b if c else d` is a pair (a, …). Put (output, weights) in brackets",
                _layer(_none_beside_it),
            ),
            Mistake("it always returns both; without return_attention_scores the output alone", _layer(_always_both)),
            Mistake(
                "the wrong way round: return_attention_scores=False gives both, True the output alone",
                _layer(_the_other_way_round),
            ),
            Mistake("return_attention_scores=True asks for (output, weights)", _layer(_never_both)),
            Mistake(
                "return_attention_scores=True asks for (output, weights), not the weights alone", _layer(_weights_alone)
            ),
            Mistake(
                "key and value are swapped: the layer is called with query, value, key; the function takes q, k, v",
                _wired(lambda q, v, k, m: scaled_dot_product_attention(q, v, k, m)),
            ),
            Mistake(
                "the key is not used: it is the value's place only where no key is given",
                _wired(lambda q, v, k, m: scaled_dot_product_attention(q, v, v, m)),
            ),
            Mistake(
                "the key's place is taken by the query; where no key is given, the value takes it",
                _layer(_query_for_key),
            ),
            Mistake(
                "the query is asked, weighted and summed all by itself: value and key are not used",
                _wired(lambda q, v, k, m: scaled_dot_product_attention(q, q, q, m)),
            ),
            Mistake("query and key are swapped", _wired(lambda q, v, k, m: scaled_dot_product_attention(k, q, v, m))),
            Mistake("query and value are swapped", _wired(lambda q, v, k, m: scaled_dot_product_attention(v, k, q, m))),
            Mistake(
                "the keys are handed over; the values should be",
                _wired(lambda q, v, k, m: scaled_dot_product_attention(q, k, k, m)),
            ),
            Mistake(
                "the mask does not arrive: pass it on to the function",
                _wired(lambda q, v, k, m: scaled_dot_product_attention(q, k, v)),
            ),
            Mistake(
                "the mask arrives only without return_attention_scores: pass it on in both cases", _mask_with(False)
            ),
            Mistake("the mask arrives only with return_attention_scores: pass it on in both cases", _mask_with(True)),
            *(
                Mistake(
                    f"the mask arrives only where {where} key is given: pass it on in both cases", _mask_where_key(w)
                )
                for where, w in (("a", True), ("no", False))
            ),
            Mistake(
                "a mask (T, S) for all sentences does not fit: let your function fit it, it takes (T, S) and (B, T, S)",
                _wired(_mask_for_heads),
            ),
            Mistake(
                "raw scores come back where the weights belong: pass on what your function gives", _layer(_raw_scores)
            ),
            Mistake(
                "the mask is turned around: True = may attend",
                _wired(
                    lambda q, v, k, m: scaled_dot_product_attention(
                        q, k, v, None if m is None else keras.ops.logical_not(m)
                    )
                ),
            ),
            Mistake("the order is (output, weights): here they are swapped", _layer(_pair_swapped)),
            Mistake(
                "weights and output are swapped",
                _wired(lambda q, v, k, m: scaled_dot_product_attention(q, k, v, m)[::-1]),
            ),
            Mistake(
                "divided by √K twice: the function does it already",
                _wired(lambda q, v, k, m: scaled_dot_product_attention(q / root_of(q.shape[-1]), k, v, m)),
            ),
            Mistake(
                "not divided by √K: let your function do the work",
                _wired(lambda q, v, k, m: scaled_dot_product_attention(q * root_of(q.shape[-1]), k, v, m)),
            ),
        ),
        hints=(
            "Your function does the work. The layer only finds out what to give it, and what to give back.",
            "Where `key` is None, `value` takes its place. Mind the order: the layer has query, value, key, the "
            "function q, k, v.",
            "The function returns two things. Pass both on if return_attention_scores is True, the first one if not.",
        ),
    )
)
