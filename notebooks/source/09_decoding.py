# %% [markdown]
# # 09 · Decoding
#
# **How does it speak, and what is it looking at?**
#
# A trained Transformer scores the next word. To make it speak you choose one, hand it back, and ask again. You write
# that loop, give it a memory, let it follow several sentences at once; then you measure which head of the trained
# translator looks at what.
#
# | | |
# |---|---|
# | **You build** | `greedy_decode`, `cached_decoder_step`, `beam_search`, `ablate_head` |
# | **Minutes** | 100, in two sittings: 50 up to *The likeliest sentence*, 50 from there |
# | **You need** | 07 and 08. No network: the trained translator ships with the course |

# %%
import sys

sys.path[:0] = ["..", "../.."]  # where the course's library, utils, lies

from utils.notebook import setup, show

setup(seed=9)

# %% [markdown]
# ## Two ways to be right
#
# Lesson 08's translator, trained for longer, and the 2,000 sentences of the random test, which it has never seen:

# %%
from utils.datasets.generators.french_english import load
from utils.tasks.translation import Translator

translator, pairs = Translator.load(), load("test_random")
model, french, english = translator.model, translator.source_vocabulary, translator.target_vocabulary
jane = "Jane visite l'Afrique en septembre"
print(translator(jane))
assert translator(jane) == "Jane visits Africa in September"

# %% [markdown]
# In training it always read **the right words so far** (teacher forcing). When it speaks it reads **its own**. How much
# easier is the first? `python -m benchmarks.beams` measured two translators on 500 sentences: a beginner, after
# 300 steps of training, and the shipped one.

# %%
from utils.plots.decoding import load_experiment

beams = load_experiment("beams")
for name, result in beams["models"].items():
    accuracy, right = result["token_accuracy"], result["widths"]["1"]["exact_match"]
    print(
        f"{name:10}  words right, given the right words before: {accuracy:5.1%}   whole sentences right: {right:5.1%}"
    )
beginner = beams["models"]["300 steps"]
assert beginner["token_accuracy"] > 0.6 and beginner["widths"]["1"]["exact_match"] < 0.05

# %% [markdown]
# The beginner gets two words in three, and hardly a sentence: a sentence is right only if every one of its words is.
# And after a wrong word the model reads a mistake, which in training it never did. That is called *exposure bias*;
# these two numbers do not tell how much it costs. **Accuracy under teacher forcing is not how well a model speaks.**
#
# ## Word after word, by hand
#
# The encoder reads the source once. Then the decoder is asked again and again: the logits at the last word's place
# score the next one, and **greedy** decoding takes the likeliest. S counts the pieces of the source, V the pieces
# that English is made of.

# %%
import numpy as np
from keras import ops

from utils.layers import create_padding_mask
from utils.text import pad_batch

source_ids = french.encode(jane)[None, 1:]  # (1, S); the encoder needs no start
source_mask = create_padding_mask(source_ids)
encoded = model.encoder(source_ids, attention_mask=source_mask)  # (1, S, D)
ids, steps = [english.start_id], []
while ids[-1] != english.end_id:
    prefix = pad_batch([np.array(ids)], length=12)  # (1, 12): padding behind is not looked at
    decoded = model.decoder(prefix, encoded, cross_attention_mask=source_mask)  # (1, 12, D)
    p = ops.convert_to_numpy(ops.softmax(model.output_layer(decoded)[0, len(ids) - 1]))  # (V,)
    best = np.argsort(-p)[:3]
    steps.append([(english.tokenizer.id_to_token(int(i)), float(p[i])) for i in best])
    ids.append(int(best[0]))

# %% [markdown]
# Six steps for five words, because the end must be said too. A column for each step, its three likeliest pieces from
# the top. `▁` is the space before a word.

# %%
from utils.plots.decoding import word_by_word

chosen = word_by_word(steps)
assert len(chosen) == 6 and min(chosen) > 0.9

# %% [markdown]
# It is surer of every word than it was asked to be: label smoothing aims at 0.9 (lesson 08).
#
# ## Exercise: `greedy_decode`
#
# The same for a batch. `source_ids` is (B, S); back come ids (B, at most `max_length`): no start, no end, padding
# (`model.pad_id`) after a sentence's end. Sentences end at different steps, so:
#
# 1. Encode once, with the source's padding mask, as above.
# 2. At most `max_length` times: ask the decoder about everything said so far, take the likeliest word of each row.
# 3. A row that has said `end_id` is finished and says padding from then on. Stop when all rows are finished.
#
# `cut_at_end(ids, end_id, pad_id)` clears what stands from each row's first end on. The library checks its arguments
# first (`check_request`), and with `use_cache` hands over to a faster function that you will understand in half an
# hour; leave both out of the body if you like, but not `use_cache` out of the first line: later cells name it. Stuck?
# Once the check below has run, `hint("greedy_decode")` gives the first of three hints, and so it is for each exercise.

# %%
from utils.decoding import check_request, cut_at_end, greedy_decode_cached

# %% [markdown]
# Now yours:


