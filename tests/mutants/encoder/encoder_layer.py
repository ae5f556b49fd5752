"""Wrong answers to EncoderLayer."""

import keras
from keras import ops

from tests.mutants.encoder.shared import one
from utils.layers import FeedForward
from utils.layers.encoder import layer_norm


def attend(self, x, mask, training, **options):
    return self.self_attention(
        x, x, **{"attention_mask": mask, "return_attention_scores": True, "training": training} | options
    )


def encoder_layer(self, x, mask, training, asked, first=None, second=None, pre=None):
    """The right layer, with ways to go wrong: how each residual is added, whether norms come first."""
    pre = self.norm == "pre" if pre is None else pre
    y, scores = attend(self, self.attention_norm(x) if pre else x, mask, training)
    y = self.attention_dropout(y, training=training)
    x = first(x, y) if first else x + y
    x = x if pre else self.attention_norm(x)
    y = self.feed_forward(self.feed_forward_norm(x) if pre else x, training=training)
    x = second(x, y) if second else x + y
    x = x if pre else self.feed_forward_norm(x)
    return (x, scores) if asked else x


@one
def no_residuals(self, x, attention_mask=None, training=None, return_attention_scores=False):
    keep = lambda x, y: y  # noqa: E731
    return encoder_layer(self, x, attention_mask, training, return_attention_scores, first=keep, second=keep)


