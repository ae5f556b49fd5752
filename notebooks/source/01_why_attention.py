# %% [markdown]
# # 01 · Why attention?
#
# **What problem does attention solve?**
#
# A sentence is a sequence, and for a long time sequences were read by recurrent networks: one word after the other,
# remembering as they go. Here you see where that memory fails, and build the remedy: a dictionary that can be asked
# with a key it has never seen.
#
# | | |
# |---|---|
# | **You build** | `softmax`, `cosine_similarity`, `attention_pool` |
# | **Minutes** | 45 |
# | **You need** | 00; dot products. The encoder's files, fetched once by the set-up |

# %%
import sys

sys.path[:0] = ["..", "../.."]  # where the course's library, utils, lies

from utils.notebook import setup, show

setup(seed=1)

# %% [markdown]
# ## A chain, and what must pass through it
#
# A recurrent unit reads word by word. At each step it mixes the new word $x_t$ into a state $h_t$, one vector, that
# carries everything so far:
#
# $$h_t = \tanh(W h_{t-1} + U x_t)$$
#
# Left below, the first word reaches the last only through every unit between them. Right, it has a link of its own.

# %%
from utils.plots.why_attention import bottleneck

sentence = "The train left the station".split()
steps = bottleneck(sentence)
assert steps == {"recurrence": 4, "attention": 1}

# %% [markdown]
# LSTM and GRU (1997, 2014) are recurrent units with *gates*: small switches that decide what to keep. They remember
# longer. But the chain stays a chain: each unit is a bottleneck for all that came before.
#
# ## How far back does learning reach?
#
# A network learns from gradients. If the output does not feel a change of word 1, nothing about word 1 is learnt.
# Measure it: how large is the gradient of the **last** output with respect to each input?

# %%
import keras
import numpy as np
import tensorflow as tf

T, D = 100, 32
x = tf.random.uniform((16, T, D), -0.05, 0.05)  # 16 sequences, as small as fresh embeddings


def reach(unit):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = unit(x)  # (16, D)
    gradient = tape.gradient(y, x).numpy().astype("float64")  # (16, T, D)
    return np.linalg.norm(gradient, axis=-1).mean(axis=0)[::-1]  # distance 0 first


# %% [markdown]
# Four units, none trained: three recurrent ones, and Keras' attention in which the last word looks at all words.

# %%
look = keras.layers.Attention()
units = {
    "SimpleRNN": keras.layers.SimpleRNN(D),
    "GRU": keras.layers.GRU(D),
    "LSTM": keras.layers.LSTM(D),
    "attention": lambda x: look([x[:, -1:], x])[:, 0],
}
norms = {name: reach(unit) for name, unit in units.items()}

# %% [markdown]
# `GradientTape` above records what was computed, so that it can be differentiated. The scale is logarithmic: a
# straight line downwards means that each step back costs the same factor. Look at the slopes, not the heights.

# %%
from utils.plots.why_attention import gradient_reach

ends = gradient_reach(norms)
for name, (near, far) in ends.items():
    print(f"{name:10} gradient 99 steps back / now: {far / near:.0e}")
assert ends["GRU"][1] < 1e-12 * ends["GRU"][0] and ends["attention"][1] > 0.1 * ends["attention"][0]

# %% [markdown]
# GRU and LSTM start with their gates partly open: a share of the state is lost at each step, and a share lost a
# hundred times over leaves almost nothing. They can *learn* to keep a gate open, if ever a gradient tells them to.
# The plain unit fares better here, because Keras starts its $W$ as a rotation, which shrinks nothing. Attention's
# line is level: it does not care how far back, every word is one link away. (It lies low because 100 words share the
# output.)
#
# ## All words at once
#
# Attention treats all words at once. So does a convolutional network with the pixels of a picture, and the two are
# often compared. The comparison hides a difference: a convolution looks at fixed *neighbours* with fixed weights;
# attention chooses whom to look at, from what the words *are*. There is no convolution in a Transformer.
#
# How does it choose? By looking things up.
#
# ## A dictionary is exact, and brittle
#
# A Python dictionary finds a value by its key. It is all or nothing: the key is there, or it is not.

# %%
colour_of = {"grass": "green", "sky": "blue", "night": "black"}
print(colour_of["sky"])
print(colour_of.get("heaven", "no such key"))

