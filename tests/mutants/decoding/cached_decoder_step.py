"""Wrong answers to cached_decoder_step."""

import math

from keras import ops

from utils.decoding import (
    cached_layer_step,
)


def step_with(root=True, place=lambda p: p, mark=True, keep_said=True, keep_memory=True, hide=True, norm=True,
              each=True, squeeze=True, own=True, change=None, scores=True, both=False):  # fmt: skip
    """A learner's cached step with one thing wrong."""

    def step(model, token, position, cache):
        decoder = model.decoder
        known = ops.reshape(ops.not_equal(token, model.pad_id), (-1, 1, 1, 1))
        said = ops.slice_update(cache["said"], (0, 0, 0, position), known) if mark else cache["said"]
        x = decoder.embedding(token[:, None]) * (math.sqrt(decoder.embedding_dim) if root else 1.0)
        if place is not None:
            there = cache["positions"]
            x = x + (there if place == "all" else there[:, place(position) : place(position) + 1])
        if both:
            x = x + (math.sqrt(decoder.embedding_dim) - 1) * cache["positions"][:, position : position + 1]
        memories, source = [], cache["source"] if hide else None
        for n, layer in enumerate(decoder.decoder_layers):
            own_n = n if own else 0
            x, memory = cached_layer_step(layer, x, position, cache["self"][n], said, cache["cross"][own_n], source)
            memories.append(memory)
            if not each:
                memories += cache["self"][1:]
                break
        x = decoder.final_norm(x) if decoder.final_norm is not None and norm else x
        logits = model.output_layer(x) if scores else x
        new = {"self": memories if keep_memory else cache["self"], "said": said if keep_said else cache["said"]}
        if change == "dict":
            cache.update(new)
        if change == "list":
            cache["self"][:] = memories
        return logits[:, 0] if squeeze else logits, {**cache, **new}

    return step


MUTANTS = [
    (step_with(root=False), "√D is missing"),
    (step_with(place=None), "no position is added"),
    (step_with(place=lambda p: 0), "every token gets position 0"),
    (step_with(place=lambda p: p + 1), "one too large"),
    (step_with(mark=False), "mask of what was said is wrong"),
    (step_with(keep_said=False), "the words before are hidden"),
    (step_with(keep_memory=False), "hand the new memory on"),
    (step_with(keep_memory=False, keep_said=False), "the words before are hidden"),
    (step_with(hide=False), "the source's padding is looked at"),
    (step_with(norm=False), "the last norm is missing"),
    (step_with(each=False), "only the first layer"),
    (step_with(own=False), "keys and values of the source"),
    (step_with(squeeze=False), "an axis too many"),
    (step_with(scores=False), "vectors came back"),
    (step_with(change="dict"), "the cache that was given is changed"),
    (step_with(change="list"), "the cache that was given is changed"),
    (step_with(place="all"), "the encodings of all positions are added"),
    (step_with(both=True), "multiplied by √D too"),
]
