"""Wrong answers to lesson 07. For each exercise: (answer, words that its diagnosis must hold)."""

import numpy as np
import tensorflow as tf
from keras import ops

from utils.layers import Decoder as GivenDecoder
from utils.layers import DecoderLayer as GivenLayer
from utils.layers import Transformer as GivenTransformer
from utils.layers import combine_masks, create_look_ahead_mask, create_padding_mask

SCORES = {"return_attention_scores": True}


def kept_the_last(token_ids, start_id):
    return tf.pad(token_ids, [[0, 0], [1, 0]], constant_values=start_id)


def start_in_place(token_ids, start_id):
    ids = np.array(token_ids)
    ids[:, 0] = start_id
    return ids


def shifted_left(token_ids, start_id):
    return np.concatenate([token_ids[:, 1:], np.full((len(token_ids), 1), start_id)], axis=1)


def start_behind(token_ids, start_id):
    return np.append(token_ids[:, :-1], np.full((len(token_ids), 1), start_id), axis=1)


def rolled(token_ids, start_id):
    return tf.roll(token_ids, shift=1, axis=1)


def rolled_without_axis(token_ids, start_id):
    ids = np.roll(token_ids, 1)
    ids[0, 0] = start_id
    return ids


def sentences_shifted(token_ids, start_id):
    return np.vstack([np.full((1, token_ids.shape[1]), start_id), token_ids[:-1]])


def only_dropped(token_ids, start_id):
    return token_ids[:, 0:-1]


def start_is_one(token_ids, start_id):
    return ops.concatenate([ops.ones_like(token_ids[:, :1]), token_ids[:, :-1]], axis=1)


def padding_in_front(token_ids, start_id):
    return np.pad(token_ids, [(0, 0), (1, 0)])[:, :-1]


def in_place(token_ids, start_id):
    token_ids[:, 1:] = token_ids[:, :-1].copy()
    token_ids[:, 0] = start_id
    return token_ids


def no_return(token_ids, start_id):
    np.concatenate([np.full((len(token_ids), 1), start_id), token_ids[:, :-1]], axis=1)


# The layer: written with the order of the paper, one line a step -------------------------------------------


def layer(call):
    """The lesson's class with this `call`."""
    return type(call.__name__, (GivenLayer,), {"call": call})


def looks(self, x, y, kind, mask, training):
    """(output after dropout, scores) of the layer's attention of that kind."""
    out, scores = getattr(self, f"{kind}_attention")(x, y, attention_mask=mask, training=training, **SCORES)
    return getattr(self, f"{kind}_dropout")(out, training=training), scores


def blocks(self, x, steps):
    """The three steps with residual and norm, as they should be."""
    scores = []
    norms = (self.self_norm, self.cross_norm, self.feed_forward_norm)
    for step, norm in zip(steps, norms, strict=True):
        y = step(norm(x) if self.norm == "pre" else x)
        y, s = y if isinstance(y, tuple) else (y, None)
        scores.append(s)
        x = x + y if self.norm == "pre" else norm(x + y)
    return x, *scores[:2]


def ended(results, asked):
    return results if asked else results[0]


def with_steps(first, second):
    """A `call` whose attentions are these two: (layer, x, encoder_output, masks, training) -> (output, scores)."""

    def call(self, x, encoder_output, self_attention_mask=None, cross_attention_mask=None, training=None,
             return_attention_scores=False):  # fmt: skip
        masks = self_attention_mask, cross_attention_mask
        steps = (
            lambda h: first(self, h, encoder_output, masks, training),
            lambda h: second(self, h, encoder_output, masks, training),
            lambda h: self.feed_forward(h, training=training),
        )
        return ended(blocks(self, x, steps), return_attention_scores)

    return call


def good_self(self, x, encoded, masks, training):
    return looks(self, x, x, "self", masks[0], training)


def good_cross(self, x, encoded, masks, training):
    return looks(self, x, encoded, "cross", masks[1], training)


def class_of(name, first=good_self, second=good_cross):
    call = with_steps(first, second)
    call.__name__ = name
    return layer(call)


