"""Wrong answers to Transformer."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from tests.mutants.decoder_and_transformer.shared import SCORES, own_mask
from utils.layers import Transformer as GivenTransformer
from utils.layers import combine_masks, create_look_ahead_mask, create_padding_mask, shift_right


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


def by_their_names(logits, a, b, asked):
    names = ("encoder/0/self", "decoder/0/self", "decoder/0/cross")
    return (logits, {name: {**a, **b}[name] for name in names}) if asked else logits


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


shifted_twice = transformer("shifted_twice", order=lambda source, target: (source, shift_right(target, 1)))


shifted_twice_from_padding = transformer(
    "shifted_twice_from_padding", order=lambda source, target: (source, shift_right(target, 0))
)


last_word_cut_off = transformer("last_word_cut_off", order=lambda source, target: (source, target[:, :-1]))


first_word_cut_off = transformer("first_word_cut_off", order=lambda source, target: (source, target[:, 1:]))


np_inside = transformer(
    "np_inside", encoder_mask=lambda s, source, target: (np.asarray(source) != s.pad_id)[:, None, None]
)


deaf = transformer("deaf", hears=lambda t: (False, False))


always_on = transformer("always_on", hears=lambda t: (True, True))


def look_ahead_of_the_source(s, source, target):
    return combine_masks(create_look_ahead_mask(source.shape[1]), create_padding_mask(target, s.pad_id))


as_long_as_the_source = transformer("as_long_as_the_source", target_mask=look_ahead_of_the_source)


tied = transformer("tied", finish=lambda s, x: x @ ops.transpose(s.decoder.embedding.embeddings))


tied_but_for_the_bias = transformer(
    "tied_but_for_the_bias",
    finish=lambda s, x: x @ ops.transpose(s.decoder.embedding.embeddings) + s.output_layer.bias,
)


sources_padding_is_zero = transformer(
    "sources_padding_is_zero",
    encoder_mask=lambda s, source, target: create_padding_mask(source),
    cross_mask=lambda s, source, target: create_padding_mask(source),
)


targets_padding_is_zero = transformer(
    "targets_padding_is_zero",
    target_mask=lambda s, source, target: combine_masks(
        create_look_ahead_mask(target.shape[1]), create_padding_mask(target)
    ),
)


dict_of_dicts = transformer(
    "dict_of_dicts", back=lambda logits, a, b, asked: (logits, {"encoder": a, "decoder": b}) if asked else logits
)


list_of_dicts = transformer("list_of_dicts", back=lambda logits, a, b, asked: (logits, [a, b]) if asked else logits)


class encoder_turned_into_words(GivenTransformer):
    def call(self, inputs, training=None, return_attention_scores=False):
        source, target = inputs
        mask = create_padding_mask(source, self.pad_id)
        encoded, a = self.encoder(source, attention_mask=mask, training=training, **SCORES)
        _, b = self.decoder(target, encoded, cross_attention_mask=mask, training=training, **SCORES)
        logits = self.output_layer(encoded)
        return (logits, a | b) if return_attention_scores else logits


dense_made_anew = transformer("dense_made_anew", finish=lambda s, x: keras.layers.Dense(s.target_vocab_size)(x))


in_doubles = transformer("in_doubles", finish=lambda s, x: ops.cast(s.output_layer(x), "float64"))


with_sigmoid = transformer("with_sigmoid", finish=lambda s, x: ops.sigmoid(s.output_layer(x)))


with_relu = transformer("with_relu", finish=lambda s, x: ops.relu(s.output_layer(x)))


without_biases = transformer("without_biases", finish=lambda s, x: x @ s.output_layer.kernel)


def turned(mask):
    return ops.logical_not(mask)


encoders_mask_turned = transformer(
    "encoders_mask_turned", encoder_mask=lambda s, source, target: turned(create_padding_mask(source, s.pad_id))
)


cross_mask_turned = transformer(
    "cross_mask_turned", cross_mask=lambda s, source, target: turned(create_padding_mask(source, s.pad_id))
)


targets_mask_turned = transformer("targets_mask_turned", target_mask=lambda s, a, b: turned(own_mask(s, b)))


targets_padding_for_both = transformer(
    "targets_padding_for_both", encoder_mask=target_padding, cross_mask=target_padding
)


no_mask_for_the_target = transformer(
    "no_mask_for_the_target", target_mask=lambda s, source, target: np.ones((target.shape[1],) * 2, bool)
)


def places(k):
    def mask(s, source, target):
        return combine_masks(np.tri(target.shape[1], k=k, dtype=bool), create_padding_mask(target, s.pad_id))

    return mask


one_place_ahead = transformer("one_place_ahead", target_mask=places(1))


not_itself = transformer("not_itself", target_mask=places(-1))


either_mask = transformer(
    "either_mask", target_mask=lambda s, a, b: look_ahead(s, a, b) | create_padding_mask(b, s.pad_id)
)


encoders_padding_is_zero = transformer(
    "encoders_padding_is_zero", encoder_mask=lambda s, source, target: create_padding_mask(source)
)


brackets = transformer("brackets", back=lambda logits, a, b, asked: (logits, a | b if asked else logits))


a_list_of_one = transformer("a_list_of_one", back=lambda logits, a, b, asked: (logits, a | b) if asked else [logits])


updated = transformer("updated", back=lambda logits, a, b, asked: (logits, a.update(b)) if asked else logits)


scores_in_a_list = transformer(
    "scores_in_a_list", back=lambda logits, a, b, asked: (logits, [*a.values(), *b.values()]) if asked else logits
)


encoder_always_on = transformer("encoder_always_on", hears=lambda t: (True, t))


decoder_always_on = transformer("decoder_always_on", hears=lambda t: (t, True))


trains_where_said_not_to = transformer("trains_where_said_not_to", hears=lambda t: (t is not None,) * 2)


trains_unless_said_not_to = transformer("trains_unless_said_not_to", hears=lambda t: (t is not False,) * 2)


scores_first = transformer("scores_first", back=lambda logits, a, b, asked: (a | b, logits) if asked else logits)


trains_in_use = transformer("trains_in_use", hears=lambda t: (not t, not t))


MUTANTS = [
    (transformer("first_layers_scores", back=by_their_names), "picked by their names"),
    (with_sigmoid, "a sigmoid at the end"),
    (with_relu, "a relu at the end"),
    (without_biases, "biases are missing"),
    (encoders_mask_turned, "the mask of the encoder is turned"),
    (cross_mask_turned, "the mask of cross-attention is turned"),
    (targets_mask_turned, "the mask of the target is turned"),
    (targets_padding_for_both, "encoder and cross-attention get"),
    (no_mask_for_the_target, "the target has no mask"),
    (one_place_ahead, "sees the next one"),
    (not_itself, "sees itself"),
    (either_mask, "*either*"),
    (encoders_padding_is_zero, "0 in the mask of the encoder"),
    (brackets, "Put brackets around the pair"),
    (a_list_of_one, "list of its own"),
    (updated, "update changes a dict"),
    (scores_in_a_list, "came as a list"),
    (encoder_always_on, "the encoder drops outside"),
    (decoder_always_on, "the decoder drops outside"),
    (trains_where_said_not_to, "training=False is taken for training"),
    (trains_unless_said_not_to, "where nothing is said of training"),
    (scores_first, "the scores come first"),
    (trains_in_use, "`training` is turned around"),
    (dense_made_anew, "made inside `call`"),
    (in_doubles, "another dtype"),
    (as_long_as_the_source, "as long as the source"),
    (tied, "the target's embedding stands"),
    (tied_but_for_the_bias, "the target's embedding stands"),
    (sources_padding_is_zero, "padding of the source is taken"),
    (targets_padding_is_zero, "padding of the target is taken"),
    (dict_of_dicts, "a dict of dicts"),
    (list_of_dicts, "a pair of dicts"),
    (encoder_turned_into_words, "given what the encoder gave"),
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
    (shifted_twice, "shifted once more"),
    (shifted_twice_from_padding, "shifted once more"),
    (last_word_cut_off, "a place of the target is cut off"),
    (first_word_cut_off, "a place of the target is cut off"),
    (np_inside, "come too early"),
    (deaf, "neither half hears"),
    (always_on, "outside training"),
]
