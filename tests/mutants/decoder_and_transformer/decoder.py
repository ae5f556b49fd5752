"""Wrong answers to Decoder."""

import keras
import numpy as np
from keras import ops

from tests.mutants.decoder_and_transformer.shared import SCORES, decoder
from utils.layers import Decoder as GivenDecoder
from utils.layers import combine_masks, create_look_ahead_mask, create_padding_mask


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


first_and_second = decoder("first_and_second", layers=lambda s: s.decoder_layers[:2])


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


def with_call(name, in_the_loop=lambda s, x: x, **changes):
    """The lesson's class, written out, with something after each layer."""

    def call(self, token_ids, encoder_output, self_attention_mask=None, cross_attention_mask=None,
             training=None, return_attention_scores=False):  # fmt: skip
        T = token_ids.shape[1]
        if self_attention_mask is None:
            padding = create_padding_mask(token_ids, self.pad_id)
            self_attention_mask = combine_masks(create_look_ahead_mask(T), padding)
        x = self.positional_encoding(self.embedding(token_ids) * self.embedding_dim**0.5)
        x, scores = self.dropout_layer(x, training=changes.get("first", training)), {}
        for n, part in enumerate(self.decoder_layers):
            masks = [self_attention_mask, cross_attention_mask][:: changes.get("order", 1)]
            hears = changes.get("hears", training)
            source = x if changes.get("blind") else encoder_output
            x, scores[f"decoder/{n}/self"], scores[f"decoder/{n}/cross"] = part(
                x, source, *masks, training=hears, return_attention_scores=True
            )
            x = in_the_loop(self, x)
        x = x if self.final_norm is None or "early" in changes else self.final_norm(x)
        return (x, scores) if return_attention_scores else x

    return type(name, (GivenDecoder,), {"call": call})


def normed(s, x):
    return x if s.final_norm is None else s.final_norm(x)


masks_exchanged = with_call("masks_exchanged", order=-1)


x_for_encoder_output = with_call("x_for_encoder_output", blind=True)


norm_in_the_loop = with_call("norm_in_the_loop", normed, early=True)


norm_in_the_loop_and_behind = with_call("norm_in_the_loop_and_behind", normed)


always_dropped = with_call("always_dropped", first=True, hears=True)


input_always_dropped = with_call("input_always_dropped", first=True)


np_inside = decoder(
    "np_inside", mask=lambda s, ids: np.tri(ids.shape[1], dtype=bool) & (np.asarray(ids) != s.pad_id)[:, None, None]
)


layers_never_train = decoder("layers_never_train", training_for=lambda t: False)


layers_always_train = decoder("layers_always_train", training_for=lambda t: True)


class source_written_over(GivenDecoder):
    def call(self, token_ids, encoder_output, self_attention_mask=None, cross_attention_mask=None,
             training=None, return_attention_scores=False):  # fmt: skip
        if self_attention_mask is None:
            padding = create_padding_mask(token_ids, self.pad_id)
            self_attention_mask = combine_masks(create_look_ahead_mask(token_ids.shape[1]), padding)
        x = self.positional_encoding(self.embedding(token_ids) * self.embedding_dim**0.5)
        x, scores = self.dropout_layer(x, training=training), {}
        for n, part in enumerate(self.decoder_layers):
            x, scores[f"decoder/{n}/self"], scores[f"decoder/{n}/cross"] = part(
                x, encoder_output, self_attention_mask, cross_attention_mask, training=training,
                return_attention_scores=True,
            )  # fmt: skip
            encoder_output = x
        x = x if self.final_norm is None else self.final_norm(x)
        return (x, scores) if return_attention_scores else x


decoder_flat = decoder("decoder_flat", back=lambda x, scores, asked: (x, *scores.values()) if asked else x)


decoder_scores_first = decoder("decoder_scores_first", back=lambda x, scores, asked: (scores, x) if asked else x)


short_names = decoder("short_names", key="{}/{}")


decoder_tuple = decoder("decoder_tuple", back=lambda x, scores, asked: (x, tuple(scores.values())) if asked else x)


embedded_anew = decoder(
    "embedded_anew",
    embed=lambda s, ids, t: s.positional_encoding(
        keras.layers.Embedding(s.target_vocab_size, s.embedding_dim)(ids) * s.embedding_dim**0.5
    ),
)


halved = decoder("halved", embed=lambda s, ids, t: embedding(s, ids, t, s.embedding_dim**1 / 2))


in_doubles = decoder("in_doubles", back=lambda x, scores, asked: (ops.cast(x, "float64"), scores) if asked else x)


class bare_where_asked(GivenDecoder):
    def call(self, token_ids, encoder_output, self_attention_mask=None, cross_attention_mask=None,
             training=None, return_attention_scores=False):  # fmt: skip
        masks = self_attention_mask, cross_attention_mask
        if not return_attention_scores:
            return super().call(token_ids, encoder_output, *masks, training=training)
        last, self.final_norm = self.final_norm, None
        results = super().call(token_ids, encoder_output, *masks, training=training, **SCORES)
        self.final_norm = last
        return results