# %% tags=["from:utils.decoding.greedy_decode", "exercise"]
def greedy_decode(model, source_ids, max_length: int, start_id: int, end_id: int, use_cache: bool = True) -> np.ndarray:
    """Says the likeliest next token, again and again, until the end.

    Args:
        model: a `Transformer`.
        source_ids: (B, S).
        max_length: the most tokens to say, the end among them.
        start_id: the id that begins a sentence.
        end_id: the id that ends one.
        use_cache: keep keys and values; False reads the whole prefix again for every token. Same tokens.

    Returns:
        (B, at most `max_length`) int32: no start, no end, padding after the end.

    Raises:
        ValueError: an id outside the vocabulary, or a length beyond the model's.
    """
    source_ids = check_request(model, source_ids, max_length)
    if use_cache:
        return greedy_decode_cached(model, source_ids, max_length, start_id, end_id)
    source_mask = create_padding_mask(source_ids, model.pad_id)
    encoded = model.encoder(source_ids, attention_mask=source_mask)  # once: the source does not change
    ids = np.full((len(source_ids), max_length + 1), model.pad_id, "int32")
    ids[:, 0] = start_id
    finished = np.zeros(len(source_ids), bool)
    for t in range(max_length):
        if finished.all():
            break
        prefix = ids[:, : t + 2]  # what is said, and one place of padding: Keras warns of a softmax over a single key
        decoded = model.decoder(prefix, encoded, cross_attention_mask=source_mask)  # (B, t + 2, D)
        token = ops.argmax(model.output_layer(decoded[:, t]), axis=-1)  # (B,), from the last token's place
        ids[:, t + 1] = np.where(finished, model.pad_id, token)
        finished |= ids[:, t + 1] == end_id
    return cut_at_end(ids[:, 1:], end_id, model.pad_id)


# %% [markdown]
# The check uses a tiny model that knows three words and ends its sentences at different places.

# %%
from utils.checks import check, hint

greedy_decode = check(greedy_decode)

# %% [markdown]
# Yours on eight sentences of the test, padded to one width. It is slow: the whole prefix runs again for every word.

# %%
few = pairs[:8]
batch = pad_batch([ids[1:] for ids in french.encode_all([f for f, _ in few])])  # (8, S)
said = greedy_decode(model, batch, 32, english.start_id, english.end_id, use_cache=False)
answers = [english.decode(row) for row in np.asarray(said)]
print(*answers, sep="\n")
right = sum(answer == wanted for answer, (_, wanted) in zip(answers, few, strict=True))
show(right=right, of=len(few))
assert right >= 7

# %% [markdown]
# ## What is computed again and again
#
# For T words the loop runs the decoder on 1, 2, …, T places: T(T + 1)/2 in all, to get T new ones. For eight words:

# %%
from utils.plots.decoding import work

without, with_memory = work(8)
assert (without, with_memory) == (36, 8)

# %% [markdown]
# Is anything new computed at the old places? The look-ahead mask says no: place 2 cannot see place 5, so what comes
# later cannot change it. Run the decoder on three places, then on all six, and compare the first three:

# %%
row = np.array([ids[:-1]], "int32")  # start and five words
three = model.decoder(row[:, :3], encoded, cross_attention_mask=source_mask)
six = model.decoder(row, encoded, cross_attention_mask=source_mask)
difference = float(np.abs(np.asarray(six[:, :3]) - np.asarray(three)).max())
show(largest_difference=difference, digits=4)
assert difference < 1e-4

# %% [markdown]
# What does a new word need from an old one? In attention, only its **key** and its **value**. So keep those, for each
# layer, and compute the new place alone. This memory is the **KV cache**. The source's keys and values are the same
# at every step: compute them once.
#
# Attention is thereby cut into two halves. The first makes keys and values, cut into heads:

# %%
import math

from utils.decoding import cast_to
from utils.layers import merge_heads, scaled_dot_product_attention, split_heads
from utils.layers.attention import project

# %% [markdown]
# `project` is lesson 05's: a matrix and its bias. `cast_to` keeps mixed precision in one dtype.


# %% tags=["from:utils.decoding.keys_and_values"]
def keys_and_values(attention, x) -> tuple:
    """Keys and values (B, H, S, K) of x (B, S, D): the half of attention that does not depend on the query."""
    k = project(x, cast_to(x, attention.key_weights))  # (B, S, D)
    v = project(x, cast_to(x, attention.value_weights))
    return split_heads(k, attention.num_heads), split_heads(v, attention.num_heads)


# %% [markdown]
# The second half asks: the new place's query looks at keys and values that are there already.


# %% tags=["from:utils.decoding.attend_to"]
def attend_to(attention, x, k, v, mask):
    """The other half: the query x (B, 1, D) looks at keys and values (B, H, S, K) that are there already."""
    q = split_heads(project(x, cast_to(x, attention.query_weights)), attention.num_heads)
    heads, _ = scaled_dot_product_attention(q, k, v, mask)
    return project(merge_heads(heads), cast_to(x, attention.output_weights))


# %% [markdown]
# The memory is a dictionary: keys and values of each layer for the target, still empty, and for the source; the
# positions' encoding; and two masks. It has room for L places from the start, because a compiled loop needs shapes that
# do not change.