target_twice = class_of("target_twice", second=lambda s, x, e, m, t: looks(s, x, x, "cross", m[1], t))
cross_reversed = class_of("cross_reversed", second=lambda s, x, e, m, t: looks(s, e, x, "cross", m[1], t))
source_looks_at_itself = class_of(
    "source_looks_at_itself", second=lambda s, x, e, m, t: looks(s, e, e, "cross", m[1], t)
)
source_first = class_of("source_first", first=lambda s, x, e, m, t: looks(s, x, e, "self", m[0], t))
one_attention_twice = class_of("one_attention_twice", second=lambda s, x, e, m, t: looks(s, x, e, "self", m[1], t))
sees_the_future = class_of("sees_the_future", first=lambda s, x, e, m, t: looks(s, x, x, "self", None, t))
sees_source_padding = class_of("sees_source_padding", second=lambda s, x, e, m, t: looks(s, x, e, "cross", None, t))
one_mask_for_both = class_of("one_mask_for_both", second=lambda s, x, e, m, t: looks(s, x, e, "cross", m[0], t))
masks_exchanged = class_of(
    "masks_exchanged",
    first=lambda s, x, e, m, t: looks(s, x, x, "self", m[1], t),
    second=lambda s, x, e, m, t: looks(s, x, e, "cross", m[0], t),
)
no_masks = class_of(
    "no_masks",
    first=lambda s, x, e, m, t: looks(s, x, x, "self", None, t),
    second=lambda s, x, e, m, t: looks(s, x, e, "cross", None, t),
)
masks_inverted = class_of(
    "masks_inverted",
    first=lambda s, x, e, m, t: looks(s, x, x, "self", None if m[0] is None else ~m[0], t),
    second=lambda s, x, e, m, t: looks(s, x, e, "cross", None if m[1] is None else ~m[1], t),
)


def post(self, x, encoded, masks, training, residuals=(1, 1, 1), norms=None, order="scf", inner=False):
    """The layer as the paper has it, with knobs: which residuals there are, which norms, in what order."""
    names = {"s": "self", "c": "cross", "f": "feed_forward"}
    norms, scores = norms or {}, {}
    for letter, keep in zip(order, residuals, strict=True):
        if letter == "f":
            y = self.feed_forward(x, training=training)
        else:
            mask = masks["sc".index(letter)]
            y, scores[letter] = looks(self, x, x if letter == "s" else encoded, names[letter], mask, training)
        norm = norms.get(letter, getattr(self, f"{names[letter]}_norm"))
        norm = norm or (lambda z: z)
        x = (x if keep else 0) + norm(y) if inner else norm(x + y if keep else y)
    return x, scores.get("s"), scores.get("c")


def paper(name, **knobs):
    def call(self, x, encoder_output, self_attention_mask=None, cross_attention_mask=None, training=None,
             return_attention_scores=False):  # fmt: skip
        masks = self_attention_mask, cross_attention_mask
        chosen = {k: (v(self) if callable(v) else v) for k, v in knobs.items()}
        return ended(post(self, tf.convert_to_tensor(x), encoder_output, masks, training, **chosen),
                     return_attention_scores)  # fmt: skip

    call.__name__ = name
    return layer(call)


no_residuals = paper("no_residuals", residuals=(0, 0, 0))
no_cross_residual = paper("no_cross_residual", residuals=(1, 0, 1))
no_feed_forward_residual = paper("no_feed_forward_residual", residuals=(1, 1, 0))
norm_before_sum = paper("norm_before_sum", inner=True)
one_norm_for_all = paper("one_norm_for_all", norms=lambda s: dict.fromkeys("scf", s.self_norm))
no_norms = paper("no_norms", norms=lambda s: dict.fromkeys("scf", 0))
no_last_norm = paper("no_last_norm", norms={"f": 0})
no_cross_norm = paper("no_cross_norm", norms={"c": 0})
cross_first = paper("cross_first", order="csf")
feed_forward_in_the_middle = paper("feed_forward_in_the_middle", order="sfc")
forgot_feed_forward = paper("forgot_feed_forward", order="sc", residuals=(1, 1))
an_encoder_layer = paper("an_encoder_layer", order="sf", residuals=(1, 1))
always_post = paper("always_post")


