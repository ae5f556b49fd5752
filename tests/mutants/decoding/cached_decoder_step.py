"""Wrong answers to cached_decoder_step."""

import math

from keras import ops

from utils.decoding import (
    cached_layer_step,
)


def step_with(root=True, place=lambda p: p, mark=True, keep_said=True, keep_memory=True, hide=True, norm=True,
              each=True, squeeze=True, own=True, change=None, scores=True, both=False, later=0, lost=False,
              mark_at=lambda p: p, kept=tuple, give=lambda logits: logits, added=None, pad=None, table=None,
              first_row=False, layers=None, backwards=False):  # fmt: skip
    """A learner's cached step with one thing wrong."""

    def step(model, token, position, cache):
        decoder = model.decoder
        known = ops.reshape(ops.not_equal(token, model.pad_id if pad is None else pad), (-1, 1, 1, 1))
        known = ops.broadcast_to(known[:1], known.shape) if first_row else known
        said = ops.slice_update(cache["said"], (0, 0, 0, mark_at(position)), known) if mark else cache["said"]
        x = (table(model) if table else decoder.embedding)(token[:, None])
        x = x * (math.sqrt(decoder.embedding_dim if root is True else root(model)) if root else 1.0)
        if added is not None:
            x = x + added(cache["positions"], position)
        elif place is not None:
            there = cache["positions"]
            some = slice(position + 1) if place == "so far" else slice(None)
            x = x + (there[:, some] if isinstance(place, str) else there[:, place(position) : place(position) + 1])
        if both:
            x = x + (math.sqrt(decoder.embedding_dim) - 1) * cache["positions"][:, position : position + 1]
        memories, source = [], cache["source"] if hide else None
        numbered = list(enumerate(decoder.decoder_layers))[:layers]
        for n, layer in reversed(numbered) if backwards else numbered:
            own_n = n if own else 0
            memory, cross = cache["self"][n], cache["cross"][own_n]
            y, memory = cached_layer_step(layer, x, position + later, memory, said, cross, source)
            x = x if lost else y
            memories.append(kept(memory))
            if not each:
                memories += cache["self"][1:]
                break
        memories = memories[::-1] if backwards else memories + cache["self"][len(memories) :]
        x = decoder.final_norm(x) if decoder.final_norm is not None and norm else x
        logits = model.output_layer(x) if scores else x
        new = {"self": memories if keep_memory else cache["self"], "said": said if keep_said else cache["said"]}
        if change == "dict":
            cache.update(new)
        if change == "list":
            cache["self"][:] = memories
        return give(logits[:, 0] if squeeze else logits), {**cache, **new}

    return step


def two_layers(model, token, position, cache):
    decoder = model.decoder
    known = ops.reshape(token != model.pad_id, (-1, 1, 1, 1))
    said = ops.slice_update(cache["said"], (0, 0, 0, position), known)
    x = decoder.embedding(token[:, None]) * math.sqrt(decoder.embedding_dim)
    x = x + cache["positions"][:, position : position + 1]
    first, second = decoder.decoder_layers[:2]
    x, m0 = cached_layer_step(first, x, position, cache["self"][0], said, cache["cross"][0], cache["source"])
    x, m1 = cached_layer_step(second, x, position, cache["self"][1], said, cache["cross"][1], cache["source"])
    x = x if decoder.final_norm is None else decoder.final_norm(x)
    return model.output_layer(x)[:, 0], {**cache, "self": [m0, m1], "said": said}


MUTANTS = [
    (two_layers, "two layers are run"),
    (step_with(layers=2), "two layers are run"),
    (step_with(backwards=True), "from the last to the first"),
    (step_with(pad=0), "padding is taken for id 0"),
    (step_with(added=ops.take), "one number of the table is added"),
    (step_with(added=lambda positions, position: position), "one number is added, the position itself"),
    (step_with(squeeze=False, give=ops.squeeze), "squeeze without an axis"),
    (step_with(place=lambda p: max(p - 1, 0)), "one too small"),
    (step_with(table=lambda model: model.encoder.embedding), "the encoder's embedding is asked"),
    (step_with(root=lambda model: model.num_heads), "the root of another number"),
    (step_with(root=lambda model: model.embedding_dim // model.num_heads), "the root of another number"),
    (step_with(first_row=True), "the first row's token"),
    (step_with(place="so far"), "all positions up to this one"),
    (step_with(mark_at=lambda p: 0), "always set at the first place"),
    (step_with(later=1), "kept one place too late"),
    (step_with(lost=True), "what the layers give is lost"),
    (step_with(kept=lambda pair: pair[::-1]), "change places in the memory"),
    (step_with(give=ops.log_softmax), "log-probabilities came back"),
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
