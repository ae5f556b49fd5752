"""Wrong answers to cached_generation_step."""

from keras import ops

from utils.decoding import attend_to, keys_and_values


def step_with(kept_at=lambda p: p, seen=lambda n, p: n <= p, swap=False, keep=True, add=True, add_normed=False,
              add_fed=True, norm_before=True, keys_of="normed", norm_fed=True, norm_after=True, norm_last=True,
              style=None, feed=True, own_norm=True):  # fmt: skip
    """A learner's cached step with one thing wrong."""

    def step(layer, x, position, memory):
        pre = (style or layer.norm) == "pre"
        residual = x
        if pre and norm_before:
            x = layer.attention_norm(x)
        k, v = keys_and_values(layer.self_attention, x if keys_of == "normed" else residual)
        k, v = (v, k) if swap else (k, v)
        keys = ops.slice_update(memory[0], (0, 0, kept_at(position), 0), k)
        values = ops.slice_update(memory[1], (0, 0, kept_at(position), 0), v)
        mask = seen(ops.arange(keys.shape[2]), position)
        attended = attend_to(layer.self_attention, x, keys, values, mask[None])
        x = attended + (x if add_normed else residual) if add else attended
        x = layer.attention_norm(x) if not pre and norm_after else x
        residual = x
        if pre and norm_fed:
            x = layer.feed_forward_norm(x) if own_norm else layer.attention_norm(x)
        if feed:
            x = residual + layer.feed_forward(x) if add_fed else layer.feed_forward(x)
        else:
            x = residual
        x = layer.feed_forward_norm(x) if not pre and norm_last else x
        return x, (keys, values) if keep else memory

    return step


def whole_layer(layer, x, position, memory):
    return layer(x), memory


def asks_the_position(layer, x, position, memory):
    return step_with()(layer, x, int(position), memory)


def forgot_memory(layer, x, position, memory):
    return step_with()(layer, x, position, memory)[0]


def by_parts(
    kept=lambda old, new: (old[0], old[1]),
    read=lambda keys, values, old: (keys, values),
    out=lambda k, v: (k, v),
    own=lambda layer: (layer.attention_norm, layer.feed_forward_norm),
    residuals=(True, True),
    again=False,
    normed_residuals=False,
    training=None,
    room=None,
):
    """Another learner's, with another thing wrong."""

    def step(layer, x, position, memory):
        first, last = own(layer)
        came = x
        if layer.norm == "pre":
            x = first(x)
        residual = x if normed_residuals else came
        k, v = keys_and_values(layer.self_attention, x)
        old = kept(memory, (k, v))
        keys = ops.slice_update(old[0], (0, 0, position, 0), k)
        values = ops.slice_update(old[1], (0, 0, position, 0), v)
        seen = (ops.arange(room or keys.shape[2]) <= position)[None]
        x = attend_to(layer.self_attention, x, *read(keys, values, memory), seen)
        x = x + residual if residuals[0] else x
        if layer.norm == "post":
            x = first(x)
        residual = came if again else x
        if layer.norm == "pre":
            x = last(x)
            residual = x if normed_residuals else residual
        x = layer.feed_forward(x, training=training)
        x = x + residual if residuals[1] else x
        return (last(x) if layer.norm == "post" else x), out(keys, values)

    return step


def in_halves(put=None, mask=True, half=None, reads="left"):
    """A third learner's."""

    def step(layer, x, position, memory):
        pre, came = layer.norm == "pre", x
        read = layer.attention_norm(x) if pre else x
        pair = keys_and_values(layer.self_attention, read)
        place = put or (lambda old, new, position: ops.slice_update(old, (0, 0, position, 0), new))
        memory = tuple(place(old, new, position) for old, new in zip(memory, pair, strict=True))
        seen = (ops.arange(memory[0].shape[2]) <= position)[None] if mask else None
        x = x + attend_to(layer.self_attention, read, *memory, seen)
        x = x if pre else layer.attention_norm(x)
        if half:
            return x, memory
        read = layer.feed_forward_norm(came if reads == "came" else x) if pre else x
        x = x + layer.feed_forward(read)
        return (x if pre else layer.feed_forward_norm(x)), memory

    return step


def behind(old, new, position):
    return ops.concatenate([old, new], axis=2)


def up_to_here(old, new, position):
    return ops.concatenate([old[:, :, :position], new], axis=2)


MUTANTS = [
    (whole_layer, "nothing is remembered"),
    (step_with(keep=False), "the old memory is handed on"),
    (step_with(kept_at=lambda p: 0), "kept at place 0"),
    (step_with(kept_at=lambda p: p + 1), "one place late"),
    (step_with(swap=True), "exchanged"),
    (step_with(seen=lambda n, p: n >= 0), "still empty are looked at"),
    (step_with(seen=lambda n, p: n < p), "does not see itself"),
    (step_with(seen=lambda n, p: n == p), "sees itself alone"),
    (step_with(seen=lambda n, p: n > p), "turned around"),
    (step_with(seen=lambda n, p: n <= p + 1), "one place too many"),
    (step_with(add=False), "the first residual is missing"),
    (step_with(add_normed=True), "the normed x is added"),
    (step_with(add_fed=False), "the second residual is missing"),
    (step_with(feed=False), "the feed-forward is missing"),
    (step_with(style="post"), "post-norm whatever"),
    (step_with(style="pre"), "pre-norm whatever"),
    (step_with(norm_before=False), "attention's norm is missing"),
    (step_with(keys_of="x"), "keys and values are made of x"),
    (step_with(norm_fed=False), "the feed-forward's norm is missing"),
    (step_with(own_norm=False), "one of its own"),
    (step_with(norm_after=False), "the norm behind attention is missing"),
    (step_with(norm_last=False), "the last norm is missing"),
    (asks_the_position, "a tensor without a number"),
    (step_with(kept_at=lambda p: p - 1), "one place early"),
    (step_with(seen=lambda n, p: n >= p), "turned around"),
    (by_parts(kept=lambda old, new: (old[0], old[0])), "into the keys' memory"),
    (by_parts(read=lambda keys, values, old: (values, keys)), "the values for keys"),
    (by_parts(read=lambda keys, values, old: old), "at the old memory"),
    (by_parts(read=lambda keys, values, old: (keys, old[1])), "at the old values"),
    (by_parts(out=lambda k, v: (v, k)), "comes back as (values, keys)"),
    (by_parts(out=lambda k, v: ops.stack([k, v])), "the new memory is a pair"),
    (by_parts(own=lambda layer: (layer.feed_forward_norm, layer.attention_norm)), "norms are exchanged"),
    (by_parts(own=lambda layer: (layer.attention_norm, layer.attention_norm)), "one norm stands in both"),
    (by_parts(residuals=(False, False)), "both residuals are missing"),
    (by_parts(again=True), "the first one again"),
    (by_parts(normed_residuals=True), "both times"),
    (by_parts(training=True), "the numbers differ"),
    (by_parts(room=6), "An attention mask must have shape"),
    (forgot_memory, "what came back is not what is asked for"),
    (in_halves(put=behind), "put behind the memory"),
    (in_halves(put=up_to_here, mask=False), "no room for the next"),
    (in_halves(half=True), "the feed-forward's half is missing"),
    (in_halves(reads="came"), "reads what came in"),
]