@layer
def residual_from_the_start(self, x, encoder_output, self_attention_mask=None, cross_attention_mask=None,
                            training=None, return_attention_scores=False):  # fmt: skip
    attn1, s1 = looks(self, x, x, "self", self_attention_mask, training)
    out1 = self.self_norm(attn1 + x)
    attn2, s2 = looks(self, out1, encoder_output, "cross", cross_attention_mask, training)
    out2 = self.cross_norm(attn2 + x)
    out3 = self.feed_forward_norm(self.feed_forward(out2, training=training) + x)
    return (out3, s1, s2) if return_attention_scores else out3


@layer
def cross_adds_the_input(self, x, encoder_output, self_attention_mask=None, cross_attention_mask=None,
                         training=None, return_attention_scores=False):  # fmt: skip
    attn1, s1 = looks(self, x, x, "self", self_attention_mask, training)
    out1 = self.self_norm(attn1 + x)
    attn2, s2 = looks(self, out1, encoder_output, "cross", cross_attention_mask, training)
    out2 = self.cross_norm(attn2 + x)
    out3 = self.feed_forward_norm(self.feed_forward(out2, training=training) + out2)
    return (out3, s1, s2) if return_attention_scores else out3


@layer
def pre_adds_the_normed(self, x, encoder_output, self_attention_mask=None, cross_attention_mask=None,
                        training=None, return_attention_scores=False):  # fmt: skip
    masks = self_attention_mask, cross_attention_mask
    if self.norm == "post":
        return ended(post(self, x, encoder_output, masks, training), return_attention_scores)
    x = self.self_norm(x)
    y, s1 = looks(self, x, x, "self", masks[0], training)
    x = self.cross_norm(x + y)
    y, s2 = looks(self, x, encoder_output, "cross", masks[1], training)
    x = self.feed_forward_norm(x + y)
    x = x + self.feed_forward(x, training=training)
    return (x, s1, s2) if return_attention_scores else x


@layer
def always_three(self, x, encoder_output, self_attention_mask=None, cross_attention_mask=None,
                 training=None, return_attention_scores=False):  # fmt: skip
    return post(self, x, encoder_output, (self_attention_mask, cross_attention_mask), training)


def finishing(name, finish):
    """A right layer whose results are given back otherwise."""

    def call(self, x, encoder_output, self_attention_mask=None, cross_attention_mask=None, training=None,
             return_attention_scores=False):  # fmt: skip
        masks = self_attention_mask, cross_attention_mask
        steps = (
            lambda h: good_self(self, h, encoder_output, masks, training),
            lambda h: good_cross(self, h, encoder_output, masks, training),
            lambda h: self.feed_forward(h, training=training),
        )
        return finish(*blocks(self, x, steps), return_attention_scores)

    call.__name__ = name
    return layer(call)


never_scores = finishing("never_scores", lambda x, a, b, asked: x)
scores_swapped = finishing("scores_swapped", lambda x, a, b, asked: (x, b, a) if asked else x)
cross_scores_twice = finishing("cross_scores_twice", lambda x, a, b, asked: (x, b, b) if asked else x)
scores_in_a_pair = finishing("scores_in_a_pair", lambda x, a, b, asked: (x, (a, b)) if asked else x)
only_cross_scores = finishing("only_cross_scores", lambda x, a, b, asked: (x, b) if asked else x)


def undropped(kind, keep=()):
    def step(self, x, encoded, masks, training):
        y, mask = (x, masks[0]) if kind == "self" else (encoded, masks[1])
        return getattr(self, f"{kind}_attention")(x, y, attention_mask=mask, training=training, **SCORES)

    return step


no_dropouts = class_of("no_dropouts", first=undropped("self"), second=undropped("cross"))
no_self_dropout = class_of("no_self_dropout", first=undropped("self"))
no_cross_dropout = class_of("no_cross_dropout", second=undropped("cross"))


@layer
def always_training(self, x, encoder_output, self_attention_mask=None, cross_attention_mask=None,
                    training=None, return_attention_scores=False):  # fmt: skip
    masks = self_attention_mask, cross_attention_mask
    steps = (
        lambda h: good_self(self, h, encoder_output, masks, True),
        lambda h: good_cross(self, h, encoder_output, masks, True),
        lambda h: self.feed_forward(h, training=True),
    )
    return ended(blocks(self, x, steps), return_attention_scores)


