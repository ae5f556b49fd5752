"""Unusual right answers to cached_decoder_step."""

import copy

import numpy as np
import tensorflow as tf
from keras import ops

from utils.decoding import attend_to, cached_layer_step, keys_and_values
from utils.decoding import cached_decoder_step as library_step


def step_by_tensorflow(model, token, position, cache):
    decoder, places = model.decoder, tf.range(cache["said"].shape[-1])
    known = tf.reshape(token != model.pad_id, (-1, 1, 1, 1))
    said = tf.where(places == position, known, cache["said"])
    x = decoder.embedding(token)[:, None] * decoder.embedding_dim**0.5
    x += cache["positions"][:, position : position + 1]
    new = []
    for n, layer in enumerate(decoder.decoder_layers):
        x, pair = cached_layer_step(layer, x, position, cache["self"][n], said, cache["cross"][n], cache["source"])
        new.append(pair)
    if decoder.final_norm is not None:
        x = decoder.final_norm(x)
    return tf.squeeze(model.output_layer(x), axis=1), dict(cache, self=new, said=said)


def step_by_scores_on_all(model, token, position, cache):
    logits, new = library_step(model, token, position, cache)
    shift = tf.reduce_logsumexp(logits, axis=-1, keepdims=True)
    return (logits - shift) + shift, new


def step_by_one_hot(model, token, position, cache):
    decoder, size = model.decoder, cache["said"].shape[-1]
    here = ops.one_hot(position, size, dtype="bool")[None, None, None]
    known = (ops.convert_to_tensor(token) != model.pad_id)[:, None, None, None]
    said = ops.logical_or(ops.logical_and(cache["said"], ~here), ops.logical_and(here, known))
    x = ops.expand_dims(ops.take(decoder.embedding.embeddings, token, axis=0), 1) * decoder.embedding_dim**0.5
    x = x + ops.einsum("l,bld->bd", ops.one_hot(position, size), cache["positions"])[:, None]
    new = []
    for layer, memory, pair in zip(decoder.decoder_layers, cache["self"], cache["cross"], strict=True):
        x, memory = cached_layer_step(layer, x, position, memory, said, pair, cache["source"])
        new += [memory]
    x = decoder.final_norm(x) if decoder.final_norm else x
    return ops.reshape(model.output_layer(x), (len(token), -1)), dict(cache) | dict(self=new, said=said)


def step_recursively(model, token, position, cache):
    decoder, said = model.decoder, np.array(cache["said"])
    said[..., position] = (np.asarray(token) != model.pad_id)[:, None, None]
    said = tf.constant(said)

    def through(layers, memories, pairs, x):
        if not layers:
            return x, ()
        x, memory = cached_layer_step(layers[0], x, position, memories[0], said, pairs[0], cache["source"])
        x, rest = through(layers[1:], memories[1:], pairs[1:], x)
        return x, (memory, *rest)

    x = tf.sqrt(float(decoder.embedding_dim)) * decoder.embedding(token)[:, None]
    x = x + np.asarray(cache["positions"])[0, position]
    x, memories = through(list(decoder.decoder_layers), list(cache["self"]), list(cache["cross"]), x)
    for norm in filter(None, [decoder.final_norm]):
        x = norm(x)
    new = copy.copy(cache)
    new.update(self=list(memories), said=said)
    return np.asarray(model.output_layer(x))[:, 0, :], new


def step_by_hand(model, token, position, cache):
    """Without cached_layer_step."""
    decoder = model.decoder
    known = tf.not_equal(token, model.pad_id)[:, None, None, None]
    said = tf.concat([cache["said"][..., :position], known, cache["said"][..., position + 1 :]], axis=-1)
    x = decoder.embedding(token[:, None]) * decoder.embedding_dim**0.5 + cache["positions"][:, position][:, None]
    memories = []
    for layer, old, pair in zip(decoder.decoder_layers, cache["self"], cache["cross"], strict=True):
        pre = layer.norm == "pre"
        y = layer.self_norm(x) if pre else x
        new = keys_and_values(layer.self_attention, y)
        memory = tuple(
            tf.concat([o[:, :, :position], n, o[:, :, position + 1 :]], 2) for o, n in zip(old, new, strict=True)
        )
        x = x + attend_to(layer.self_attention, y, *memory, said)
        x = x if pre else layer.self_norm(x)
        x = x + attend_to(layer.cross_attention, layer.cross_norm(x) if pre else x, *pair, cache["source"])
        x = x if pre else layer.cross_norm(x)
        x = x + layer.feed_forward(layer.feed_forward_norm(x) if pre else x)
        x = x if pre else layer.feed_forward_norm(x)
        memories.append(memory)
    x = x if decoder.final_norm is None else decoder.final_norm(x)
    return ops.squeeze(model.output_layer(x), 1), {**cache, "self": memories, "said": said}


ALTERNATIVES = [step_by_one_hot, step_recursively, step_by_hand]
ALTERNATIVES += [step_by_tensorflow, step_by_scores_on_all]
