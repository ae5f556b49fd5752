# %% [markdown]
# # 01 · Why attention?
#
# **What problem does attention solve?**
#
# For a long time sentences were read by recurrent networks: one word after the other, remembering as they go. You
# measure when that memory fails and what it depends on, and build another way: a dictionary that can be asked with a
# key it has never seen.
#
# | | |
# |---|---|
# | **You build** | `cosine_similarity`, `softmax`, `attention_pool` |
# | **Minutes** | 60 |
# | **You need** | 00; dot products, what a gradient is. The encoder's files, fetched once by the set-up |

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
# LSTM and GRU are recurrent units with *gates*: small switches that decide how much of the state is kept and how much
# is written anew. (LSTM 1997, its gate for keeping 2000, GRU 2014.) The chain stays a chain, but a gate can let the
# old state pass.
#
# ## How far back does learning reach?
#
# A network learns from gradients. If the output does not feel a change of word 1, nothing about word 1 is learnt.
# Measure it: how large is the gradient of the **last** output with respect to each input?

# %%
import keras
import numpy as np
import tensorflow as tf

B, T, D = 16, 100, 32
sizes = (0.05, 1.0, 3.0)
noise = tf.random.normal((B, T, D))  # 16 sequences of random vectors
x = tf.concat([size * noise for size in sizes], axis=0)  # (3 B, T, D): the same, small, middling and large


def reach(run, x):
    with tf.GradientTape() as tape:  # records what is computed, so that it can be differentiated
        tape.watch(x)
        y = run(x)  # (3 B, D): B sequences of each size
    gradient = tape.gradient(y, x).numpy().astype("float64").reshape(-1, B, *x.shape[1:])  # (3, B, T, D)
    return np.median(np.linalg.norm(gradient, axis=-1), axis=1)[:, ::-1]  # (3, T): 0 steps back comes first


# %% [markdown]
# Four units, none trained: three recurrent ones, and Keras' attention, in which a dense layer of the last word asks
# all words. Their inputs come in three sizes: Keras' `Embedding`, a table of word vectors, starts between −0.05 and
# 0.05, PyTorch's at N(0, 1), about 1 in size.

# %%
keras.utils.set_random_seed(1)
look, ask = keras.layers.Attention(), keras.layers.Dense(D)


def attention(x, divide_by=1.0):
    return look([ask(x[:, -1:]) / divide_by, x])[:, 0]


units = {"SimpleRNN": keras.layers.SimpleRNN(D), "GRU": keras.layers.GRU(D), "LSTM": keras.layers.LSTM(D)}
compiled = {name: tf.function(unit) for name, unit in (units | {"attention": attention}).items()}
norms = {name: reach(run, x) for name, run in compiled.items()}

# %% [markdown]
# The scale is logarithmic: a straight line downwards means that each step back costs the same factor. A line that
# leaves the frame at the bottom has fallen below 10⁻¹². Look at the slopes first, then at the heights.

# %% tags=["nbval-ignore-output"]
from utils.plots.why_attention import gradient_reach

ends = gradient_reach(sizes, norms, "As Keras starts them: how far back does learning reach?")
for name, of_size in ends.items():
    print(f"{name:10}", [f"size {s}: {near:.0e} → {far:.0e}" for s, (near, far) in zip(sizes, of_size, strict=True)])

# %% [markdown]
# The numbers are the gradients near, 1 to 10 steps back, and far, 90 to 99; where they are 0, they were too small for
# 32 bits. Three different things happen.
#
# - **The plain unit** depends on the size of its inputs. Keras starts its $W$ as a rotation or a reflection, which
#   shrinks nothing; but each step also passes the tanh, whose slope is $1 - h^2$. Small states stay where the tanh is
#   straight, large ones come to its flat ends.
# - **GRU and LSTM** go down at every size. Their gates start half open: of the state $\sigma(0)$ or $\sigma(1)$ is
#   kept at each step. ($\sigma$ is the sigmoid, which maps a gate's score to a number from 0 to 1.)
# - **Attention** has no slope: distance costs nothing. But its line sinks. Each word gets a share of the look, and
#   large inputs make large scores, which give nearly the whole look to one word. A typical word, near or far, gets
#   next to nothing.