@layer
def feed_forward_dropped_again(self, x, encoder_output, self_attention_mask=None, cross_attention_mask=None,
                               training=None, return_attention_scores=False):  # fmt: skip
    masks = self_attention_mask, cross_attention_mask
    steps = (
        lambda h: good_self(self, h, encoder_output, masks, training),
        lambda h: good_cross(self, h, encoder_output, masks, training),
        lambda h: self.cross_dropout(self.feed_forward(h, training=training), training=training),
    )
    return ended(blocks(self, x, steps), return_attention_scores)


@layer
def forgot_return(self, x, encoder_output, self_attention_mask=None, cross_attention_mask=None,
                  training=None, return_attention_scores=False):  # fmt: skip
    post(self, x, encoder_output, (self_attention_mask, cross_attention_mask), training)


# The decoder --------------------------------------------------------------------------------------------------


def own_mask(self, ids):
    return combine_masks(create_look_ahead_mask(ids.shape[1]), create_padding_mask(ids, self.pad_id))


def decoder(
    name,
    embed=lambda s, ids, t: s.dropout_layer(s.positional_encoding(s.embedding(ids) * s.embedding_dim**0.5), training=t),
    mask=own_mask,
    given=lambda mask, own: own if mask is None else mask,
    cross=lambda own, cross: cross,
    layers=lambda s: s.decoder_layers,
    source=lambda x, encoded: encoded,
    training_for=lambda t: t,
    key="decoder/{}/{}",
    first=0,
    finish=lambda s, x: x if s.final_norm is None else s.final_norm(x),
    back=lambda x, scores, asked: (x, scores) if asked else x,
    names=("self", "cross"),
):
    """The lesson's class; what is not given is as it should be."""

    def call(self, token_ids, encoder_output, self_attention_mask=None, cross_attention_mask=None,
             training=None, return_attention_scores=False):  # fmt: skip
        own = given(self_attention_mask, mask(self, token_ids))
        x, scores = embed(self, token_ids, training), {}
        for n, part in enumerate(layers(self), start=first):
            x, *both = part(
                x,
                source(x, encoder_output),
                self_attention_mask=own,
                cross_attention_mask=cross(own, cross_attention_mask),
                training=training_for(training),
                **SCORES,
            )
            scores |= {key.format(n, kind): s for kind, s in zip(names, both, strict=True)}
        return back(finish(self, x), scores, return_attention_scores)

    return type(name, (GivenDecoder,), {"call": call})


def embedding(s, ids, t, scale):
    return s.dropout_layer(s.positional_encoding(s.embedding(ids) * scale), training=t)


not_scaled = decoder("not_scaled", embed=lambda s, ids, t: embedding(s, ids, t, 1))
times_d = decoder("times_d", embed=lambda s, ids, t: embedding(s, ids, t, s.embedding_dim))
divided = decoder("divided", embed=lambda s, ids, t: embedding(s, ids, t, s.embedding_dim**-0.5))
positions_scaled = decoder(
    "positions_scaled",
    embed=lambda s, ids, t: s.dropout_layer(s.positional_encoding(s.embedding(ids)) * s.embedding_dim**0.5),
)
no_positions = decoder(
    "no_positions", embed=lambda s, ids, t: s.dropout_layer(s.embedding(ids) * np.sqrt(s.embedding_dim), training=t)
)
first_layer_only = decoder("first_layer_only", layers=lambda s: [s.decoder_layers[0]])
last_layer_only = decoder("last_layer_only", layers=lambda s: s.decoder_layers[-1:])
same_layer_again = decoder("same_layer_again", layers=lambda s: [s.decoder_layers[0] for _ in range(s.num_layers)])
no_mask_of_its_own = decoder("no_mask_of_its_own", mask=lambda s, ids: None)
padding_only = decoder("padding_only", mask=lambda s, ids: create_padding_mask(ids, s.pad_id))
look_ahead_only = decoder("look_ahead_only", mask=lambda s, ids: create_look_ahead_mask(ids.shape[1]))
pad_is_zero = decoder(
    "pad_is_zero",
    mask=lambda s, ids: combine_masks(create_look_ahead_mask(ids.shape[1]), create_padding_mask(ids)),
)
upper_triangle = decoder(
    "upper_triangle",
    mask=lambda s, ids: combine_masks(np.triu(np.ones((ids.shape[1],) * 2, bool)), create_padding_mask(ids, s.pad_id)),
)
mask_thrown_away = decoder("mask_thrown_away", given=lambda mask, own: own)
cross_mask_forgotten = decoder("cross_mask_forgotten", cross=lambda own, cross: None)
cross_gets_own = decoder("cross_gets_own", cross=lambda own, cross: own)
layers_look_at_x = decoder("layers_look_at_x", source=lambda x, encoded: x)
no_final_norm = decoder("no_final_norm", finish=lambda s, x: x)
decoder_always_pair = decoder("decoder_always_pair", back=lambda x, scores, asked: (x, scores))
decoder_list = decoder("decoder_list", back=lambda x, scores, asked: (x, [*scores.values()]) if asked else x)
counted_from_one = decoder("counted_from_one", first=1)
names_swapped = decoder("names_swapped", names=("cross", "self"))
no_dropout_layer = decoder(
    "no_dropout_layer", embed=lambda s, ids, t: s.positional_encoding(s.embedding(ids) * s.embedding_dim**0.5)
)
layers_never_train = decoder("layers_never_train", training_for=lambda t: False)
layers_always_train = decoder("layers_always_train", training_for=lambda t: True)


