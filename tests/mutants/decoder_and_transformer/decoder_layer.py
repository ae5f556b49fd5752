"""Wrong answers to DecoderLayer."""

import tensorflow as tf
from keras import ops

from tests.mutants.decoder_and_transformer.shared import SCORES, layer


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


def pre_normed(name, which):
    """With norm="pre" a residual that is normalised already, in some of the three blocks."""

    def call(self, x, encoder_output, self_attention_mask=None, cross_attention_mask=None, training=None,
             return_attention_scores=False):  # fmt: skip
        masks = self_attention_mask, cross_attention_mask
        steps = {
            "self": lambda h: good_self(self, h, encoder_output, masks, training),
            "cross": lambda h: good_cross(self, h, encoder_output, masks, training),
            "feed_forward": lambda h: (self.feed_forward(h, training=training), None),
        }
        scores = []
        for kind, step in steps.items():
            norm, residual = getattr(self, f"{kind}_norm"), x
            if self.norm == "pre":
                x = norm(x)
                residual = x if kind in which else residual
            y, s = step(x)
            x = residual + y if self.norm == "pre" else norm(residual + y)
            scores.append(s)
        return (x, *scores[:2]) if return_attention_scores else x

    call.__name__ = name
    return layer(call)


pre_normed_everywhere = pre_normed("pre_normed_everywhere", ("self", "cross", "feed_forward"))


pre_normed_in_front = pre_normed("pre_normed_in_front", ("self",))


pre_normed_in_the_middle = pre_normed("pre_normed_in_the_middle", ("cross",))


pre_normed_behind = pre_normed("pre_normed_behind", ("feed_forward",))


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


def written_out(name, **changes):
    """The lesson's class as the text has it, with pieces replaced."""

    def call(self, x, encoder_output, self_attention_mask=None, cross_attention_mask=None, training=None,
             return_attention_scores=False):  # fmt: skip
        c = {"self_key": None, "cross_key": None, "turn": (), "training": {}, "sum": ()} | changes
        told = {part: c["training"].get(part, training) for part in ("self", "cross", "feed", "one", "two")}
        keys = {"x": x, "encoded": encoder_output, None: None}
        masks = [
            ops.logical_not(mask) if kind in c["turn"] and mask is not None else mask
            for kind, mask in (("self", self_attention_mask), ("cross", cross_attention_mask))
        ]
        pre, post = self.norm == "pre", self.norm == "post"
        residual, x = x, self.self_norm(x) if pre else x
        x, one = self.self_attention(
            x, x, keys[c["self_key"]], attention_mask=masks[0], training=told["self"], **SCORES
        )
        drop = self.self_dropout
        x = drop(residual + x, training=training) if "self" in c["sum"] else residual + drop(x, training=told["one"])
        x = self.self_norm(x) if post else x
        keys["x"] = residual = x
        x = self.cross_norm(x) if pre else x
        keys["x"] = x
        value = encoder_output if c["cross_key"] != "encoded" else x
        x, two = self.cross_attention(
            x, value, keys[c["cross_key"]], attention_mask=masks[1], training=told["cross"], **SCORES
        )
        x = residual + self.cross_dropout(x, training=told["two"])
        x = self.cross_norm(x) if post else x
        residual, x = residual if "old" in c else x, self.feed_forward_norm(x) if pre else x
        x = residual + self.feed_forward(x, training=told["feed"])
        x = self.feed_forward_norm(x) if post else x
        return c.get("back", lambda *results: results)(x, one, two) if return_attention_scores else x

    call.__name__ = name
    return layer(call)


key_from_the_source = written_out("key_from_the_source", self_key="encoded")


key_from_the_target = written_out("key_from_the_target", cross_key="x")


value_from_the_target = written_out("value_from_the_target", cross_key="encoded")


residual_of_cross_again = written_out("residual_of_cross_again", old=True)


own_mask_turned = written_out("own_mask_turned", turn=("self",))


sources_mask_turned = written_out("sources_mask_turned", turn=("cross",))


first_sum_dropped = written_out("first_sum_dropped", sum=("self",))


feed_never_trains = written_out("feed_never_trains", training={"feed": False})


attentions_never_train = written_out("attentions_never_train", training={"self": False, "cross": False})


attentions_always_train = written_out("attentions_always_train", training={"self": True, "cross": True})


cross_always_trains = written_out("cross_always_trains", training={"cross": True})


first_dropout_always = written_out("first_dropout_always", training={"one": True})


scores_in_a_dict = written_out("scores_in_a_dict", back=lambda x, one, two: (x, {"self": one, "cross": two}))


scores_first = written_out("scores_first", back=lambda x, one, two: (one, two, x))


MUTANTS = [
    (key_from_the_source, "in self-attention key and value"),
    (key_from_the_target, "in cross-attention key and value"),
    (value_from_the_target, "in cross-attention key and value"),
    (residual_of_cross_again, "still what went into cross-attention"),
    (own_mask_turned, "the mask of self-attention is turned"),
    (sources_mask_turned, "the mask of cross-attention is turned"),
    (first_sum_dropped, "the sum behind self-attention"),
    (feed_never_trains, "the feed-forward is not told"),
    (attentions_never_train, "the attentions are not told"),
    (attentions_always_train, "the attentions drop outside training"),
    (cross_always_trains, "cross-attention drops outside training"),
    (first_dropout_always, "self.self_dropout drops outside training"),
    (scores_in_a_dict, "in a dict"),
    (scores_first, "scores come first"),
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
    (pre_normed_everywhere, "the normalised input is added"),
    (pre_normed_in_front, "added to the self-attention"),
    (pre_normed_in_the_middle, "added to the cross-attention"),
    (pre_normed_behind, "added to the feed-forward"),
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
]