# %% tags=["nbval-ignore-output"]
slopes = 1 - units["SimpleRNN"](x).numpy().reshape(len(sizes), -1) ** 2
kept = {score: float(keras.ops.sigmoid(float(score))) for score in (0, 1, 5)}
show(slope_of_tanh=slopes.mean(axis=1), kept_by_GRU=kept[0], kept_by_LSTM=kept[1])

# %% [markdown]
# A hundred factors of 0.96 leave a few hundredths, a hundred of 0.51 or 0.24 nothing to speak of. For the gated units
# the rule says what 89 steps, from near to far, must leave. Here beside it what was measured, and what is left of units
# that do not read the old state at all, gates included, and only keep it.

# %% tags=["nbval-ignore-output"]
keras.utils.set_random_seed(1)
for unit, kept_share in ((keras.layers.GRU(D), kept[0]), (keras.layers.LSTM(D), kept[1])):
    unit.build((None, None, D))
    run, left = tf.function(unit), []
    for _ in range(2):
        norm = reach(run, 0.05 * noise)[0]
        left.append(np.median(norm[-10:]) / np.median(norm[1:11]))
        unit.cell.recurrent_kernel.assign(tf.zeros_like(unit.cell.recurrent_kernel))  # the old state is not read
    print(type(unit).__name__, f"rule {kept_share**89:.0e}, as it is {left[0]:.0e}, old state not read {left[1]:.0e}")
    assert left[0] > 1000 * kept_share**89 and 0.5 < left[1] / kept_share**89 < 2

# %% [markdown]
# Far more is left than the rule says, since what is written anew, and the gates, read the old state as well; without
# that the rule holds. What is left is next to nothing all the same. The three findings, as conditions that this
# lesson must meet:

# %%
ratio = {name: of_size[:, 1] / np.maximum(of_size[:, 0], 1e-30) for name, of_size in ends.items()}
assert ratio["SimpleRNN"][0] > 1e-2 and max(ratio["SimpleRNN"][1:]) < 1e-12
assert max(ratio["GRU"]) < 1e-12 and max(ratio["LSTM"]) < 1e-4
assert 0.1 < min(ratio["attention"][:2]) and max(ratio["attention"][:2]) < 10
small, middling, large = ends["attention"].max(axis=1)
assert large < 1e-6 < middling < 1e-2 < small

# %% [markdown]
# ### Is that the reason? Change it
#
# If the half-open gate is what loses the gradient, a gate that starts open must keep it: `open_gates` sets its bias
# to 5, so that $\sigma(5) = 0.993$ of the state stays. (An LSTM writes by a second gate, which is closed as far; the
# GRU has one gate for both.) And if large scores are attention's trouble, dividing them must help: by $\sqrt D$, for
# which lesson 03 gives the reason.

# %%
from benchmarks.recall import open_gates

keras.utils.set_random_seed(1)
opened = {"GRU": keras.layers.GRU(D), "LSTM": keras.layers.LSTM(D)}
for unit in opened.values():
    unit.build((None, None, D))
    open_gates(unit)
opened["attention"] = lambda x: attention(x, divide_by=D**0.5)
compiled = {name: tf.function(unit) for name, unit in opened.items()}
norms = {name: reach(run, x) for name, run in compiled.items()}

# %% [markdown]
# The same figure for these three. The sigmoid even predicts what must be left from near to far, 89 steps on:

# %% tags=["nbval-ignore-output"]
ends = gradient_reach(sizes, norms, "Gates open, scores divided: the same three units")
print(f"predicted far / near for an open gate: {kept[5] ** 89:.2f}")
for name, of_size in ends.items():
    print(f"{name:10}", [f"size {s}: {far / near:.2f}" for s, (near, far) in zip(sizes, of_size, strict=True)])

# %% [markdown]
# The prediction is met at sizes 0.05 and 1. At size 3 more is lost, since a gate also listens to what goes by; still,
# hundredths are left, where it was less than a billionth. Attention's line has risen, too, from size 1 on. At size 3 it
# is low again: its scores grow with the *square* of the size, and $\sqrt D$ is made for size 1.