# The whole machine --------------------------------------------------------------------------------------------


def transformer(
    name,
    encoder_mask=lambda s, source, target: create_padding_mask(source, s.pad_id),
    target_mask=lambda s, source, target: own_mask(s, target),
    cross_mask=lambda s, source, target: create_padding_mask(source, s.pad_id),
    order=lambda source, target: (source, target),
    finish=lambda s, x: s.output_layer(x),
    back=lambda logits, a, b, asked: (logits, a | b) if asked else logits,
    hears=lambda t: (t, t),
):
    """The lesson's class; what is not given is as it should be."""

    def call(self, inputs, training=None, return_attention_scores=False):
        source, target = order(*inputs)
        three = [mask(self, source, target) for mask in (encoder_mask, target_mask, cross_mask)]
        one, two = hears(training)
        encoded, a = self.encoder(source, attention_mask=three[0], training=one, **SCORES)
        decoded, b = self.decoder(
            target, encoded, self_attention_mask=three[1], cross_attention_mask=three[2], training=two, **SCORES
        )
        return back(finish(self, decoded), a, b, return_attention_scores)

    return type(name, (GivenTransformer,), {"call": call})


def all_true(s, source, target):
    return np.ones((1, 1, 1, source.shape[1]), bool)


def target_padding(s, source, target):
    return create_padding_mask(target, s.pad_id)


def look_ahead(s, source, target):
    return create_look_ahead_mask(target.shape[1])


with_softmax = transformer("with_softmax", finish=lambda s, x: ops.softmax(s.output_layer(x), axis=-1))
likeliest = transformer("likeliest", finish=lambda s, x: tf.argmax(s.output_layer(x), axis=-1))
no_output_layer = transformer("no_output_layer", finish=lambda s, x: x)
last_place_only = transformer("last_place_only", finish=lambda s, x: s.output_layer(x[:, -1:]))
inputs_exchanged = transformer("inputs_exchanged", order=lambda source, target: (target, source))
encoder_unmasked = transformer("encoder_unmasked", encoder_mask=all_true)
cross_unmasked = transformer("cross_unmasked", cross_mask=lambda s, source, target: None)
both_unmasked = transformer("both_unmasked", encoder_mask=all_true, cross_mask=lambda s, source, target: None)
cross_hides_targets = transformer("cross_hides_targets", cross_mask=target_padding)
cross_gets_the_decoders = transformer("cross_gets_the_decoders", cross_mask=lambda s, a, b: own_mask(s, b))
encoder_looks_back = transformer("encoder_looks_back", encoder_mask=lambda s, source, target: own_mask(s, source))
future_open = transformer("future_open", target_mask=target_padding)
target_padding_open = transformer("target_padding_open", target_mask=look_ahead)
source_mask_inverted = transformer(
    "source_mask_inverted",
    encoder_mask=lambda s, source, target: create_padding_mask(source, s.pad_id) == False,  # noqa: E712
    cross_mask=lambda s, source, target: create_padding_mask(source, s.pad_id) == False,  # noqa: E712
)
zero_is_padding = transformer(
    "zero_is_padding",
    encoder_mask=lambda s, source, target: create_padding_mask(source),
    target_mask=lambda s, source, target: combine_masks(look_ahead(s, source, target), create_padding_mask(target)),
    cross_mask=lambda s, source, target: create_padding_mask(source),
)
always_scores = transformer("always_scores", back=lambda logits, a, b, asked: (logits, a | b))
no_scores_ever = transformer("no_scores_ever", back=lambda logits, a, b, asked: logits)
decoders_scores = transformer("decoders_scores", back=lambda logits, a, b, asked: (logits, b) if asked else logits)
three_back = transformer("three_back", back=lambda logits, a, b, asked: (logits, a, b) if asked else logits)
deaf = transformer("deaf", hears=lambda t: (False, False))
always_on = transformer("always_on", hears=lambda t: (True, True))