@one
def no_first_residual(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return encoder_layer(self, x, attention_mask, training, return_attention_scores, first=lambda x, y: y)


@one
def no_second_residual(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return encoder_layer(self, x, attention_mask, training, return_attention_scores, second=lambda x, y: y)


@one
def residual_from_the_start(self, x, attention_mask=None, training=None, return_attention_scores=False):
    start = x
    return encoder_layer(self, x, attention_mask, training, return_attention_scores, second=lambda x, y: start + y)


@one
def norm_ignored_post(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return encoder_layer(self, x, attention_mask, training, return_attention_scores, pre=False)


@one
def norm_ignored_pre(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return encoder_layer(self, x, attention_mask, training, return_attention_scores, pre=True)


@one
def pre_and_post_swapped(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return encoder_layer(self, x, attention_mask, training, return_attention_scores, pre=self.norm == "post")


@one
def residual_after_the_norm(self, x, attention_mask=None, training=None, return_attention_scores=False):
    if self.norm == "pre":
        x = self.attention_norm(x)
    residual = x
    x, scores = attend(self, x, attention_mask, training)
    x = residual + self.attention_dropout(x, training=training)
    x = self.feed_forward_norm(x) if self.norm == "pre" else self.attention_norm(x)
    x = x + self.feed_forward(x, training=training)
    x = x if self.norm == "pre" else self.feed_forward_norm(x)
    return (x, scores) if return_attention_scores else x


@one
def norm_inside_the_sum(self, x, attention_mask=None, training=None, return_attention_scores=False):
    if self.norm == "pre":
        return encoder_layer(self, x, attention_mask, training, return_attention_scores)
    y, scores = attend(self, x, attention_mask, training)
    x = x + self.attention_norm(self.attention_dropout(y, training=training))
    x = x + self.feed_forward_norm(self.feed_forward(x, training=training))
    return (x, scores) if return_attention_scores else x


@one
def no_norms(self, x, attention_mask=None, training=None, return_attention_scores=False):
    y, scores = attend(self, x, attention_mask, training)
    x = x + self.attention_dropout(y, training=training)
    x = x + self.feed_forward(x, training=training)
    return (x, scores) if return_attention_scores else x


@one
def one_norm_for_both(self, x, attention_mask=None, training=None, return_attention_scores=False):
    pre, norm = self.norm == "pre", self.attention_norm
    y, scores = attend(self, norm(x) if pre else x, attention_mask, training)
    x = x + self.attention_dropout(y, training=training)
    x = x if pre else norm(x)
    x = x + self.feed_forward(norm(x) if pre else x, training=training)
    x = x if pre else norm(x)
    return (x, scores) if return_attention_scores else x


@one
def norms_swapped(self, x, attention_mask=None, training=None, return_attention_scores=False):
    pre, norm1, norm2 = self.norm == "pre", self.feed_forward_norm, self.attention_norm
    y, scores = attend(self, norm1(x) if pre else x, attention_mask, training)
    x = x + self.attention_dropout(y, training=training)
    x = x if pre else norm1(x)
    x = x + self.feed_forward(norm2(x) if pre else x, training=training)
    x = x if pre else norm2(x)
    return (x, scores) if return_attention_scores else x


@one
def only_queries_normed(self, x, attention_mask=None, training=None, return_attention_scores=False):
    if self.norm == "post":
        return encoder_layer(self, x, attention_mask, training, return_attention_scores)
    y, scores = self.self_attention(
        self.attention_norm(x), x, attention_mask=attention_mask, return_attention_scores=True, training=training
    )
    x = x + self.attention_dropout(y, training=training)
    x = x + self.feed_forward(self.feed_forward_norm(x), training=training)
    return (x, scores) if return_attention_scores else x


@one
def residual_is_the_sum(self, x, attention_mask=None, training=None, return_attention_scores=False):
    if self.norm == "pre":
        return encoder_layer(self, x, attention_mask, training, return_attention_scores)
    y, scores = attend(self, x, attention_mask, training)
    residual = x + self.attention_dropout(y, training=training)
    x = self.feed_forward(self.attention_norm(residual), training=training)
    x = self.feed_forward_norm(residual + x)
    return (x, scores) if return_attention_scores else x


@one
def feed_forward_forgotten(self, x, attention_mask=None, training=None, return_attention_scores=False):
    pre = self.norm == "pre"
    y, scores = attend(self, self.attention_norm(x) if pre else x, attention_mask, training)
    x = x + self.attention_dropout(y, training=training)
    x = x if pre else self.attention_norm(x)
    return (x, scores) if return_attention_scores else x


@one
def feed_forward_first(self, x, attention_mask=None, training=None, return_attention_scores=False):
    if self.norm == "pre":
        x = x + self.feed_forward(self.feed_forward_norm(x), training=training)
        y, scores = attend(self, self.attention_norm(x), attention_mask, training)
        x = x + self.attention_dropout(y, training=training)
    else:
        x = self.feed_forward_norm(x + self.feed_forward(x, training=training))
        y, scores = attend(self, x, attention_mask, training)
        x = self.attention_norm(x + self.attention_dropout(y, training=training))
    return (x, scores) if return_attention_scores else x


@one
def no_mask(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return encoder_layer(self, x, None, training, return_attention_scores)


@one
def mask_turned(self, x, attention_mask=None, training=None, return_attention_scores=False):
    mask = None if attention_mask is None else attention_mask == False  # noqa: E712 - as a learner may write it
    return encoder_layer(self, x, mask, training, return_attention_scores)


@one
def mask_as_key(self, x, attention_mask=None, training=None, return_attention_scores=False):
    pre = self.norm == "pre"
    y = self.attention_norm(x) if pre else x
    y, scores = self.self_attention(y, y, attention_mask, return_attention_scores=True, training=training)
    x = x + self.attention_dropout(y, training=training)
    x = x if pre else self.attention_norm(x)
    y = self.feed_forward(self.feed_forward_norm(x) if pre else x, training=training)
    x = x + y if pre else self.feed_forward_norm(x + y)
    return (x, scores) if return_attention_scores else x


@one
def always_a_pair(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return encoder_layer(self, x, attention_mask, training, True)


@one
def never_a_pair(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return encoder_layer(self, x, attention_mask, training, False)


@one
def no_attention_dropout(self, x, attention_mask=None, training=None, return_attention_scores=False):
    pre = self.norm == "pre"
    y, scores = attend(self, self.attention_norm(x) if pre else x, attention_mask, training)
    x = x + y if pre else self.attention_norm(x + y)
    y = self.feed_forward(self.feed_forward_norm(x) if pre else x, training=training)
    x = x + y if pre else self.feed_forward_norm(x + y)
    return (x, scores) if return_attention_scores else x


@one
def always_training(self, x, attention_mask=None, training=None, return_attention_scores=False):
    pre = self.norm == "pre"
    y, scores = attend(self, self.attention_norm(x) if pre else x, attention_mask, training)
    x = x + self.attention_dropout(y, training=True)
    x = x if pre else self.attention_norm(x)
    y = self.feed_forward(self.feed_forward_norm(x) if pre else x, training=training)
    x = x + y if pre else self.feed_forward_norm(x + y)
    return (x, scores) if return_attention_scores else x


@one
def sum_dropped(self, x, attention_mask=None, training=None, return_attention_scores=False):
    pre = self.norm == "pre"
    y, scores = attend(self, self.attention_norm(x) if pre else x, attention_mask, training)
    x = self.attention_dropout(x + y, training=training)
    x = x if pre else self.attention_norm(x)
    y = self.feed_forward(self.feed_forward_norm(x) if pre else x, training=training)
    x = x + y if pre else self.feed_forward_norm(x + y)
    return (x, scores) if return_attention_scores else x


@one
def brackets_of_the_pair(self, x, attention_mask=None, training=None, return_attention_scores=False):
    x, scores = encoder_layer(self, x, attention_mask, training, True)
    return x, scores if return_attention_scores else x


@one
def a_list_of_one(self, x, attention_mask=None, training=None, return_attention_scores=False):
    result = encoder_layer(self, x, attention_mask, training, return_attention_scores)
    return result if return_attention_scores else [result]


def halves(self, x, mask, asked, training=None, before=(True, True), behind=(True, True), **hears):
    """The right layer, with norms left out or set in regardless of self.norm: (with pre, with post) for each half."""
    pre, post = self.norm == "pre", self.norm == "post"
    residual = x
    x = self.attention_norm(x) if pre and before[0] or before[0] == "always" else x
    x, scores = attend(self, x, mask, hears.get("attention", training))
    x = residual + self.attention_dropout(x, training=training)
    x = self.attention_norm(x) if post and behind[0] or behind[0] == "always" else x
    residual = x
    x = self.feed_forward_norm(x) if pre and before[1] or before[1] == "always" else x
    x = residual + self.feed_forward(x, training=hears.get("feed_forward", training))
    x = self.feed_forward_norm(x) if post and behind[1] or behind[1] == "always" else x
    return (x, scores) if asked else x


@one
def last_norm_missing(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return halves(self, x, attention_mask, return_attention_scores, training, behind=(True, False))


@one
def first_sum_as_it_is(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return halves(self, x, attention_mask, return_attention_scores, training, behind=(False, True))


@one
def attention_reads_x(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return halves(self, x, attention_mask, return_attention_scores, training, before=(False, True))


@one
def feed_forward_reads_x(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return halves(self, x, attention_mask, return_attention_scores, training, before=(True, False))


@one
def first_norm_unasked(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return halves(self, x, attention_mask, return_attention_scores, training, before=("always", True))


@one
def last_norm_unasked(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return halves(self, x, attention_mask, return_attention_scores, training, behind=(True, "always"))


@one
def attention_always_trains(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return halves(self, x, attention_mask, return_attention_scores, training, attention=True)


@one
def feed_forward_always_trains(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return halves(self, x, attention_mask, return_attention_scores, training, feed_forward=True)


@one
def second_residual_normed(self, x, attention_mask=None, training=None, return_attention_scores=False):
    if self.norm == "post":
        return encoder_layer(self, x, attention_mask, training, return_attention_scores)
    y, scores = attend(self, self.attention_norm(x), attention_mask, training)
    x = self.feed_forward_norm(x + self.attention_dropout(y, training=training))
    x = x + self.feed_forward(x, training=training)
    return (x, scores) if return_attention_scores else x


@one
def residual_dropped(self, x, attention_mask=None, training=None, return_attention_scores=False):
    pre = self.norm == "pre"
    y, scores = attend(self, self.attention_norm(x) if pre else x, attention_mask, training)
    x = self.attention_dropout(x, training=training) + y
    x = x if pre else self.attention_norm(x)
    x = x + self.feed_forward(self.feed_forward_norm(x) if pre else x, training=training)
    x = x if pre else self.feed_forward_norm(x)
    return (x, scores) if return_attention_scores else x


def with_norm(name, norm):
    """Both norms replaced by another of this encoder layer and x."""

    def call(self, x, attention_mask=None, training=None, return_attention_scores=False):
        pre, post = self.norm == "pre", self.norm == "post"
        y, scores = attend(self, norm(self, x) if pre else x, attention_mask, training)
        x = x + self.attention_dropout(y, training=training)
        x = norm(self, x) if post else x
        x = x + self.feed_forward(norm(self, x) if pre else x, training=training)
        x = norm(self, x) if post else x
        return (x, scores) if return_attention_scores else x

    call.__name__ = name
    return one(call)


norms_of_its_own = with_norm("norms_of_its_own", lambda self, x: keras.layers.LayerNormalization()(x))


without_gamma = with_norm("without_gamma", lambda self, x: layer_norm(x, ops.ones(x.shape[-1]), ops.zeros(x.shape[-1])))


@one
def outputs_normed(self, x, attention_mask=None, training=None, return_attention_scores=False):
    if self.norm == "post":
        return encoder_layer(self, x, attention_mask, training, return_attention_scores)
    y, scores = attend(self, x, attention_mask, training)
    x = x + self.attention_norm(self.attention_dropout(y, training=training))
    x = x + self.feed_forward_norm(self.feed_forward(x, training=training))
    return (x, scores) if return_attention_scores else x


@one
def feed_forward_made_anew(self, x, attention_mask=None, training=None, return_attention_scores=False):
    y, scores = attend(self, x, attention_mask, training)
    x = self.attention_norm(x + self.attention_dropout(y, training=training))
    fed = FeedForward(self.embedding_dim, self.fully_connected_dim)(x, training=training)
    x = self.feed_forward_norm(x + fed)
    return (x, scores) if return_attention_scores else x


@one
def mask_where_asked(self, x, attention_mask=None, training=None, return_attention_scores=False):
    mask = attention_mask if return_attention_scores else None
    return encoder_layer(self, x, mask, training, return_attention_scores)


@one
def no_mask_where_asked(self, x, attention_mask=None, training=None, return_attention_scores=False):
    mask = None if return_attention_scores else attention_mask
    return encoder_layer(self, x, mask, training, return_attention_scores)


@one
def trains_unless_told(self, x, attention_mask=None, training=True, return_attention_scores=False):
    return encoder_layer(self, x, attention_mask, training, return_attention_scores)


@one
def trains_where_said_not_to(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return encoder_layer(self, x, attention_mask, training is not None, return_attention_scores)


@one
def trains_in_use(self, x, attention_mask=None, training=None, return_attention_scores=False):
    return encoder_layer(self, x, attention_mask, not training, return_attention_scores)


@one
def dropped_again(self, x, attention_mask=None, training=None, return_attention_scores=False):
    again = lambda x, y: x + self.attention_dropout(y, training=training)  # noqa: E731
    return encoder_layer(self, x, attention_mask, training, return_attention_scores, first=again)


@one
def scores_in_numpy(self, x, attention_mask=None, training=None, return_attention_scores=False):
    x, scores = encoder_layer(self, x, attention_mask, training, True)
    return (x, ops.convert_to_numpy(scores)) if return_attention_scores else x


@one
def in_doubles(self, x, attention_mask=None, training=None, return_attention_scores=False):
    x, scores = encoder_layer(self, x, attention_mask, training, True)
    return (ops.cast(x, "float64"), scores) if return_attention_scores else ops.cast(x, "float64")


MUTANTS = [
    (norms_of_its_own, "without a gamma"),
    (without_gamma, "without a gamma"),
    (outputs_normed, "what the halves give is normalised"),
    (feed_forward_made_anew, "made inside `call`"),
    (mask_where_asked, "only where the scores are asked for"),
    (no_mask_where_asked, "the mask is forgotten"),
    (trains_unless_told, "its default is None"),
    (trains_where_said_not_to, "training=False is taken for training"),
    (trains_in_use, "`training` is turned around"),
    (dropped_again, "the attention's output is dropped twice"),
    (scores_in_numpy, "before there are numbers"),
    (in_doubles, "another dtype"),
    (brackets_of_the_pair, "Put brackets around the pair"),
    (a_list_of_one, "list of its own"),
    (last_norm_missing, "second sum is not normalised"),
    (first_sum_as_it_is, "first sum is not normalised"),
    (attention_reads_x, "attention reads x as it is"),
    (feed_forward_reads_x, "feed-forward reads x as it is"),
    (first_norm_unasked, "ask self.norm at each"),
    (last_norm_unasked, "ask self.norm at each"),
    (attention_always_trains, "the attention drops outside training"),
    (feed_forward_always_trains, "the feed-forward drops outside training"),
    (second_residual_normed, "keep the x from before"),
    (residual_dropped, "or on the residual"),
    (no_residuals, "both residuals"),
    (no_first_residual, "first residual"),
    (no_second_residual, "second residual is missing"),
    (residual_from_the_start, "second residual is the layer's input"),
    (norm_ignored_post, "with pre the norms stand behind"),
    (norm_ignored_pre, "with post the norms stand before"),
    (pre_and_post_swapped, "with post the norms stand before"),
    (residual_after_the_norm, "keep the x from before"),
    (norm_inside_the_sum, "before the residual is added"),
    (no_norms, "nothing is normalised"),
    (one_norm_for_both, "serves both"),
    (norms_swapped, "two norms have changed"),
    (only_queries_normed, "only the queries"),
    (residual_is_the_sum, "sum from before the first norm"),
    (feed_forward_forgotten, "feed-forward is missing"),
    (feed_forward_first, "comes first"),
    (no_mask, "mask is ignored"),
    (mask_turned, "turned around"),
    (mask_as_key, "third place"),
    (always_a_pair, "not asked for"),
    (never_a_pair, "only the output"),
    (no_attention_dropout, "never dropped"),
    (always_training, "outside training"),
    (sum_dropped, "on the sum"),
]