# %%
for name in ("GRU", "LSTM"):
    far_to_near = ends[name][:, 1] / ends[name][:, 0]
    assert max(abs(far_to_near[:2] - kept[5] ** 89)) < 0.15 and far_to_near[2] > 0.01
small_divided, middling_divided, large_divided = ends["attention"].max(axis=1)
assert middling_divided > 10 * middling and large_divided < 0.01 * middling_divided

# %% [markdown]
# So the way back through a chain can be kept open, if somebody sets it so from the start. Ten times as many words:

# %% tags=["nbval-ignore-output"]
long = tf.random.normal((B, 1000, D))
far_off = {name: reach(compiled[name], long)[0] for name in ("GRU", "attention")}
for name, norm in far_off.items():
    near, far = np.median(norm[1:11]), np.median(norm[-10:])
    print(f"{name:10} near {near:.4f}, far {far:.5f}" + f", predicted {near * kept[5] ** 989:.5f}" * (name == "GRU"))
    assert (far < 0.01 * near) == (name == "GRU") and (far > 0.3 * near) == (name == "attention")

# %% [markdown]
# A gate at 0.993 has a horizon: over 1000 words about a thousandth is left. With attention the first word pays hardly
# more than the last.
#
# Whether training makes use of this, the experiment below shows, up to 200 steps.
#
# ## All words at once
#
# Attention treats all words at once. So does a convolutional network with the pixels of a picture. But a convolution
# looks at fixed *neighbours* with fixed weights; attention chooses whom to look at, from what the words *are*.
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
# *heaven* is nearly *sky*, but a dictionary knows no *nearly*. That takes keys that can be **compared**: vectors.
#
# These are real ones, of a pre-trained encoder that you open up in lesson 10. Each word is 384 numbers, learnt from
# text, and then from a billion sentence pairs.

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
# Stuck? Once the check below has run, `hint("cosine_similarity")` gives the first of three hints; again, the next.


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
order = [words[i] for i in np.argsort(drawn[0])[::-1]]
rng = np.random.default_rng(0)
by_chance = cosine_similarity(rng.normal(size=(1000, 384)), rng.normal(size=(1000, 384)))
print(f"to station: first {order[1]}, last {order[-1]}; two random directions: 0 ± {np.std(by_chance):.2f}")
assert order[1] == "train" and order[-1] == "banana" and drawn[0].min() < 0.1 < 0.2 < np.sort(drawn[0])[-2]

# %% [markdown]
# *station* looks at *train* first, and *banana* comes last of all. The numbers look small, but in 384 dimensions two
# random directions are nearly at right angles: *train* is far from that, *banana* is not.
#
# ## Exercise: `softmax`
#
# Similarities are scores. To *mix* values by them takes shares: positive, and summing to one. Softmax makes them:
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
# The scores are plain dot products, lengths and all; lesson 03 says how they are kept in bounds.
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
colours = np.array([[0.0, 0.6, 0.0], [0.4, 0.7, 1.0], [0.0, 0.0, 0.0]], "float32")
query = word_vectors(["heaven"])[0]
pooled, weights = attention_pool(query, word_vectors(things), colours, temperature=0.1)
show(weights=weights, pooled=pooled)
for asked, found in (("heaven", "sky"), ("meadow", "grass"), ("darkness", "night"), ("cloud", "sky")):
    _, looks = attention_pool(word_vectors([asked])[0], word_vectors(things), colours, temperature=0.1)
    print(f"{asked} looks most at {things[int(np.argmax(looks))]}: {np.max(looks):.2f}")
    assert things[int(np.argmax(looks))] == found

# %% [markdown]
# The dictionary has none of these four words, and answers all the same.
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
# At 0.01 the best entry takes everything. At 10 each gets about a third. Dividing the scores, as above by $\sqrt D$,
# is nothing but a higher temperature.
#
# ## Three old acquaintances
#
# Attention's extreme cases are old.
#
# **Max pooling** keeps the largest value: attention all-or-nothing, in which the values are their own scores. That
# holds for single numbers. On vectors max pooling picks for each *column* by itself, which one look cannot do: it
# weighs whole rows. It needs one look for each column.