# %% [markdown]
# *heaven* is nearly *sky*, but a dictionary knows no *nearly*. We need keys that can be **compared**: vectors.
#
# These are real ones, of a pre-trained encoder that you will open up in notebook 10. Each word is 384 numbers,
# learnt from a billion sentence pairs.

# %%
from utils.pretrained import word_vectors

words = ["station", "train", "bus", "platform", "time", "music", "banana"]
vectors = word_vectors(words)
show(shape=vectors.shape, station=vectors[0, :6])

# %% [markdown]
# ## Exercise: `cosine_similarity`
#
# Two vectors are similar when they point the same way. The dot product $a \cdot b = \sum_i a_i b_i$ says so, but
# grows with their lengths. Divide both lengths out:
#
# $$\cos(a, b) = \frac{a \cdot b}{|a|\,|b|}$$
#
# The last axis is the vector's; any axes before it are pairs to compare, so the shape `(..., D)` becomes `(...)`.


# %% tags=["from:utils.checks.why_attention.cosine_similarity.cosine_similarity", "exercise"]
def cosine_similarity(a, b) -> np.ndarray:
    """How far two vectors point the same way, whatever their lengths: 1 the same, 0 at right angles, -1 opposite.

    Args:
        a: (..., D).
        b: (..., D).

    Returns:
        (...), between -1 and 1.
    """
    a, b = np.asarray(a), np.asarray(b)
    lengths = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    return np.sum(a * b, axis=-1) / lengths


# %% [markdown]
# The check tries single pairs, many pairs at once, and one vector against many.

# %%
from utils.checks import check, hint

cosine_similarity = check(cosine_similarity)

# %% [markdown]
# Every word against every other: give the vectors two extra axes, (7, 1, 384) against (1, 7, 384), and they broadcast.

# %%
from utils.plots.why_attention import similarity_grid

similarities = cosine_similarity(vectors[:, None], vectors[None, :])  # (7, 7)
drawn = similarity_grid(words, similarities)
nearest = words[np.argsort(drawn[0])[-2]]
print("nearest to station:", nearest)
assert nearest == "train"

# %% [markdown]
# *station* looks at *train* first: 0.29, and *banana* comes last of all with 0.05. Nobody wrote that down anywhere;
# it lies in how the words were used. The numbers are small because in 384 dimensions most directions are nearly at
# right angles.
#
# ## Exercise: `softmax`
#
# Similarities are scores. To *mix* values by them we need shares: positive, and summing to one. Softmax makes them:
#
# $$\mathrm{softmax}(x)_i = \frac{e^{x_i}}{\sum_j e^{x_j}}$$
#
# The sum runs over all entries $j$ along one axis. Keep your answer finite for scores such as 1000.


# %% tags=["from:utils.checks.why_attention.softmax.softmax", "exercise"]
def softmax(x, axis: int = -1) -> np.ndarray:
    """Turns scores into shares: positive, summing to one along an axis, larger for a larger score.

    Args:
        x: scores of any shape.
        axis: the axis along which the shares sum to one.

    Returns:
        The same shape.
    """
    x = np.asarray(x)
    e = np.exp(x - x.max(axis=axis, keepdims=True))  # the largest exponent is 0: nothing overflows
    return e / e.sum(axis=axis, keepdims=True)


# %% [markdown]
# Scores of any size and any axis are tried:

# %%
softmax = check(softmax)

# %% [markdown]
# The order stays, a lead of 1 becomes a factor of $e \approx 2.7$, and even the lowest gets a bit.

# %%
from utils.plots.why_attention import scores_to_shares

scores = np.array([2.0, 1.0, 0.0, -1.0])
total = scores_to_shares(scores, softmax(scores))
show(shares=softmax(scores), factor=softmax(scores)[0] / softmax(scores)[1], total=total)
assert np.isclose(total, 1) and np.isclose(softmax(scores)[0] / softmax(scores)[1], np.e)

# %% [markdown]
# ## Exercise: `attention_pool`
#
# Now the soft dictionary. A **query** is compared with every **key**; the scores become weights; what comes back is
# the weighted sum of the **values**. No key has to fit exactly, and every one that fits a little counts a little.
# The scores are plain dot products, lengths and all; notebook 03 says how they are kept in bounds.
#
# $$w = \mathrm{softmax}\!\left(\frac{\text{keys} \cdot \text{query}}{\text{temperature}}\right),
# \qquad \text{pooled} = \sum_j w_j\, \text{value}_j$$
#
# Shapes: query (D,), keys (S, D), values (S, Dv). Back come the pooled value (Dv,) and the weights (S,).