# Its size -----------------------------------------------------------------------------------------------------


def three_matrices(N, D, H, F, V, W):
    encoder = 3 * (D * D + D) + 2 * D * F + F + D + 4 * D
    decoder = 6 * (D * D + D) + 2 * D * F + F + D + 6 * D
    return N * (encoder + decoder) + D * (V + W) + (D + 1) * W


def kernels_only(N, D, H, F, V, W):
    encoder = 4 * D * D + 2 * D * F + 4 * D
    decoder = 8 * D * D + 2 * D * F + 6 * D
    return N * (encoder + decoder) + D * (V + W) + D * W


def heads_multiplied(N, D, H, F, V, W):
    attention = H * (4 * D * D + 4 * D)
    feed_forward = D * F + F + F * D + D
    return N * (3 * attention + 2 * feed_forward + 10 * D) + D * (V + W) + (D + 1) * W


def without_norms(N, D, H, F, V, W):
    return N * (12 * (D * D + D) + 2 * (2 * D * F + F + D)) + D * (V + W) + (D + 1) * W


def two_encoders(N, D, H, F, V, W):
    layer = 4 * (D * D + D) + 2 * D * F + F + D + 4 * D
    return 2 * N * layer + D * (V + W) + (D + 1) * W


def no_embeddings(N, D, H, F, V, W):
    return N * (12 * (D * D + D) + 2 * (2 * D * F + F + D) + 10 * D) + (D + 1) * W


def right(N, D, H, F, V, W):
    return N * (12 * (D * D + D) + 2 * (2 * D * F + F + D) + 10 * D) + D * (V + W) + (D + 1) * W


def no_output(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) - (D + 1) * W


def output_by_source(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) - (D + 1) * W + (D + 1) * V


def no_output_bias(N, D, H, F, V, W):
    return right(N, D, H, F, V, W) - W


def one_layer(N, D, H, F, V, W):
    return right(1, D, H, F, V, W)


def all_times_layers(N, D, H, F, V, W):
    return N * right(1, D, H, F, V, W)


def nothing_returned(N, D, H, F, V, W):
    right(N, D, H, F, V, W)