# %%
values = np.array([[3.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
looks = [attention_pool(column, values, values, temperature=1e-3)[0] for column in np.eye(2)]
show(first_look=looks[0], second_look=looks[1], max_pooling=values.max(axis=0), digits=1)
assert np.allclose([looks[0][0], looks[1][1]], values.max(axis=0))  # column c from look c
assert values.max(axis=0).sum() > values.sum(axis=1).max()  # above every mixture of the rows

# %% [markdown]
# The first look asks for the first column and finds its maximum, 3, but brings that row's 0 along. To have 3 and 2
# you must look twice: a first reason for the many heads of lesson 05.
#
# **Average pooling** is attention that does not care: a query of zeros gives every entry the same weight.

# %%
pooled, weights = attention_pool(np.zeros(2), values, values)
show(weights=weights, pooled=pooled, mean=values.mean(axis=0))
assert np.allclose(pooled, values.mean(axis=0))

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
# *the* stands in every text and gets 0, though it occurs most.
#
# ## The experiment: who still knows?
#
# A sequence of random items goes by; one of them carries a **cue**. At the end the network must say which value had the
# cue, $k$ steps ago. Cue and value lie in one embedding, so that nobody has to know about positions. Guessing gets 1 in
# 8.

# %%
from benchmarks.recall import batch

ids, answers = batch(np.random.default_rng(0), distance=6, size=2)
show(ids=ids, answers=answers)
assert (ids[:, 0] == answers + 8).all()

# %% [markdown]
# An id of 8 or more carries the cue; the value is the id minus 8. Embeddings start small, as in Keras, or at N(0, 1),
# as in PyTorch; nothing else changes. First live: attention at distance 50 from large embeddings, at most 400 steps of
# training, once with its scores as they come and once with them divided by $\sqrt D$.

# %% tags=["nbval-ignore-output"]
from benchmarks.recall import train

live = {divided: train("attention", 50, "normal", carry=divided)[0] for divided in (False, True)}
for divided, (accuracy, steps) in live.items():
    print(f"scores {'divided' if divided else 'as they come'}: accuracy {accuracy:.2f} after {steps} steps")

# %% [markdown]
# All units at all distances take longer, so they were run beforehand by the command below, with three seeds each and
# one learning rate, and stored. Above: each unit as Keras starts it. Below: gates open, scores divided. Thick light
# lines start from small embeddings, thin dark ones from large; the shades show the whole range of the seeds.

# %%
from utils.plots.why_attention import load_recall, recall

stored = load_recall()
print("made by:", stored["command"])
means = recall(stored)

# %% [markdown]
# The same in numbers, the mean of the seeds; *uniform* is within ±0.05, *normal* is N(0, 1):

# %%
print(f"{'':36}" + "".join(f"{d:>6}" for d in sorted({row["distance"] for row in stored["rows"]})))
for (unit, embedding, carry), row in means.items():
    name = f"{unit}, {embedding}" + (", divided" if unit == "attention" else ", open") * carry
    print(f"{name:36}" + "".join(f"{accuracy:6.2f}" for accuracy in row))

# %% [markdown]
# Read the upper row first: for the plain unit and for attention it matters where the embeddings start; for the gated
# ones hardly.
#
# - **The plain unit** carries it over 50 steps from small embeddings, and further with luck. From large ones it
#   guesses at 20, and with two seeds of three at 10.
# - **GRU and LSTM** carry it over 10 steps from either, over 20 in eight runs of twelve, and only guess from 50 on.
#   So two stories can be told, and each is true at one scale alone: from large embeddings gates rescue the plain
#   unit, from small ones the plain unit outlives them.
# - **Attention** is right at every distance from small embeddings. From large ones, in these 400 steps, it errs at
#   every distance, on average more at longer ones.
#
# Now the lower row. GRU and LSTM with open gates and attention with divided scores are right at every distance, from
# both scales, before the 400 steps are over. No longer training was needed, but another start of the gates, and one
# division. The plain unit has no gate to open.

# %%
assert live[True][0] > 0.99 > 0.9 > live[False][0]
plain_small, plain_large = means["SimpleRNN", "uniform", False], means["SimpleRNN", "normal", False]
assert min(plain_small[:3]) > 0.99 and max(plain_large[1:]) < 0.2
gated = [means[unit, embedding, False] for unit in ("GRU", "LSTM") for embedding in ("uniform", "normal")]
assert min(row[0] for row in gated) > 0.9 and max(max(row[2:]) for row in gated) < 0.2
assert min(means["attention", "uniform", False]) > 0.99 and max(means["attention", "normal", False]) < 0.9
assert all(min(row) > 0.99 for (_, _, carry), row in means.items() if carry)
assert all(row["steps"] < stored["steps"] for row in stored["rows"] if row["carry"])
met = [row for row in stored["rows"] if row["unit"] == "attention" and (row["carry"] or row["embedding"] == "uniform")]
near, far = (np.mean([row["steps"] for row in met if row["distance"] == distance]) for distance in (10, 200))
assert far > near

# %% [markdown]
# What, then, does attention buy? Recurrent units can remember, too. But a gate must stay open long enough for the
# distance, and everything on the way passes through it. Attention's condition is one of scale. Where it is met,
# attention is right at every distance, if after more steps at the longest.
#
# ## And the time?
#
# A chain must be walked: step 200 waits for step 199. Attention compares all words at once, which a machine can
# spread over its cores. But it compares *every pair*: T words make T² scores.

# %%
import time

runs = {"LSTM": tf.function(keras.layers.LSTM(64)), "attention": tf.function(lambda x: look([x, x]))}


def milliseconds(run, x, repeats=5):
    run(x)  # the first call compiles
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run(x)
        times.append(1000 * (time.perf_counter() - start))
    return min(times)  # the least disturbed one


# %% [markdown]
# Both read 4 sequences of vectors of width 64, at four lengths. The times are your machine's.

# %% tags=["nbval-ignore-output"]
from utils.plots.why_attention import time_against_length

lengths = [32, 128, 512, 2048]
inputs = [tf.random.normal((4, T, 64)) for T in lengths]
times = {name: [milliseconds(run, x) for x in inputs] for name, run in runs.items()}
last_step = time_against_length(lengths, times)
print({name: f"from 512 to 2048: {factor:.1f} times the time" for name, factor in last_step.items()})

# %% [markdown]
# At sentence length attention is faster. But look at its last stretch: four times the length, far more than four
# times the time.

# %%
assert times["attention"][1] < times["LSTM"][1], "unusual: the machine was busy; run the cell above again"
assert last_step["attention"] > 5, "unusual: the machine was busy; run the cell above again"

# %% [markdown]
# The paper's comparison (Vaswani et al. 2017, table 1; T / w is from the text of section 4), for T words of width D.
# *Dilated* convolutions leave gaps, larger from layer to layer:
#
# | | work | steps one after the other | longest path between two words |
# |---|---|---|---|
# | recurrence | T · D² | T | T |
# | convolution, window w | w · T · D² | 1 | T / w, or log T if dilated |
# | attention | T² · D | 1 | 1 |

# %% [markdown]
# ## What to remember
#
# - In a chain, word 1 reaches the last word through every unit between. Attention gives each pair of words a link of
#   its own.
# - For inputs of size 1 or less an open gate loses the same small share at each step back; attention loses nothing with
#   distance.
# - In so few steps no unit remembers far by its kind alone, at the one learning rate tried: a plain one needs small
#   inputs, a gated one gates that start open, attention small scores.
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
# Nothing. A sum does not know its order: attention has no idea of positions. That is the next lesson's problem.
# </details>

# %% [markdown]
# **Where to read on:** Hochreiter and Schmidhuber 1997 for the LSTM; Jozefowicz, Zaremba and Sutskever 2015 and Tallec
# and Ollivier 2018 on how its gates should start; Bahdanau, Cho and Bengio 2014, who freed translation from its
# bottleneck by attention; Vaswani et al. 2017, section 4, for the comparison above.
#
# **Next:** [02 · Positional encoding](02_positional_encoding.ipynb)