# %% tags=["from:utils.checks.why_attention.attention_pool.attention_pool", "exercise"]
def attention_pool(query, keys, values, temperature: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """A soft dictionary: the values, weighted by how well their keys fit the query.

    Args:
        query: (D,).
        keys: (S, D), one for each entry.
        values: (S, Dv), one for each entry.
        temperature: near 0 picks the best entry, large ones average all.

    Returns:
        The pooled value (Dv,) and the weights (S,): softmax(keys·query / temperature).
    """
    weights = softmax(np.asarray(keys) @ np.asarray(query) / temperature)  # (S,)
    return weights @ np.asarray(values), weights


# %% [markdown]
# Weights, value and temperature are checked one after the other:

# %%
attention_pool = check(attention_pool)

# %% [markdown]
# Ask the colour dictionary again, with words as vectors. The values are colours as red, green, blue from 0 to 1.

# %%
things = ["grass", "sky", "night"]
colours = np.array([[0.0, 0.6, 0.0], [0.4, 0.7, 1.0], [0.0, 0.0, 0.0]])
query = word_vectors(["heaven"])[0]
pooled, weights = attention_pool(query, word_vectors(things), colours, temperature=0.1)
show(weights=weights, pooled=pooled)
print("heaven looks most at:", things[int(weights.argmax())])
assert weights.argmax() == 1

# %% [markdown]
# The dictionary has no *heaven*, and still answers: mostly the sky's colour.
#
# ## Turn the temperature
#
# The temperature decides how soft the dictionary is. Cold, it is a lookup; hot, it is an average.

# %%
from utils.plots.why_attention import temperature_sweep

temperatures = [0.01, 0.1, 0.3, 10.0]
rows = [attention_pool(query, word_vectors(things), colours, temperature=t)[1] for t in temperatures]
peaks = temperature_sweep(temperatures, np.array(rows), things)
show(largest_weight=peaks)
assert peaks[0] > 0.99 and abs(peaks[-1] - 1 / 3) < 0.01

# %% [markdown]
# At 0.01 the best entry takes everything. At 10 each gets a third, whatever was asked. Notebook 03 is about choosing
# well between the two.
#
# ## Three old acquaintances
#
# Attention is new as a name. You have met its extreme cases before.
#
# **Max pooling** keeps the largest value: attention all-or-nothing, in which the values are their own scores.

# %%
values = np.array([[0.2], [1.5], [0.9]])
pooled, weights = attention_pool(np.ones(1), values, values, temperature=1e-3)
show(weights=weights, pooled=pooled[0], max_pooling=values.max())
assert np.isclose(pooled[0], values.max())

# %% [markdown]
# **Average pooling** is attention that does not care: a query of zeros gives every entry the same weight.

# %%
pooled, weights = attention_pool(np.zeros(1), values, values)
show(weights=weights, pooled=pooled[0], mean=values.mean())
assert np.isclose(pooled[0], values.mean())

# %% [markdown]
# **TF-IDF** weighs a word by counting: often in this text, rarely in others. That is attention whose weights come
# from counts. Nobody asks anything: the weights are the same whatever you want to know.

# %%
texts = [t.split() for t in ("the train left the station", "the bus left", "the music stopped")]


def tf_idf(word, text):
    documents = sum(word in t for t in texts)
    return text.count(word) / len(text) * np.log(len(texts) / documents)


weights = np.array([tf_idf(w, texts[0]) for w in texts[0]])
weights = weights / weights.sum()
print([f"{w} {v:.2f}" for w, v in zip(texts[0], weights, strict=True)])
assert weights[0] == 0 and weights.argmax() in (1, 4)

# %% [markdown]
# *the* stands in every text and gets 0, though it occurs most; *train* and *station* share most of the weight.
#
# ## The experiment: who still knows?
#
# Now put memory to the test. A sequence of random items goes by; one of them carries a **cue**. At the end the
# network must say which value had the cue, $k$ steps ago. Cue and value lie in one embedding, so that nobody has to
# know about positions. Guessing gets 1 in 8.

# %%
from benchmarks.recall import batch

ids, answers = batch(np.random.default_rng(0), distance=6, size=2)
show(ids=ids, answers=answers)
assert (ids[:, 0] == answers + 8).all()

# %% [markdown]
# An id of 8 or more carries the cue; the value is the id minus 8. First live: one attention head at distance 200,
# 600 steps of training, a few seconds.

# %% tags=["nbval-ignore-output"]
from benchmarks.recall import train

accuracy = train("attention", distance=200, steps=600, seed=0)
print(f"attention, 200 steps after the cue: accuracy {accuracy:.3f}")

# %% [markdown]
# All units at all distances take some minutes, so they were run beforehand by the command below, with three seeds
# each, and stored. The lines are the means, the shades the whole range of the seeds.

# %%
from utils.plots.why_attention import load_recall, recall

stored = load_recall()
print("made by:", stored["command"])
means = recall(stored)
show(distances=np.array([5, 10, 20, 50, 100, 200]), **means, digits=2)

# %% [markdown]
# Read it from the right. At 200 steps attention still knows every time; nobody else does reliably. GRU and LSTM, made
# for remembering, drop to guessing at 50: within 600 steps the gradient that would open their gates never arrives, as
# measured above. The plain unit, which starts as a rotation, holds to 100. That is not the story usually told, in
# which gates rescue the plain unit; with another start of the gates or more training the lines would shift. What
# would not shift is the blue one.

# %%
assert accuracy > 0.99
assert min(means["attention"]) > 0.99
assert max(means[unit][-1] for unit in ("SimpleRNN", "GRU", "LSTM")) < 0.6
assert max(means[unit][3] for unit in ("GRU", "LSTM")) < 0.25

# %% [markdown]
# ## And the time?
#
# A chain must be walked: step 200 waits for step 199. Attention compares all words at once, which a machine can
# spread over its cores. But it compares *every pair*: T words make T² scores.

# %%
import time

runs = {"LSTM": tf.function(keras.layers.LSTM(64)), "attention": tf.function(lambda x: look([x, x]))}


def milliseconds(run, x, repeats=7):
    run(x)  # the first call compiles
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run(x)
        times.append(1000 * (time.perf_counter() - start))
    return float(np.median(times))


# %% [markdown]
# Both read 8 sequences of vectors of width 64, at four lengths. The times are your machine's.

# %% tags=["nbval-ignore-output"]
from utils.plots.why_attention import time_against_length

lengths = [32, 128, 512, 2048]
inputs = [tf.random.normal((8, T, 64)) for T in lengths]
times = {name: [milliseconds(run, x) for x in inputs] for name, run in runs.items()}
last_step = time_against_length(lengths, times)
print({name: f"from 512 to 2048: {factor:.1f} times the time" for name, factor in last_step.items()})

# %% [markdown]
# At sentence length attention is faster. But look at its last stretch: four times the length, far more than four
# times the time. Comparing every pair has its price; notebook 03 measures it again.

# %%
assert times["attention"][1] < times["LSTM"][1], "unusual: the machine was busy; run the cell above again"
assert last_step["attention"] > 5, "unusual: the machine was busy; run the cell above again"

# %% [markdown]
# The table of the paper (Vaswani et al. 2017, table 1), for T words of width D:
#
# | | work | steps one after the other | longest path between two words |
# |---|---|---|---|
# | recurrence | T · D² | T | T |
# | convolution, window w | w · T · D² | 1 | T / w, or log T if dilated |
# | attention | T² · D | 1 | 1 |

# %% [markdown]
# ## What to remember
#
# - In a chain, everything must fit through every unit between. Attention gives each pair of words a link of its own.
# - Attention is a soft dictionary: compare a query with keys, softmax, take the weighted sum of values.
# - The temperature turns a lookup into an average.
# - The price: T² comparisons.

# %% [markdown]
# ## Three questions for yourself
#
# <details><summary>1. All scores grow by 5. What happens to the softmax?</summary>
# Nothing: every exponential grows by the same factor, which the division takes out again.
# </details>
#
# <details><summary>2. Two keys are identical, their values differ. What does a query that fits both get?</summary>
# Equal weights for both, so the mean of the two values (and a bit of the rest).
# </details>
#
# <details><summary>3. Swap two entries of the dictionary, keys with values. What changes in the answer?</summary>
# Nothing. A sum does not know its order: attention has no idea of positions. That is the next notebook's problem.
# </details>

# %% [markdown]
# **Where to read on:** Bahdanau, Cho and Bengio 2014, where attention began, to free translation from its bottleneck;
# Vaswani et al. 2017, section 4, for the comparison above.
#
# **Next:** [02 · Positional encoding](02_positional_encoding.ipynb)