MUTANTS = {
    "shift_right": [
        (kept_the_last, "has grown by one"),
        (start_in_place, "replaced the first word"),
        (shifted_left, "shifted to the left"),
        (start_behind, "start stands at the end"),
        (rolled, "come round to the front"),
        (rolled_without_axis, "one long row"),
        (sentences_shifted, "sentences are shifted"),
        (only_dropped, "no start is put in front"),
        (start_is_one, "fixed at 1"),
        (padding_in_front, "filled with padding"),
        (in_place, "changes the array"),
        (no_return, "`return` missing"),
    ],
    "DecoderLayer": [
        (target_twice, "looks at the target again"),
        (cross_reversed, "query and value have changed places"),
        (source_looks_at_itself, "the source asks itself"),
        (source_first, "self-attention looks at the source"),
        (one_attention_twice, "the same attention is used twice"),
        (sees_the_future, "sees the future"),
        (sees_source_padding, "looks at the source's padding"),
        (one_mask_for_both, "gets the mask of self-attention"),
        (masks_exchanged, "two masks have changed places"),
        (no_masks, "both masks are ignored"),
        (masks_inverted, "turned around"),
        (no_residuals, "no residual anywhere"),
        (no_cross_residual, "cross-attention has no residual"),
        (no_feed_forward_residual, "feed-forward has no residual"),
        (norm_before_sum, "normalised before the sum"),
        (one_norm_for_all, "serves all three"),
        (no_norms, "nothing is normalised"),
        (no_last_norm, "feed_forward_norm is missing"),
        (no_cross_norm, "cross_norm is missing"),
        (cross_first, "cross-attention comes before"),
        (feed_forward_in_the_middle, "feed-forward comes before"),
        (forgot_feed_forward, "feed-forward is missing"),
        (an_encoder_layer, "cross-attention is missing"),
        (always_post, "always normalises after the sum"),
        (residual_from_the_start, "each residual adds the layer's first input"),
        (cross_adds_the_input, "what went into cross-attention"),
        (pre_adds_the_normed, "the normalised input is added"),
        (always_three, "although the scores were not asked for"),
        (never_scores, "although the scores were asked for"),
        (scores_swapped, "have changed places: (output, self, cross)"),
        (cross_scores_twice, "came back twice"),
        (scores_in_a_pair, "in a pair of their own"),
        (only_cross_scores, "scores of self-attention are missing"),
        (no_dropouts, "never dropped"),
        (no_self_dropout, "self_dropout is missing"),
        (no_cross_dropout, "cross_dropout is missing"),
        (always_training, "outside training"),
        (feed_forward_dropped_again, "dropped twice"),
        (forgot_return, "`return` missing"),
    ],
    "Decoder": [
        (not_scaled, "not scaled"),
        (times_d, "multiplied by D"),
        (divided, "divided by √D"),
        (positions_scaled, "positions are scaled"),
        (no_positions, "no positions"),
        (first_layer_only, "only the first layer"),
        (last_layer_only, "only the last layer"),
        (same_layer_again, "again and again"),
        (no_mask_of_its_own, "lets everything be seen"),
        (padding_only, "hides padding only"),
        (look_ahead_only, "hides the future only"),
        (pad_is_zero, "takes padding to be 0"),
        (upper_triangle, "transposed"),
        (mask_thrown_away, "thrown away"),
        (cross_mask_forgotten, "not handed on"),
        (cross_gets_own, "gets the target's mask"),
        (layers_look_at_x, "in the source's place"),
        (no_final_norm, "norm at the end is missing"),
        (decoder_always_pair, "not asked for"),
        (decoder_list, "the scores are a list"),
        (counted_from_one, "counted from 1"),
        (names_swapped, "under each other's name"),
        (no_dropout_layer, "dropout_layer is not used"),
        (layers_never_train, "do not hear"),
        (layers_always_train, "outside training"),
    ],
    "Transformer": [
        (with_softmax, "softmax at the end"),
        (likeliest, "ids of the likeliest"),
        (no_output_layer, "last layer is missing"),
        (last_place_only, "only the last place"),
        (inputs_exchanged, "changed places"),
        (encoder_unmasked, "encoder looks at padding"),
        (cross_unmasked, "cross-attention looks at the source's padding"),
        (both_unmasked, "neither the encoder nor"),
        (cross_hides_targets, "gets the padding of the target"),
        (cross_gets_the_decoders, "gets the mask of self-attention"),
        (encoder_looks_back, "encoder hides the future"),
        (future_open, "sees its own future"),
        (target_padding_open, "hides the future only"),
        (source_mask_inverted, "turned around"),
        (zero_is_padding, "taken to be 0"),
        (always_scores, "not asked for"),
        (no_scores_ever, "although the scores were asked for"),
        (decoders_scores, "decoder's scores only"),
        (three_back, "three results"),
        (deaf, "neither half hears"),
        (always_on, "outside training"),
    ],
    "count_parameters": [
        (three_matrices, "four matrices"),
        (kernels_only, "all biases"),
        (heads_multiplied, "counted at the full width"),
        (without_norms, "norms are forgotten"),
        (two_encoders, "counted as an encoder's"),
        (no_embeddings, "both embeddings"),
        (no_output, "layer at the end is missing"),
        (output_by_source, "not the source"),
        (no_output_bias, "last layer's biases"),
        (one_layer, "not multiplied"),
        (all_times_layers, "all is multiplied"),
        (nothing_returned, "nothing came back"),
    ],
}