class no_masks_where_asked(GivenDecoder):
    def call(self, token_ids, encoder_output, self_attention_mask=None, cross_attention_mask=None,
             training=None, return_attention_scores=False):  # fmt: skip
        masks = self_attention_mask, cross_attention_mask
        if return_attention_scores:
            masks = np.ones((token_ids.shape[1],) * 2, bool), None
        return super().call(
            token_ids, encoder_output, *masks, training=training, return_attention_scores=return_attention_scores
        )


def places(k):
    def mask(s, ids):
        return combine_masks(np.tri(ids.shape[1], k=k, dtype=bool), create_padding_mask(ids, s.pad_id))

    return mask


root_of_a_head = decoder(
    "root_of_a_head", embed=lambda s, ids, t: embedding(s, ids, t, (s.embedding_dim / s.num_heads) ** 0.5)
)


trains_where_said_not_to = decoder(
    "trains_where_said_not_to",
    embed=lambda s, ids, t: embedding(s, ids, t is not None, s.embedding_dim**0.5),
    training_for=lambda t: t is not None,
)


one_place_ahead = decoder("one_place_ahead", mask=places(1))


not_itself = decoder("not_itself", mask=places(-1))


own_mask_turned = decoder("own_mask_turned", mask=lambda s, ids: ops.logical_not(places(0)(s, ids)))


brackets = decoder("brackets", back=lambda x, scores, asked: (x, scores if asked else x))


a_list_of_one = decoder("a_list_of_one", back=lambda x, scores, asked: (x, scores) if asked else [x])


trains_in_use = decoder(
    "trains_in_use",
    embed=lambda s, ids, t: embedding(s, ids, not t, s.embedding_dim**0.5),
    training_for=lambda t: not t,
)


padding_turned = decoder(
    "padding_turned", mask=lambda s, ids: create_look_ahead_mask(ids.shape[1]) & (ids == s.pad_id)[:, None, None]
)


def with_itself(s, x, training):
    return s.dropout_layer(x + s.positional_encoding(x), training=training)


embedded_twice = decoder(
    "embedded_twice", embed=lambda s, ids, t: with_itself(s, s.embedding(ids) * s.embedding_dim**0.5, t)
)


positions_twice = decoder(
    "positions_twice",
    embed=lambda s, ids, t: s.dropout_layer(
        s.positional_encoding(s.positional_encoding(s.embedding(ids) * s.embedding_dim**0.5)), training=t
    ),
)


class names_in_tuples(GivenDecoder):
    def call(self, token_ids, encoder_output, self_attention_mask=None, cross_attention_mask=None,
             training=None, return_attention_scores=False):  # fmt: skip
        masks = self_attention_mask, cross_attention_mask
        x, scores = super().call(token_ids, encoder_output, *masks, training=training, **SCORES)
        named = {(part, int(n), kind): scores[f"{part}/{n}/{kind}"] for part, n, kind in (k.split("/") for k in scores)}
        return (x, named) if return_attention_scores else x


MUTANTS = [
    (padding_turned, "padding is turned around"),
    (embedded_twice, "the embeddings are added twice"),
    (positions_twice, "positions are added twice"),
    (names_in_tuples, "names are tuples"),
    (one_place_ahead, "see the next one"),
    (not_itself, "from itself"),
    (own_mask_turned, "its own mask is turned around"),
    (brackets, "Put brackets around the pair"),
    (a_list_of_one, "list of its own"),
    (root_of_a_head, "the root of a head's width"),
    (trains_where_said_not_to, "training=False is taken for training"),
    (trains_in_use, "`training` is turned around"),
    (embedded_anew, "made inside `call`"),
    (halved, "the root is D**0.5"),
    (in_doubles, "another dtype"),
    (bare_where_asked, "it comes in both cases"),
    (no_masks_where_asked, "the masks are forgotten"),
    (source_written_over, "has taken the place of `encoder_output`"),
    (decoder_flat, "one by one"),
    (decoder_scores_first, "scores come first"),
    (short_names, "names are others"),
    (decoder_tuple, "the scores are a list"),
    (not_scaled, "not scaled"),
    (times_d, "multiplied by D"),
    (divided, "divided by √D"),
    (positions_scaled, "positions are scaled"),
    (no_positions, "no positions"),
    (first_layer_only, "only the first layer"),
    (first_and_second, "two layers run"),
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
    (masks_exchanged, "two masks have changed places"),
    (x_for_encoder_output, "in the source's place"),
    (norm_in_the_loop, "stands in the loop"),
    (norm_in_the_loop_and_behind, "stands in the loop"),
    (always_dropped, "outside training"),
    (input_always_dropped, "self.dropout_layer drops outside training"),
    (np_inside, "come too early"),
]
