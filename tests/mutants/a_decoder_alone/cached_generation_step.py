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
    (forgot_memory, "what came back is not what is asked for"),
]