# %% tags=["from:utils.decoding.start_cache"]
def start_cache(model, source_ids, size: int) -> dict:
    """What the decoder will look at again and again: the source's keys and values, and room for the target's.

    Args:
        model: a `Transformer`.
        source_ids: (B, S).
        size: L, for how many positions there is room.

    Returns:
        "self": for each layer keys and values (B, H, L, K), still zero; "cross": for each layer keys and
        values (B, H, S, K); "positions": their encoding (1, L, D); "said": bool (B, 1, 1, L), which of them
        hold a token; "source": bool (B, 1, 1, S), which words of the source are there.
    """
    source_mask = create_padding_mask(source_ids, model.pad_id)
    encoded = model.encoder(source_ids, attention_mask=source_mask)  # (B, S, D)
    B, H = source_ids.shape[0], model.num_heads
    empty = ops.zeros((B, H, size, model.embedding_dim // H), encoded.dtype)
    layers = model.decoder.decoder_layers
    return {
        "self": [(empty, empty) for _ in layers],
        "cross": [keys_and_values(layer.cross_attention, encoded) for layer in layers],
        "positions": model.decoder.positional_encoding(ops.zeros((1, size, encoded.shape[-1]), encoded.dtype)),
        "said": ops.zeros((B, 1, 1, size), "bool"),
        "source": source_mask,
    }


# %% [markdown]
# What is in it for Jane's sentence, with room for nine places?

# %%
cache = start_cache(model, source_ids, size=9)
for name in ("self", "cross"):
    print(f"{name:6} {len(cache[name])} layers, keys and values each {tuple(cache[name][0][0].shape)}")
show(said=cache["said"][0, 0, 0], source=cache["source"][0, 0, 0])
assert cache["self"][0][0].shape == (1, 4, 9, 32) and not np.any(cache["said"])

# %% [markdown]
# Batch, heads, places, K. Nothing is said yet, so nothing may be looked at.
#
# A decoder layer at one position is lesson 07's layer with attention in halves. `slice_update` writes the new key and
# value at their place; everything else you know.


# %% tags=["from:utils.decoding.cached_layer_step"]
def cached_layer_step(layer, x, position, memory, said, cross, source_mask) -> tuple:
    """A decoder layer at one position: x (B, 1, D) to (B, 1, D), and the memory with one more key and value."""
    pre, post = layer.norm == "pre", layer.norm == "post"

    residual, x = x, layer.self_norm(x) if pre else x
    new = keys_and_values(layer.self_attention, x)  # of this position only, (B, H, 1, K)
    memory = tuple(ops.slice_update(old, (0, 0, position, 0), one) for old, one in zip(memory, new, strict=True))
    x = residual + attend_to(layer.self_attention, x, *memory, said)
    x = layer.self_norm(x) if post else x

    residual, x = x, layer.cross_norm(x) if pre else x
    x = residual + attend_to(layer.cross_attention, x, *cross, source_mask)
    x = layer.cross_norm(x) if post else x

    residual, x = x, layer.feed_forward_norm(x) if pre else x
    x = residual + layer.feed_forward(x)
    return layer.feed_forward_norm(x) if post else x, memory


# %% [markdown]
# ## Exercise: `cached_decoder_step`
#
# Now the decoder, for one token: `token` (B,) stands at `position`. Back come the logits (B, V) for the next word and
# the **new** cache.
#
# 1. Mark in `said` (B, 1, 1, L) that the place `position` holds a token, unless the token is padding.
# 2. Embed the token as the decoder does, times √D, as (B, 1, D), and add the encoding of `position`.
# 3. Go through the layers with `cached_layer_step`; each has a memory and source keys and values of its own.
# 4. `decoder.final_norm`, where there is one; then `model.output_layer`.
#
# Do not change the cache you were given: make a new dictionary, `{**cache, …}`.


# %% tags=["from:utils.decoding.cached_decoder_step", "exercise"]
def cached_decoder_step(model, token, position, cache: dict) -> tuple:
    """Reads one token and scores every word that may come next. Equals the decoder run on the whole prefix.

    Args:
        model: a `Transformer`.
        token: (B,), the token at `position`.
        position: a scalar, from 0 on.
        cache: from `start_cache`, then from the step before.

    Returns:
        The logits (B, V) and the new cache.
    """
    decoder = model.decoder
    is_token = ops.reshape(ops.not_equal(token, model.pad_id), (-1, 1, 1, 1))
    said = ops.slice_update(cache["said"], (0, 0, 0, position), is_token)  # the future is still False
    x = decoder.embedding(token[:, None]) * math.sqrt(decoder.embedding_dim)  # (B, 1, D)
    x = x + ops.take(cache["positions"], position, axis=1)
    memories = []
    for layer, memory, cross in zip(decoder.decoder_layers, cache["self"], cache["cross"], strict=True):
        x, memory = cached_layer_step(layer, x, position, memory, said, cross, cache["source"])
        memories.append(memory)
    x = x if decoder.final_norm is None else decoder.final_norm(x)
    return model.output_layer(x)[:, 0], {**cache, "self": memories, "said": said}


# %% [markdown]
# The check compares with the decoder on the whole prefix, for several tokens in a row.

# %%
cached_decoder_step = check(cached_decoder_step)

# %% [markdown]
# The loop around it, for the same eight sentences. The promise: the same words, token for token.

# %%
cache, token, words = start_cache(model, batch, size=32), np.full(8, english.start_id, "int32"), []
for position in range(said.shape[1] + 1):
    logits, cache = cached_decoder_step(model, token, position, cache)
    token = np.asarray(ops.argmax(logits, axis=-1), "int32")  # (8,)
    words.append(token)
remembered = cut_at_end(np.stack(words, axis=1), english.end_id, model.pad_id)
print("the same ids:", np.array_equal(remembered, said))
assert np.array_equal(remembered, said)

# %% [markdown]
# ### How much faster?
#
# The library puts its own copy of this step into a loop that TensorFlow compiles whole (`greedy_loop`), so that Python
# is asked once and not at every word. The eight sentences both ways:

# %% tags=["nbval-ignore-output"]
import time

from utils import decoding


def seconds(use_cache):
    start = time.perf_counter()
    decoding.greedy_decode(model, batch, 32, english.start_id, english.end_id, use_cache=use_cache)
    return time.perf_counter() - start


seconds(True)  # compiles
slow, fast = min(seconds(False) for _ in range(2)), min(seconds(True) for _ in range(3))
print(f"whole prefix {1000 * slow:.0f} ms, with a memory {1000 * fast:.0f} ms: {slow / fast:.0f} times faster")

# %% [markdown]
# These sentences are short. `python -m benchmarks.decoding` did it with a larger model and 64 words, the whole prefix
# once *eager*, that is run step by step as it is written, and once compiled:

# %%
assert slow > 2 * fast
stored = load_experiment("decoding")
for result in stored["length 64"]:
    times = result["times faster"]
    print(f"batch {result['batch']:2}: {times['whole prefix, eager']:.0f} times faster than the whole prefix again, "
          f"{times['whole prefix, compiled']:.0f} times than that compiled")  # fmt: skip
assert all(result["times faster"]["whole prefix, compiled"] > 4 for result in stored["length 64"])

# %% [markdown]
# Part of the first number is owed to the compiled loop; part of the second to a rival that reads all 64 places at
# every word, about twice too many. What does one more word cost in a long text? In our loop the 500th costs what the
# 30th does: shapes are fixed, so every step looks at all the places there is room for, empty ones too. The room is
# what it pays for:

# %%
from utils.plots.decoding import time_by_room

drawn = time_by_room(stored["rooms"])
one = stored["one decode of 512"]
print(f"room for 512: the 500th word costs {one['ratio']:.2f} times the 30th")
cached, again = drawn["with a memory"], drawn["the whole prefix again"]
assert one["ratio"] < 1.3 and cached[-1] > 2 * cached[0]
assert again[-1] / cached[-1] > again[0] / cached[0]

# %% [markdown]
# So a word is **not** free of what was said before: its query meets every key. The gap widens to the right, where the
# memory saves most: the projections, feed-forward and looks of all old places.
#
# ### What the memory weighs
#
# For each layer a key and a value of H heads, K numbers each, for L places: **2 · layers · H · K · L · bytes**, for one
# sentence. Measured against the formula, here and in the stored model:

# %%
K = model.embedding_dim // model.num_heads
for L in (9, 32):
    pairs_kept = start_cache(model, source_ids, size=L)["self"]
    measured = sum(np.asarray(array).nbytes for pair in pairs_kept for array in pair)
    formula = 2 * model.num_layers * model.num_heads * K * L * 4  # float32 has 4 bytes
    print(f"room for {L:2}: {measured:,} bytes, by the formula {formula:,}")
    assert measured == formula
for L, row in stored["rooms"].items():  # 4 layers, H · K = 256
    assert row["bytes"] == 2 * 4 * 256 * int(L) * 4

# %% [markdown]
# A model with 32 layers of 32 heads, K = 128, in 2 bytes, holding 8,192 places:

# %%
gigabytes = {G: 2 * 32 * G * 128 * 8192 * 2 / 1e9 for G in (32, 8, 1)}
print({f"keys and values of {G}": f"{size:.2f} GB" for G, size in gigabytes.items()})
assert 4 < gigabytes[32] < 4.5 and gigabytes[32] == 4 * gigabytes[8] == 32 * gigabytes[1]

# %% [markdown]
# Four gigabytes for each text that is being written. The numbers for 8 and for 1 show the remedy. Let several query
# heads **share** the keys and values of one: *grouped-query attention* (Ainslie et al. 2023), and with a single one
# for all *multi-query attention* (Shazeer 2019). Here it is only tried out; in [15 · Since 2017](15_since_2017.ipynb)
# it is a layer that you write.

# %%
from keras import random


def grouped(q, k, v):
    """q (B, H, T, K); k and v (B, G, S, K), each for H/G query heads."""
    k, v = (ops.repeat(x, q.shape[1] // x.shape[1], axis=1) for x in (k, v))  # each beside itself: (B, H, S, K)
    return scaled_dot_product_attention(q, k, v)[0]


q, k, v = random.normal((1, 4, 1, 8), seed=1), random.normal((1, 2, 6, 8), seed=2), random.normal((1, 2, 6, 8), seed=3)
two_alone = [scaled_dot_product_attention(q[:, 2 * g : 2 * g + 2], k[:, g : g + 1], v[:, g : g + 1])[0] for g in (0, 1)]
difference = float(np.abs(grouped(q, k, v) - np.concatenate(two_alone, axis=1)).max())
print("four query heads on two heads of keys, the same as two and two:", difference < 1e-6)
assert difference < 1e-6

# %% [markdown]
# Four heads still ask four questions, of two sets of keys, and half as much is remembered. What that costs in quality
# has to be measured for each model.
#
# (The source's keys and values come on top: the same formula with S in L's place.) **A good place to stop for
# today.** If you come back another day, run everything above once more.

# %% [markdown]
# ## The likeliest sentence
#
# Greedy takes the likeliest word at each step. Is that the likeliest sentence? A model small enough to ask about
# **every** sentence answers: three words, random weights, at most four tokens, the end among them.

# %%
import itertools

from utils.checks.decoding import END, SOURCES, START, tiny_model

tiny, tiny_source = tiny_model(seed=47), SOURCES[:1]
wordings = [w for n in range(4) for w in itertools.product((3, 4, 5), repeat=n)]  # 40 sentences


def log_probability(sentence):
    prefix = pad_batch([np.array([START, *sentence])], length=5)
    log_p = ops.convert_to_numpy(ops.log_softmax(tiny((tiny_source, prefix))[0], axis=-1))  # (5, V)
    return float(sum(log_p[t, word] for t, word in enumerate([*sentence, END])))


truth = sorted(((log_probability(sentence), sentence) for sentence in wordings), reverse=True)
greedy = tuple(int(i) for i in decoding.greedy_decode(tiny, tiny_source, 4, START, END, use_cache=False)[0])
print("best of all:", truth[0][1], " greedy:", greedy)
show(best=truth[0][0], greedy=log_probability(greedy))
assert truth[0][0] > log_probability(greedy)

# %% [markdown]
# Not here: greedy said something else, and cannot take a word back. Nor can you try every sentence: with lesson 08's
# 1,275 pieces and ten places there are more than 10³¹. **Beam search** keeps the k likeliest beginnings side by side.
#
# Each step: extend every beginning by every word, add the log-probabilities, keep the best.

# %%
from utils.decoding import start_beams
from utils.layers.contract import check_positive

# %% [markdown]
# For all sentences at once: k beginnings, M candidates for each, and of all of them the best 2k.


# %% tags=["from:utils.decoding.best_continuations"]
def best_continuations(log_p: np.ndarray, words: np.ndarray, word_log_p: np.ndarray) -> tuple:
    """Of all beginnings (B, k) with all their next words (B, k, M) the 2k likeliest, best first.

    At most k of them end, one for each beginning, so at least k go on.

    Returns:
        Which beginning (B, 2k), which word (B, 2k), and the log-probability of the whole (B, 2k).
    """
    k, M = words.shape[1:]
    totals = (log_p[..., np.newaxis] + word_log_p).reshape(-1, k * M)
    order = np.argsort(-totals, axis=1, kind="stable")[:, : 2 * k]
    words = np.take_along_axis(words.reshape(-1, k * M), order, axis=1)
    return order // M, words, np.take_along_axis(totals, order, axis=1)


# %% [markdown]
# Two beginnings, three words, by hand. *the dog* is behind *a dog* after one word, and wins after two:

# %%
beginnings = np.log([[0.6, 0.4]])  # "a", "the"
next_words = np.log([[[0.5, 0.3, 0.2], [0.9, 0.05, 0.05]]])  # (1, 2, 3): what may follow each
which, word, total = best_continuations(beginnings, np.tile(np.arange(3), (1, 2, 1)), next_words)
show(beginning=which[0], word=word[0], p=np.exp(total[0]))
assert which[0, 0] == 1 and np.isclose(np.exp(total[0, 0]), 0.36)

# %% [markdown]
# Each further word multiplies by one more probability, at most 1, so the sum favours short sentences. The **length
# penalty** makes up for that: a finished sentence scores its log-probability divided by ((5 + tokens)/6)^α (Wu et al.
# 2016).


# %% tags=["from:utils.decoding.penalty"]
def penalty(length: int, alpha: float) -> float:
    """What a log-probability is divided by, so that long sentences can compete (Wu et al. 2016, section 7)."""
    return ((5 + length) / 6) ** alpha


# %% [markdown]
# With α = 0 nothing changes; with 0.6, as in the Transformer paper, ten tokens are divided by

# %%
show(penalty=[penalty(10, 0.0), penalty(10, 0.6)])

# %% [markdown]
# With α above 0 the longest sentence is divided by most, with α below 0 the shortest:


# %% tags=["from:utils.decoding.highest_penalty"]
def highest_penalty(shortest: int, longest: int, alpha: float) -> float:
    """The most that a log-probability can be divided by at these lengths: it makes the best that can come of it."""
    return max(penalty(shortest, alpha), penalty(longest, alpha))


# %% [markdown]
# When may it stop? *When k sentences have finished*, say some programs. But short junk finishes first. Say a model
# gives the first word 0.90 and an end at once 0.06; after that word another one has 0.95, and an end 0.03. With k = 2:

# %%
finished = {"nothing at all": 0.06, "one word": 0.90 * 0.03}
still_open = 0.90 * 0.95
print({sentence: f"{p:.3f}" for sentence, p in finished.items()}, f"still open: {still_open:.3f}")
assert len(finished) == 2 and still_open > 10 * max(finished.values())

# %% [markdown]
# The beginning that is still open is more than ten times as likely as either. Whoever stops here says nothing at all.
#
# ## Exercise: `beam_search`
#
# Return the best finished sentence of each row, as ids like `greedy_decode`'s, and its score (B,).
#
# 1. `likeliest_words = start_beams(model, source_ids, max_length, k)` holds the model and its memory. At each step call
#    it with the last tokens (B, k) and the parents (B, k): which beginning each one carries on. Back come words and
#    log-probabilities, (B, k, M) each.
# 2. At first all k beginnings are the same, start. Only one of them may count: give the others a log-probability of −∞.
# 3. `best_continuations` gives 2k, best first: parents, words and totals, (B, 2k) each. `ids[row, parents]`, with `row`
#    the numbers 0…B-1 as a column (B, 1), carries the words over.
# 4. Of the first k, those whose word is `end_id` are finished: keep the best of each row, score and ids. The end counts
#    as a token.
# 5. The first k that have not ended go on.
# 6. **Stop when no open beginning can still win.** Its log-probability can only fall, and it will be divided at most by
#    the highest penalty of the lengths still to come (`highest_penalty`): that is its best possible score. If in every
#    row even the likeliest open beginning's is no better than the best finished score, stop; else go on, up to
#    `max_length`.
# 7. Where nothing has finished, take the likeliest beginning, its log-probability divided by the penalty of
#    `max_length`.
#
# `pad_batch(list of sentences, end_id, max_length)` makes one array of them, `cut_at_end` tidies it. This is the
# longest exercise of the course. Take a hint where you need one.


# %% tags=["from:utils.decoding.beam_search", "exercise"]
def beam_search(model, source_ids, max_length: int, start_id: int, end_id: int, beam_width: int = 4,
                length_penalty: float = 0.6) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Follows the `beam_width` likeliest beginnings side by side, until none can beat what has ended (section 6.1).

    The first five arguments are those of `greedy_decode`. `beam_width` is k, how many beginnings are kept.
    `length_penalty` is α: a sentence scores its log-probability / ((5 + tokens) / 6)^α (Wu et al. 2016). With k = 1
    and α = 0 this is greedy.

    Returns:
        The best finished sentence of each row, as from `greedy_decode` (where none finished, the likeliest
        beginning), and its score, (B,) float64. The end counts as a token.

    Raises:
        ValueError: an id outside the vocabulary, a length beyond the model's, or k < 1.
    """
    source_ids = check_request(model, source_ids, max_length)
    check_positive(beam_width=beam_width)
    B, k, row = len(source_ids), beam_width, np.arange(len(source_ids))[:, np.newaxis]
    likeliest_words = start_beams(model, source_ids, max_length, k)
    ids, parents = np.full((B, k, 1), start_id, "int32"), np.zeros((B, k), "int32")
    log_p = np.tile(np.where(np.arange(k) == 0, 0.0, -np.inf), (B, 1))  # k times the same: only one counts
    best = [(-np.inf, None)] * B  # of each row's finished sentences: score and ids
    for length in range(1, max_length + 1):
        parents, words, log_p = best_continuations(log_p, *likeliest_words(ids[..., -1], parents))  # (B, 2k) each
        ids = np.concatenate([ids[row, parents], words[..., np.newaxis]], axis=-1)  # (B, 2k, length + 1)
        scores = log_p / penalty(length, length_penalty)
        ended = words == end_id
        for b, i in np.argwhere(ended[:, :k]):  # of the k best, those are done
            if scores[b, i] > best[b][0]:
                best[b] = scores[b, i], ids[b, i, 1:]
        going_on = np.argsort(ended, axis=1, kind="stable")[:, :k]  # the k best of those that have not ended
        ids, parents, log_p = (array[row, going_on] for array in (ids, parents, log_p))
        hope = log_p[:, 0] / highest_penalty(length + 1, max_length, length_penalty)  # if all that follows is certain
        if all(hope <= [score for score, _ in best]):
            break
    unfinished = [(log_p[b, 0] / penalty(max_length, length_penalty), ids[b, 0, 1:]) for b in range(B)]
    best = [u if sentence is None else (score, sentence) for (score, sentence), u in zip(best, unfinished, strict=True)]
    sentences = pad_batch([sentence for _, sentence in best], end_id, max_length)
    return cut_at_end(sentences, end_id, model.pad_id), np.array([score for score, _ in best])


# %% [markdown]
# The check tries width 1 without a penalty (that is greedy), a width that finds the best of all, widths in between,
# when to stop, the penalty, a model that never ends, and other ids of start and end.

# %%
beam_search = check(beam_search)

# %% [markdown]
# On the tiny model a wide beam must find what trying everything found, with the same score:

# %%
tiny = tiny_model(seed=47)  # the check has used it for other seeds
ids, scores = beam_search(tiny, tiny_source, 4, START, END, beam_width=40, length_penalty=0.0)
found = tuple(int(i) for i in np.asarray(ids)[0])
print("beam:", found, " best of all:", truth[0][1])
show(score=float(np.asarray(scores)[0]), truth=truth[0][0])
assert found == truth[0][1] and abs(float(np.asarray(scores)[0]) - truth[0][0]) < 1e-4

# %% [markdown]
# ### What a wider beam buys
#
# To score whole test sets people count shared runs of one to four words: **BLEU**, from 0 to 100, computed by
# `sacrebleu` so that everybody counts alike. First the beginner, after 300 steps:

# %%
from utils.plots.decoding import three_numbers

drawn = three_numbers(beams, "300 steps")
assert drawn["bleu"][2] > drawn["bleu"][0] + 2 and drawn["right"][2] < 10

# %% [markdown]
# By accuracy it gets two words in three; of its sentences two to four in a hundred are right. A wider beam raises
# BLEU up to a width of 4, and more than doubles the few sentences. And the shipped translator:

# %%
shipped = beams["models"]["shipped"]["widths"]
for width, result in shipped.items():
    print(f"width {width}: BLEU {result['bleu']:.1f}, sentences right {result['exact_match']:.1%}")
assert len({result["exact_match"] for result in shipped.values()}) == 1

# %% [markdown]
# The same at every width. (A sound beam can lose to greedy, when it drops greedy's beginning on the way; if yours
# often does, suspect first its rule for stopping.) A hundred sentences live, with several penalties. With α = 0 the
# score is ln p: to how many sentences does the model give more than a half?

# %%
sample_french, sample_english = (list(side) for side in zip(*pairs[:100], strict=True))
rows = pad_batch([ids[1:] for ids in french.encode_all(sample_french)])  # (100, S)
live = decoding.greedy_decode(model, rows, 32, english.start_id, english.end_id)
for alpha in (0.0, 0.6, 1.0):
    ends = english.start_id, english.end_id
    ids, scores = decoding.beam_search(model, rows, 32, *ends, beam_width=4, length_penalty=alpha)
    sure = f", p above ½ for {np.sum(np.exp(scores) > 0.5)} of {len(scores)}" if alpha == 0 else ""
    print(f"width 4, α = {alpha}: as greedy {np.array_equal(ids, live)}{sure}")
    assert np.array_equal(ids, live) and (alpha > 0 or np.mean(np.exp(scores) > 0.5) > 0.7)

# %% [markdown]
# A sentence with more than a half has no rival: all others share what is left.
#
# On real captions, after a short training, a beam has something to find (`python -m benchmarks.multi30k --widths`):

# %%
captions = load_experiment("multi30k_widths")["arms"]["ours"]["widths"]
for row in captions.values():
    print(f"width {row['width']:2}, α = {row['alpha']}: BLEU {row['bleu']:.1f}, mean ln p {row['log_p']:.2f}, "
          f"words for each of the reference's {row['length']:.2f}")  # fmt: skip
greedy_row, *wider = captions.values()
for alpha in (0.6, 0.0):
    rows_of_alpha = [greedy_row, *[row for row in wider if row["alpha"] == alpha]]
    bleus, log_ps = ([row[key] for row in rows_of_alpha] for key in ("bleu", "log_p"))
    assert bleus[0] < max(bleus) and bleus[-1] < max(bleus)  # a beam helps, the widest not most
    assert log_ps == sorted(log_ps)  # the wider, the likelier
    runs = [row["bleu"] / min(1, np.exp(1 - 1 / row["length"])) for row in rows_of_alpha]  # BLEU's factor taken off
    assert runs == sorted(runs)

# %% [markdown]
# The wider the beam, the likelier its sentences. BLEU rises, then falls; without a penalty a beam of 16 is back where
# greedy was. The sentences grow too short, and BLEU takes off for that: without its factor for length it would rise
# to the end. So the *model* is at fault, which likes what is too short, and the length penalty makes up for part of
# it (Stahlberg and Byrne 2019 show how far this goes). **Measure before you widen.**
#
# ## Does a head have a job?
#
# Do trained heads specialise: one for names, one for places, one for dates? Look in every test sentence for a month,
# a weekday, a name (who), a country or a city (where), that stands once in the French and once in the English. At the
# step at which the English word is said, how much of a head's weight lies on the French one?

# %%
from benchmarks.heads import find_spots, masses, mean_of

spots = find_spots(translator, pairs[:300])
means = mean_of(masses(translator, pairs[:300], spots))
roles = ("month", "weekday", "who", "where")
show(words={role: sum(spot.role == role for spot in spots) for role in roles})
assert len(means) == 8 and len(spots) > 100

# %% [markdown]
# Eight cross-attention heads, four in each layer. `python -m benchmarks.heads` did this with all 2,000 sentences, and
# with the 2,000 of the other test, whose combinations are new. The three must agree.

# %%
heads = load_experiment("heads")
elsewhere = heads["mass_on_new_combinations"]
for name, other in (("300 sentences", means), ("the other test", elsewhere)):
    gap = max(abs(other[head][role] - heads["mass"][head][role]) for head in means for role in roles)
    print(f"{name}: largest difference from the 2,000 below 0.15: {gap < 0.15}")
    assert gap < 0.15

# %% [markdown]
# That is where a head **looks**. Whether it **matters** is another question, with another test: silence it, and count
# the sentences that go wrong. That is called *ablation*.
#
# ## Exercise: `ablate_head`
#
# Lesson 05 showed that the layer's output is a sum: head h adds its result times **its rows of W_O**. If these are
# zero, it adds nothing. Write a context manager: inside the `with` that head is silent, afterwards all is as before,
# even if an error was raised inside. (The library refuses a head that is not there; yours need not.)
#
# `find_attention(model, key)` finds the layer, for a key such as `"decoder/1/cross"`; its `output_weights` are the pair
# (kernel (H, K, D), bias). `kernel.assign(array)` sets them. What stands before `yield` happens on the way in, what
# stands after it on the way out; `try … finally` makes sure of that.

# %%
import contextlib
from collections.abc import Iterator

from utils.decoding import find_attention

# %% [markdown]
# A context manager is a function with one `yield`, under this decorator:


# %% tags=["from:utils.decoding.ablate_head", "exercise"]
@contextlib.contextmanager
def ablate_head(model, key: str, head: int) -> Iterator[None]:
    """Inside the `with`, one head says nothing: its rows of W_O are zero. Afterwards all is as before.

    Args:
        model: a `Transformer`.
        key: which attention, as in the attention dict: "encoder/0/self", "decoder/1/cross", …
        head: 0…H-1.

    Raises:
        ValueError: there is no such attention, or no such head.
    """
    attention = find_attention(model, key)
    if not 0 <= head < attention.num_heads:
        raise ValueError(f"`head` must lie in 0…{attention.num_heads - 1}. Received: head={head!r}")
    kernel, _ = attention.output_weights  # (H, K, D)
    before = ops.convert_to_numpy(kernel).copy()
    without = before.copy()
    without[head] = 0
    kernel.assign(without)
    try:
        yield
    finally:
        kernel.assign(before)


# %% [markdown]
# The check looks inside, outside, and what is left after an error.

# %%
ablate_head = check(ablate_head)

# %% [markdown]
# On the left where each head looks, on the right what is lost when it is silent, of 500 sentences:

# %%
from utils.plots.decoding import heads_and_roles

grid = heads_and_roles(heads["mass"], {head: heads["damage"][head] for head in heads["mass"]})
odd = min(heads["mass"], key=lambda head: heads["mass"][head]["weekday"])
shares = heads["mass"][odd]["weekday"], heads["end"][odd]["weekday"]
print(f"{odd}: of its weight on the weekday {shares[0]:.3f}, on the end of the sentence {shares[1]:.3f}")
print(f"largest loss by any one of these heads: {max(heads['damage'][head] for head in heads['mass']):.1%}")
assert np.median(grid) > 0.95 and shares[0] < 0.01 and shares[1] > 0.99
assert max(heads["damage"][head] for head in heads["mass"]) < 0.02

# %% [markdown]
# Most heads put nearly all their weight on the month while the month is said, on the name while the name is said:
# they have learnt *alignment*, to look at the word that is being translated. But two heads that follow the months
# nearly ignore the **weekdays**, and a third gives them 0.40; the head printed above looks at the end of the sentence
# then. Had you asked for *when*, the average would have shown a middling head and hidden this. Why weekdays? The
# picture does not say. **A head's job need not have a name in our grammar.**
#
# No single one of the eight is needed: none costs more than one sentence of 500. Are all four of a layer needed?

# %%
from utils.plots.decoding import losses

drawn = losses(heads["together"])
assert max(drawn.values()) < 50 and drawn["decoder/1/cross"] > 5

# %% [markdown]
# Even without a whole cross-attention most sentences come out right, because the other layer has one too. So silence
# both, all eight heads, live, and ask for Jane:

# %%
with contextlib.ExitStack() as stack:
    for layer in range(2):
        for head in range(4):
            stack.enter_context(ablate_head(model, f"decoder/{layer}/cross", head))
    blind = translator([f for f, _ in pairs[:50]])
    print(translator(jane))
right = sum(a == b for a, (_, b) in zip(blind, pairs[:50], strict=True))
show(right=right, of=50)
assert right <= 2 and translator(jane) == "Jane visits Africa in September"

# %% [markdown]
# Fluent English about something else (look at `set(blind)`): the decoder cannot see the French any more. The heads
# matter together, and each alone can be spared. (Michel et al. 2019 found the second of most heads of larger models;
# Voita et al. 2019 found specialists too, in deeper ones.) Now, and only now, a picture: the head that follows months
# best, on Jane's sentence.

# %%
from benchmarks.heads import cross_attention
from utils.plots.decoding import who_looks_where

best = max(heads["mass"], key=lambda head: heads["mass"][head]["month"])
key, head = best.split()
weights = cross_attention(translator, [(jane, "Jane visits Africa in September")])[key][0][int(head)]
source, target = [*french.pieces(jane), "<end>"], [*english.pieces("Jane visits Africa in September"), "<end>"]
top = who_looks_where(weights[: len(target), : len(source)], target, source, f"{key}, head {head}, on a new sentence")
assert top[target.index("▁September")] == "▁septembre"

# %% [markdown]
# *September* looks at *septembre*, in a sentence that training never had.
#
# The explorer is this translator in a page, every head of it, and it runs anew for whatever you change. (`explore`
# takes any other too, such as one that you trained: `Translator.load("folder")`.) Two things to try, each with a
# guess first:
#
# 1. A question: choose the sentence *Lina va trouver le livre que Karim a perdu*, the attention `decoder/1/cross`, and
#    of the pieces that it says *Karim*. Which French word do its heads look at, and why is it not *Karim*?
# 2. A switch: of *Lina is going to find the book that Karim lost*, what is left without **positions**?

# %%
from utils.explore import explore

explore(translator)

# %% [markdown]
# The first: *perdu*, all four. The decoder has read *Karim* and is about to say *lost*: it looks where the next word
# comes from. To see where *Karim* came from, choose the piece before it. The second: *Karim lost the book*, good
# English, and Lina is gone. Without positions it reads a bag of words, and cannot tell whose verb is which.
#
# ## What to remember
#
# - A model scores one next word. **Greedy** takes the likeliest and hands it back; it cannot withdraw it later.
# - Keys and values of words already said never change: **remember them**, the KV cache. A word then costs far less,
#   but more the more places there are; and so does the memory they take: 2 · layers · H · K · L · bytes.
# - A beam follows several beginnings, and may stop only when none of them can still win. In BLEU it helped two
#   beginners up to a width of 2 or 4; it changed nothing for the trained model. The likelier may be too short.
# - Accuracy under teacher forcing, BLEU and whole sentences right are three different numbers. Say which.
# - Where a head looks and whether it matters are two measurements. Here the heads align words, some with gaps that an
#   average hides, and none alone is needed.
#
# ## Three questions for yourself
#
# <details><summary>1. The decoder may keep keys and values. Why could an encoder not, if words were added?</summary>
# In the decoder a place sees only places before it, so nothing later changes it. In the encoder every place sees
# every other, and a new word changes all.
# </details>
#
# <details><summary>2. A beam of width 1 with α = 0 says what greedy says. With α > 0 it may not. Why?</summary>
# When the likeliest word is the end, the beam keeps that sentence and goes on with the second likeliest word, as long
# as that can still win. Without a penalty it cannot: its probability is smaller already and only falls. With one, a
# longer sentence is divided by more and may win.
# </details>
#
# <details><summary>3. A head puts 0.99 on the month, and ablating it costs nothing. Two explanations?</summary>
# Other heads bring the same information; or the layers after it do not use what it brings.
# </details>
#
# ## Where to read on
#
# - Holtzman et al. 2020, *The Curious Case of Neural Text Degeneration*: why the likeliest text is often a dull one.
# - Pope et al. 2023, *Efficiently Scaling Transformer Inference*: what the memory costs when models are large.
# - Post 2018, *A Call for Clarity in Reporting BLEU Scores*: the paper behind `sacrebleu`.
#
# ## Next
#
# [10 · A pre-trained encoder](10_pretrained_encoder.ipynb): you load a model that was trained for weeks into the layers
# that you have built.
