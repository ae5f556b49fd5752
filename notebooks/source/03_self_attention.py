# %% [markdown]
# # 03 · Self-attention
#
# **How does a word look at its neighbours?**
#
# What a word means depends on the company it keeps: *station* near *train* is not *station* near *radio*. Here every
# word of a sentence asks all the others, and comes back with a new vector that knows its company. You compute one
# such vector by hand, then build the function that the whole Transformer stands on.
#
# | | |
# |---|---|
# | **You build** | `project_qkv`, `attention_for_one_word`, `scaled_dot_product_attention`, and the latter as a layer |
# | **Minutes** | 90 |
# | **You need** | 01, 02; matrix products. The encoder's files, fetched once by the set-up |

# %%
import sys

sys.path[:0] = ["..", "../.."]  # where the course's library, utils, lies

from utils.notebook import setup, show

setup(seed=3)

# %% [markdown]
# ## A word asks
#
# Our sentence is **Jane visite l'Afrique en septembre** (*Jane visits Africa in September*). Take the word
# *l'Afrique*. On its own it is a continent. In this sentence it is where somebody travels, and to find that out it
# has to ask. In lesson 01 a query came from outside; in *self*-attention the words of the sentence ask each other.

# %%
from utils.plots.self_attention import asking

words = ["Jane", "visite", "l'Afrique", "en", "septembre"]
answers = ["I say who", "I say what\nhappens", "I say where", "I announce\na place, a time", "I say when"]
links = asking(words, 2, "what is happening there?", answers)
assert len(links) == 5 and ("l'Afrique", "l'Afrique") in links

# %% [markdown]
# Five arrows, not four: a word asks itself as well. The best answer will be *visite*'s. To compute it we need vectors.
#
# ## Where do the first vectors come from?
#
# From a table with one row for each word of the vocabulary, the **embedding**. A word's number picks its row, and
# that is all: no computation. Here is a vocabulary of 9 words, 6 numbers each, and a sentence of 5 of them.

# %%
import keras
import numpy as np
import tensorflow as tf

embedding = keras.layers.Embedding(9, 6)
ids = np.array([2, 5, 3, 7, 8])  # five words, by their numbers
looked_up = embedding(ids)  # (5, 6)
one_hot = np.eye(9)[ids]  # (5, 9): a single 1 in each row
table = embedding.get_weights()[0]  # (9, 6)
show(looked_up=tuple(looked_up.shape), largest_difference=np.abs(looked_up - one_hot @ table).max())
assert np.allclose(looked_up, one_hot @ table)

# %% [markdown]
# Picking rows is the same as multiplying by a one-hot matrix, (5, 9) times (9, 6), without the work. The table is
# random at first. It **learns** like every other weight: a loss has a gradient for each row that was picked.

# %%
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(embedding(ids) ** 2)
gradient = tf.convert_to_tensor(tape.gradient(loss, embedding.trainable_weights)[0])  # (9, 6)
moved = np.flatnonzero(np.abs(gradient).sum(axis=1))
print("rows that this sentence moves:", moved)
assert set(moved) == set(ids)

# %% [markdown]
# ## Five vectors set by hand
#
# Learnt numbers say nothing to the eye. So for the calculation below I **set all numbers by hand**; nobody trained
# them, and a trained network will not look so tidy. Each word gets 6 numbers, D = 6: is it a person, a place, a time,
# something done, a small word, a name?

# %%
x = np.array(
    [  # person, place, time, done, small, name
        [1, 0, 0, 0, 0, 1],  # Jane
        [0, 0, 0, 1, 0, 0],  # visite
        [0, 1, 0, 0, 0, 1],  # l'Afrique
        [0, 0, 0, 0, 1, 0],  # en
        [0, 0, 1, 0, 0, 0],  # septembre
    ],
    "float32",
)
T, D = x.shape
assert (T, D) == (5, 6)

# %% [markdown]
# ## Three roles, three matrices
#
# In attention every word plays three parts, and has a vector for each:
#
# | | | made by |
# |---|---|---|
# | **query** | what the word asks | $q_i = x_i\, w_q$ |
# | **key** | what it can answer | $k_j = x_j\, w_k$ |
# | **value** | what it hands over if it is listened to | $v_j = x_j\, w_v$ |
#
# The matrices are the same for all words. Ours have a row for each of the 6 features. The 4 columns of `w_q` and
# `w_k` are four questions: who? what happens? where? when? So K = 4. The 2 columns of `w_v` say how much something
# happens, and how much it is a place.

# %%
rows = [  # w_q: who, what, where, when; w_k: the same four; w_v: happening, place
    [0, 2, 0, 0] + [2, 0, 0, 0] + [1, 0],  # person
    [0, 2, 1, 0] + [0, 0, 2, 0] + [0, 4],  # place
    [0, 2, 0, 0] + [0, 0, 0, 2] + [2, 0],  # time
    [2, 0, 1, 1] + [0, 3, 0, 0] + [4, 1],  # done
    [0, 0, 1, 2] + [0, 0, 1, 1] + [0, 1],  # small
    [1, 0, 0, 0] + [0, 0, 0, 0] + [0, 0],  # name
]
w_q, w_k, w_v = np.split(np.array(rows, "float32"), [4, 8], axis=1)
show(w_q=w_q.shape, w_k=w_k.shape, w_v=w_v.shape)
assert w_q.shape == w_k.shape == (6, 4) and w_v.shape == (6, 2)

# %% [markdown]
# Read the second row of `w_q`: a *place* asks above all what happens (2), a little where (1). The last row: a *name*
# asks who (1). In `w_k`, only something *done* answers the question what happens, and loudly (3).
#
# ## Exercise: `project_qkv`
#
# Give back queries, keys and values of all words. `x` has shape (T, D), one word a row; `w_q` and `w_k` are (D, K),
# `w_v` is (D, Dv). Back come `q` (T, K), `k` (T, K) and `v` (T, Dv):
#
# $$q = x\,w_q, \qquad k = x\,w_k, \qquad v = x\,w_v$$


# %% tags=["from:utils.checks.self_attention.project_qkv.project_qkv", "exercise"]
def project_qkv(x, w_q, w_k, w_v) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each word's query, key and value.

    Args:
        x: the words' vectors (T, D).
        w_q: (D, K).
        w_k: (D, K).
        w_v: (D, Dv).

    Returns:
        q (T, K), k (T, K), v (T, Dv).
    """
    return x @ w_q, x @ w_k, x @ w_v


# %% [markdown]
# The check looks at all three, square matrices first, then others:

# %%
from utils.checks import check, hint, softmax

project_qkv = check(project_qkv)

# %% [markdown]
# Five words, so five queries, keys and values. Look at the row of *l'Afrique*, the third, in `q`.

# %%
q, k, v = (np.array(part) for part in project_qkv(x, w_q, w_k, w_v))
show(q=q, k=k, v=v, digits=0)
assert list(q[2]) == [1, 2, 1, 0]

# %% [markdown]
# $q_3$ = (1, 2, 1, 0): who? a little; **what happens? above all**; where? a little; when? never mind.
#
# **One** matrix a role is enough. Some drawings send a word through two in a row on its way to a query. That buys
# nothing: two matrices in a row are one matrix.

# %%
second = np.array([[1, 2], [0, 1], [1, 0], [3, 1]], "float32")  # (4, 2)
twice = (x @ w_q) @ second
once = x @ (w_q @ second)
show(largest_difference=np.abs(twice - once).max())
assert np.array_equal(twice, once)

# %% [markdown]
# ## By hand: what l'Afrique takes from the sentence
#
# We want $A^{\langle 3 \rangle}$, the new vector of word 3 (`q[2]` in Python, which counts from 0). **First the
# scores**: its query with each of the five keys, a dot product each. Take pencil and paper for the first two:
# (1, 2, 1, 0) with *Jane*'s (2, 0, 0, 0), then with *visite*'s (0, 3, 0, 0).

# %%
scores = np.array([np.dot(q[2], k_j) for k_j in k])  # (5,)
show(**dict(zip(words, scores, strict=True)), digits=0)
assert list(scores) == [2, 6, 2, 1, 0]

# %% [markdown]
# *visite* fits best: it answers the question that is asked loudest. **Then scale**: divide by
# $\sqrt{K} = \sqrt 4 = 2$. Why by the root of a width, we find out below.

# %%
scaled = scores / np.sqrt(4)
show(scaled=scaled, digits=1)
assert list(scaled) == [1, 3, 1, 0.5, 0]

# %% [markdown]
# **Then softmax**, which turns scores into shares: raise $e$ to each, and divide by the sum.

# %%
exponentials = np.exp(scaled)
weights = exponentials / exponentials.sum()  # (5,)
show(exponentials=exponentials, total=exponentials.sum(), digits=2)
show(weights=weights, total=weights.sum())
assert np.isclose(weights.sum(), 1) and weights.argmax() == 1

# %% [markdown]
# 71 % of the attention goes to *visite*, 10 % to *Jane*, 10 % to itself. **Last, the weighted sum of the values**:

# %%
A3 = sum(w * v_j for w, v_j in zip(weights, v, strict=True))  # (2,)
show(A3=A3, digits=2)
assert np.allclose(A3, [3.02, 1.16], atol=0.005)

# %% [markdown]
# The whole calculation in one picture. Follow a row from left to right; the blue cells of a key are those that the
# query meets.

# %%
from utils.plots.self_attention import by_hand

drawn = by_hand(words, ["who?", "what?", "where?", "when?"], q, k, v, i=2)
assert np.allclose(drawn["output"], A3) and np.allclose(drawn["weights"], weights)

# %% [markdown]
# *l'Afrique* came with the value (0, 4): a place, nothing going on. It leaves with (3.02, 1.16): much is happening
# here, and it is still something of a place. As a picture: weights that are positive and sum to one give a point
# *among* the values, near the ones that were listened to.

# %%
from utils.plots.self_attention import weighted_sum

point = weighted_sum(words, v, weights, i=2)
assert (v.min(axis=0) <= point).all() and (point <= v.max(axis=0)).all()

# %% [markdown]
# One term is easily forgotten when the formula is copied: the word's score **with itself**, $q_3 \cdot k_3 = 2$. It
# belongs to the softmax. Leave it out, and the other weights grow and the word's own value is lost:

# %%
others = [0, 1, 3, 4]
without_self = exponentials[others] / exponentials[others].sum()
show(without_self=without_self @ v[others], with_self=A3, digits=2)
assert (without_self @ v[others])[1] < 0.9 < A3[1]

# %% [markdown]
# The second number, how much it is a place, falls from 1.16 to 0.85.
#
# ## Exercise: `attention_for_one_word`
#
# Now for any word $i$, with a loop over the keys. Shapes: `q` (T, K), `k` (S, K), `v` (S, Dv). There may be more keys
# than queries, or fewer, so S stands for the number of keys. Back come the new vector (Dv,) and its weights (S,):
#
# $$s_j = \frac{q_i \cdot k_j}{\sqrt K}, \qquad w = \mathrm{softmax}(s), \qquad
# A^{\langle i \rangle} = \sum_j w_j\, v_j$$
#
# The sum runs over all S keys $j$. `softmax` from lesson 01 is imported above.


# %% tags=["from:utils.checks.self_attention.attention_for_one_word.attention_for_one_word", "exercise"]
def attention_for_one_word(q, k, v, i: int) -> tuple[np.ndarray, np.ndarray]:
    """What word i takes from all words.

    Args:
        q: queries (T, K).
        k: keys (S, K).
        v: values (S, Dv).
        i: whose turn it is, 0 to T - 1.

    Returns:
        Its new vector (Dv,) and its weights (S,): softmax(k·q_i / √K).
    """
    scores = np.array([np.dot(q[i], k_j) for k_j in k]) / np.sqrt(len(q[i]))  # (S,)
    weights = softmax(scores)
    return sum(w * v_j for w, v_j in zip(weights, v, strict=True)), weights


# %% [markdown]
# Weights first, then the vector, then some corners:

# %%
attention_for_one_word = check(attention_for_one_word)

# %% [markdown]
# Let every word have its turn. Row by row: whom does it look at?

# %%
from utils.plots.self_attention import weights_grid

turns = [attention_for_one_word(q, k, v, i) for i in range(T)]
A_loop, W_loop = (np.array(part) for part in zip(*turns, strict=True))  # (5, 2), (5, 5)
weights_grid(words, [W_loop], ["Who looks at whom? (numbers set by hand)"])
show(A_loop=A_loop, digits=2)
assert np.allclose(A_loop[2], A3) and np.allclose(W_loop.sum(axis=1), 1)

# %% [markdown]
# *Jane*, *l'Afrique* and *septembre* look at *visite*; *visite* looks at *Jane*, to know who; *en* looks at
# *septembre*, which it announces. I set the numbers so that this story comes out. That attention **can** tell it is
# what you have shown; what trained attention tells is measured in lesson 09.
#
# ## All words at once
#
# A loop over words, and in it a loop over keys: 25 dot products. A matrix product is just that. `q` is (5, 4), `k`
# turned around is (4, 5), and their product (5, 5) holds all of them.

# %%
all_scores = q @ k.T  # (5, 5)
show(all_scores=all_scores, digits=0)
assert np.array_equal(all_scores[2], scores)

# %% [markdown]
# Row 3 is the one you computed by hand. With a softmax along each row and one more product the whole of attention
# fits on a line, the best-known formula of the field (Vaswani et al. 2017, equation 1):
#
# $$\mathrm{Attention}(q, k, v) = \mathrm{softmax}\!\left(\frac{q\,k^{\top}}{\sqrt{K}}\right) v$$
#
# In lesson 04 some words will not be allowed to see others. That is a **mask**'s matter, and it comes last here: a
# boolean matrix, True = may attend, that makes some scores so low that the softmax gives them nothing. Two helpers
# are imported for it: `lowest(dtype)` is such a number, finite, with an exponential of 0, and
# `fit_mask(mask, scores.shape)` gives the mask as many axes as the scores have.

# %%
import math

from keras import ops

from utils.layers.masks import fit_mask, lowest

show(shares=softmax(np.array([1.0, 2.0, lowest("float32")])))
assert np.isfinite(lowest("float32")) and np.exp(lowest("float32")) == 0

# %% [markdown]
# ## Exercise: `scaled_dot_product_attention`
#
# Write the formula with `keras.ops`, which has NumPy's names (`ops.matmul`, `ops.swapaxes`, `ops.where`) and
# `ops.softmax`. There may be any axes in front, for sentences or heads: `q` (..., T, K), `k` (..., S, K),
# `v` (..., S, Dv). Back come the output (..., T, Dv) and the weights (..., T, S). So turn around only the last two
# axes of `k`, and let the softmax run along the last axis, over the S keys. (NumPy itself would pass the check, but no
# gradient passes through NumPy, and further down we train.)
#
# With a `mask`, a key that is masked gets weight 0, and a query that may look nowhere gets zeros.


# %% tags=["from:utils.layers.attention.scaled_dot_product_attention", "exercise"]
def scaled_dot_product_attention(q, k, v, mask=None):
    """softmax(q kᵀ / √K) v: each query takes a weighted sum of the values.

    Args:
        q: queries (..., T, K).
        k: keys (..., S, K).
        v: values (..., S, Dv).
        mask: bool, True = may attend, (T, S), (B, T, S) or (B or 1, H or 1, T or 1, S).

    Returns:
        The output (..., T, Dv) and the weights (..., T, S). A query that may look nowhere gets zeros.
    """
    k_transposed = ops.swapaxes(k, -2, -1)  # (..., K, S)
    scores = ops.matmul(q, k_transposed) / math.sqrt(k.shape[-1])  # (..., T, S)
    if mask is not None:
        mask = fit_mask(mask, scores.shape)
        scores = ops.where(mask, scores, lowest(scores.dtype))
    weights = ops.softmax(scores, axis=-1)  # over the S keys
    if mask is not None:
        weights = ops.where(mask, weights, 0.0)  # changes only rows that may look nowhere
    return ops.matmul(weights, v), weights


# %% [markdown]
# The mask is checked last; everything else counts without it.

# %%
scaled_dot_product_attention = check(scaled_dot_product_attention)

# %% [markdown]
# Does the matrix form give the loop's numbers?

# %%
A, W = scaled_dot_product_attention(q, k, v)
difference = max(np.abs(A - A_loop).max(), np.abs(W - W_loop).max())
show(A=tuple(A.shape), W=tuple(W.shape), largest_difference=difference, digits=6)
assert difference < 1e-6

# %% [markdown]
# The same numbers. What is gained is time. 300 words of width 64, with the loop and as matrices:

# %% tags=["nbval-ignore-output"]
import time


def best_time(run, repeats=7):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        np.array(run()[0])  # asking for the numbers waits until they are there
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


many = np.random.default_rng(0).normal(size=(300, 64)).astype("float32")
loop = best_time(lambda: [attention_for_one_word(many, many, many, i)[0] for i in range(300)], repeats=2)
matrices = best_time(lambda: scaled_dot_product_attention(many, many, many))
print(f"loop {loop:.0f} ms, matrices {matrices:.1f} ms: {loop / matrices:.0f} times faster")

# %% [markdown]
# The arithmetic is the same; a matrix product hands it to the machine in one piece.

# %%
assert loop > 5 * matrices

# %% [markdown]
# A glance at the mask: hide *visite* from *l'Afrique*, and let *en* look nowhere.

# %%
mask = np.ones((5, 5), bool)
mask[2, 1] = False
mask[3] = False
_, masked = scaled_dot_product_attention(q, k, v, mask=mask)
show(afrique=masked[2], en=masked[3], digits=2)
assert masked[2, 1] == 0 and np.all(masked[3] == 0) and np.isclose(np.sum(masked[2]), 1)

# %% [markdown]
# *l'Afrique* spreads its weight over the other four; *en* gets zeros.
#
# ## When does the computing stop?
#
# If every word's vector changes, and each depends on all the others, must one not go round until nothing changes any
# more? No. All new vectors are made from the **old** ones, in one pass. No output is an input of another, so the
# order does not matter. Compute the words backwards, one at a time:

# %%
backwards = [scaled_dot_product_attention(q[i : i + 1], k, v)[0][0] for i in (4, 3, 2, 1, 0)]
show(largest_difference=np.abs(np.array(backwards[::-1]) - A).max(), digits=6)
assert np.allclose(backwards[::-1], A, atol=1e-6)

# %% [markdown]
# The outputs are then the inputs of the next layer, which has matrices of its own. How many layers there are is
# fixed when the network is designed; after the last one, it stops. The paper has six. So has the encoder whose word
# vectors we use:

# %%
import json

from utils.pretrained import fetch

config = json.loads((fetch("minilm") / "config.json").read_text())
print("layers:", config["num_hidden_layers"])
assert config["num_hidden_layers"] == 6

# %% [markdown]
# There *is* a fixed point, and it is a bad place. Feed attention its own output again and again, with nothing else
# between, and watch how far the words lie from their common mean:

# %%
y, spread = x, []
for _ in range(5):
    spread.append(float(np.linalg.norm(y - np.mean(y, axis=0), axis=1).mean()))
    y, _ = scaled_dot_product_attention(y, y, y)
    y = np.array(y)
print("distance from the mean after 0, 1, 2, 3, 4 passes:", ", ".join(f"{s:.4f}" for s in spread))
assert all(after < before for before, after in zip(spread, spread[1:], strict=False)) and spread[4] < 1e-4

# %% [markdown]
# Each pass averages, so all words end up the same. What keeps them apart in a deep network are the parts that come
# around attention in lesson 06.
#
# ## Why divide by √d_k?
#
# $d_k$ is the paper's name for K, the width of a key. Take queries and keys with random entries of mean 0 and
# variance 1. A dot product adds up $d_k$ products, each of variance 1, so its variance should be $d_k$:

# %%
rng = np.random.default_rng(3)
widths = [1, 4, 16, 64, 256, 1024]
variance = {d: (rng.normal(size=(20000, d)) * rng.normal(size=(20000, d))).sum(axis=1).var() for d in widths}
print("variance of q·k:", {d: round(float(var)) for d, var in variance.items()})
assert all(abs(var / d - 1) < 0.1 for d, var in variance.items())

# %% [markdown]
# It is. Dividing the scores by $\sqrt{d_k}$ brings their variance back to 1. What if one does not? With keys 1024 wide
# a score is typically $\sqrt{1024} = 32$ away from 0, and softmax turns a lead of 32 into a factor of $e^{32}$.
#
# Measure it on 1000 queries with 8 keys each: the largest weight; the derivative of the weights with respect to the
# **scores**; and with respect to the **query**. For a softmax
# $\partial w_s / \partial s_t = w_s(\delta_{st} - w_t)$, where $\delta_{st}$ is 1 for $s = t$ and else 0. If one weight
# is 1 and all others are 0, that is 0 everywhere.


# %%
def measure(d_k, scale, queries=1000, S=8):
    rng = np.random.default_rng(d_k)  # the same numbers with and without the root
    q, k = rng.normal(size=(queries, 1, d_k)), rng.normal(size=(queries, S, d_k))
    w = softmax(scale * (q @ np.swapaxes(k, 1, 2)))[:, 0]  # (1000, 8)
    to_scores = w[:, :, None] * np.eye(S) - w[:, :, None] * w[:, None, :]  # (1000, 8, 8)
    to_query = scale * to_scores @ k  # (1000, 8, d_k)
    return w.max(axis=1), *(np.linalg.norm(gradient, axis=(1, 2)) for gradient in (to_scores, to_query))


# %% [markdown]
# With $d_k$ from 1 to 1024, without the root and with it:

# %%
from utils.plots.self_attention import frozen_softmax

d_ks = [2**n for n in range(11)]
bare = {d: measure(d, 1.0) for d in d_ks}
rooted = {d: measure(d, d**-0.5) for d in d_ks}
lines = {"without the root": bare, r"divided by $\sqrt{d_k}$": rooted}
largest = {name: [line[d][0].mean() for d in d_ks] for name, line in lines.items()}
median = {name: [np.median(line[d][1]) for d in d_ks] for name, line in lines.items()}
ends = frozen_softmax(d_ks, largest, median)
assert ends["without the root"][0] > 0.9 and ends["without the root"][1] < 1e-4

# %% [markdown]
# Left: without the root the softmax **freezes**. At 1024 one key takes nearly everything, whichever it happens to be.
# Right: what could change that, the gradient through the softmax, **dies**; the axis is logarithmic. With the root
# both lines stay level.
#
# ### A sentence put to the test
#
# Many notes say that *√d_k avoids exploding gradients*. So look at all the gradients that arrive at the queries:

# %%
print(f"{'gradient at the query':36}{'median':>8}{'mean':>8}{'largest':>9}")
for d_k in (16, 128, 1024):
    for name, line in (("without the root", bare), ("with the root", rooted)):
        g = line[d_k][2]
        print(f"d_k = {d_k:4}  {name:24}{np.median(g):8.4f}{g.mean():8.2f}{g.max():9.2f}")
assert max(line[d][1].max() for line in (bare, rooted) for d in d_ks) <= 0.5 + 1e-9
assert np.median(bare[1024][2]) < 1e-3 < 0.2 < np.median(rooted[1024][2])

# %% [markdown]
# It is backwards. Through the softmax nothing can explode: in 22,000 rows its derivative with respect to the scores
# never had a norm above ½, as the cell's first assertion says; what is printed is that times the keys.
# What happens without the root is that gradients **vanish**: at 1024 half of the queries get 0.0001 or less. The mean
# hides this, because a few queries stand at a tie between two keys and feel these keys at full length, nearly forty
# times what any query feels with the root. So most learn nothing and a few are jerked about. With the root all take
# the same modest step, at every width. (The grain of truth: where nothing is frozen yet, as at 16, the step without
# the root is the larger one.) The paper gives the same reason in section 3.2.1: large products push the softmax into
# regions of extremely small gradients.
#
# ## Exercise: `ScaledDotProductAttention`
#
# A layer, so that Keras models can hold it. It has no weights; `call` hands its arguments to your function. Mind
# Keras' order: **query, value, key**, because the key is often the value itself: where `key` is None, take the value.
# Shapes: query (B, T, K), value (B, S, Dv), key (B, S, K). Return the output (B, T, Dv), or the pair (output,
# weights) where `return_attention_scores` is True.


# %% tags=["from:utils.layers.attention.ScaledDotProductAttention", "exercise:call"]
class ScaledDotProductAttention(keras.layers.Layer):
    """`scaled_dot_product_attention` as a layer. No weights.

    Call arguments:
        query: (B, T, K).
        value: (B, S, Dv).
        key: (B, S, K); None takes the value.
        attention_mask: bool, True = may attend, (T, S) or (B, T, S).
        return_attention_scores: return (output, weights) instead of the output (B, T, Dv).
    """

    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False):
        key = value if key is None else key
        output, weights = scaled_dot_product_attention(query, key, value, attention_mask)
        return (output, weights) if return_attention_scores else output

    def compute_output_shape(self, query_shape, value_shape, key_shape=None):
        return (*query_shape[:-1], value_shape[-1])

    def compute_output_spec(self, *args, **kwargs):
        return keras.Operation.compute_output_spec(self, *args, **kwargs)  # by tracing: may be a pair


# %% [markdown]
# The other two methods tell Keras the output's shape when a model is put together without data.

# %%
ScaledDotProductAttention = check(ScaledDotProductAttention)

# %% [markdown]
# Is it right? Keras has an attention layer too. It does not divide by √K, so divide the query beforehand. All sizes
# differ: 2 sentences, 3 queries, 7 keys of width 4, values of width 5.

# %%
rng = np.random.default_rng(5)
query, key, value = (rng.normal(size=shape).astype("float32") for shape in ((2, 3, 4), (2, 7, 4), (2, 7, 5)))
ours, our_weights = ScaledDotProductAttention()(query, value, key, return_attention_scores=True)
keras_layer = keras.layers.Attention(use_scale=False)
theirs, their_weights = keras_layer([query / math.sqrt(4), value, key], return_attention_scores=True)
difference = max(np.abs(ours - theirs).max(), np.abs(our_weights - their_weights).max())
show(output=tuple(ours.shape), weights=tuple(our_weights.shape), largest_difference=difference, digits=5)
assert difference < 1e-5

# %% [markdown]
# 3 queries and 7 keys: attention does not ask for equal lengths. In a translator the words of the target will look
# at the words of the source.
#
# ## *station*, with real vectors
#
# Now a real sentence with real vectors: the word embeddings of the pre-trained encoder, 384 numbers each. First
# with no matrices at all: the vectors are queries, keys and values themselves. Which word does *station* look at?

# %%
from utils.pretrained import word_vectors

sentence = "The train left the station on time".split()
layer = ScaledDotProductAttention()
raw = word_vectors(sentence)[np.newaxis]  # (1, 7, 384)
_, blur = layer(raw, raw, return_attention_scores=True)
show(raw=raw.shape, station=blur[0, 4])
assert 0.13 < np.min(blur) and np.max(blur) < 0.16

# %% [markdown]
# At none. All weights lie near 1/7 = 0.143. The root is made for entries of variance 1, and these are far smaller:
# a raw vector is about as long as 1, where $\sqrt{384}$, near 20, is expected. The paper therefore multiplies
# embeddings by √D (section 3.4). Do that, and compare:

# %%
scaled_up = raw * math.sqrt(384)
_, mirror = layer(scaled_up, scaled_up, return_attention_scores=True)
show(variance_raw=raw.var(), variance_scaled_up=scaled_up.var())
weights_grid(sentence, [blur[0], mirror[0]], ["as they are: a blur", "times √D: a mirror"])
assert all(mirror[0, i, i] > 0.99 for i in (1, 2, 4, 5, 6))

# %% [markdown]
# From blur to mirror: now **each word sees itself**, and nothing else. (*The* and *the* share a vector, so they share
# their weight: without positions nobody can tell them apart.) The reason is plain: with q = k, a word's score with
# itself is its length squared, and other words point elsewhere. Leave the diagonal out to see what lies behind it:

# %%
behind = (scaled_up @ np.swapaxes(scaled_up, 1, 2))[0] - 1e9 * np.eye(7)
nearest = [sentence[n] for n in behind.round(2).argmax(axis=1)]
print(", ".join(f"{word} → {near}" for word, near in zip(sentence, nearest, strict=True)))
assert nearest[4] == "train" and nearest[1] == "station"

# %% [markdown]
# The knowledge is there: behind itself, *station* sees *train*. But raw vectors can only ask for *what is like me*. To
# ask for something **else**, a word needs a query that differs from its key. That is what `w_q` and `w_k` are for.
#
# ### What the matrices change
#
# First, untrained: random matrices of width 64. Eight seeds, and the word that *station* looks at most:


# %%
def random_matrices(seed):
    keras.utils.set_random_seed(seed)
    return [tf.Variable(keras.random.normal((384, 64)) / math.sqrt(384)) for _ in "qk"]


def look(matrices, text):
    x = word_vectors(text.split())[np.newaxis] * math.sqrt(384)  # (1, T, 384)
    query, key = (ops.matmul(x, w) for w in matrices)
    return layer(query, x, key, return_attention_scores=True)[1][0]  # (T, T)


text = "The train left the station on time"
favourites = [sentence[int(np.round(look(random_matrices(seed), text)[4], 4).argmax())] for seed in range(8)]
print(favourites)
assert len(set(favourites)) == 5

# %% [markdown]
# Eight seeds, five favourites. **An untrained projection says nothing about language**, however
# convincing its heat map; beware of pictures from fresh models. But it has what raw vectors lack: it can learn. Tell
# it, 60 times, that *station* should look at *train*. The loss is minus the logarithm of that weight, and only the two
# matrices move.


# %%
def teach(seed, steps=60):
    matrices = random_matrices(seed)
    optimizer = keras.optimizers.Adam(2e-3)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            loss = -tf.math.log(look(matrices, text)[4, 1])  # station is word 4, train is word 1
        optimizer.apply(tape.gradient(loss, matrices), matrices)
    return matrices


taught = [teach(seed) for seed in range(5)]
show(station_at_train=np.array([look(m, text)[4, 1] for m in taught]), digits=2)
assert min(look(m, text)[4, 1] for m in taught) > 0.9

# %% [markdown]
# No wonder: it was told so. But now put another word in the train's place, one that nobody mentioned. Bars are means
# over the five seeds, dots the seeds:

# %% tags=["nbval-ignore-output"]
from utils.plots.self_attention import looks_of_station

nouns = ["train", "bus", "coach", "music", "banana"]
seen = np.array([[look(m, f"The {noun} left the station on time")[4, 1] for noun in nouns] for m in taught])
mean = looks_of_station(nouns, seen)

# %% [markdown]
# *bus* was never shown, and *station* looks at it in every seed; at *coach* in most. Their vectors lie near *train*'s:
# the matrices learnt a direction, not a word. At *music* it does not look. *banana* depends on the seed: where nothing
# fits, a softmax must still put its weight somewhere.

# %%
assert mean[1] > 0.8 and mean[1] > mean[4] + 0.2 and mean[1] > mean[3] + 0.2

# %% [markdown]
# Here *we* said whom to look at. A real model is told only the answer of its task, and finds for itself where to look.
#
# ## Dot product or cosine?
#
# Lesson 01 compared by cosine; attention takes the dot product. They can disagree, and it needs no made-up example.
# Does *station* prefer *city* or *time*?

# %%
from utils.checks import cosine_similarity

station, pair = word_vectors(["station"])[0], word_vectors(["city", "time"])
show(dot_product=pair @ station, cosine=cosine_similarity(pair, station), length=np.linalg.norm(pair, axis=1))
assert np.argmax(pair @ station) == 0 and np.argmax(cosine_similarity(pair, station)) == 1

# %% [markdown]
# By angle *time* is nearer; by dot product *city* wins, because its vector is longer. A long key is heard by every
# query that does not point away from it, and a model can learn such a length. The paper took the dot product because
# it is one fast matrix product, not because it measures likeness better.
#
# ## What does it cost?
#
# T words make T² scores. Twice the words should cost four times the time and the memory.

# %% tags=["nbval-ignore-output"]
from utils.plots.self_attention import cost

lengths = [512, 1024, 2048, 4096]
inputs = [tf.random.normal((T, 64), seed=T) for T in lengths]
megabytes = [np.array(scaled_dot_product_attention(y, y, y)[1]).nbytes / 2**20 for y in inputs]
milliseconds = [best_time(lambda y=y: scaled_dot_product_attention(y, y, y)) for y in inputs]
growth = cost(lengths, milliseconds, megabytes)
print({name: f"{times:.0f} times as much for 8 times the words" for name, times in growth.items()})

# %% [markdown]
# Memory: exactly 64 times as much for 8 times the words, 64 MB for the weights over 4096 words. Time: with few words
# other work hides the square, then it climbs along the dotted line. It limits how long a text a Transformer can read.

# %%
assert growth["memory"] == 64
assert growth["time"] > 9  # a method linear in T would take at most 8 times as long

# %% [markdown]
# ## The older attention, beside ours
#
# Attention is older than the Transformer. Bahdanau, Cho and Bengio (2014) gave it to a recurrent translator: at each
# step the decoder's last state $s_{t-1}$ asks the encoder's *annotations* $h_j$, one for each source word. The scores
# come from a small network with one hidden layer:
#
# $$e_{tj} = v_a \cdot \tanh(s_{t-1} w_a + h_j u_a), \qquad w_t = \mathrm{softmax}(e_t), \qquad
# c_t = \sum_j w_{tj}\, h_j$$
#
# Three states of width 10, seven annotations of width 12, a hidden layer of width 5:

# %%
s, h = rng.normal(size=(3, 10)), rng.normal(size=(7, 12))
w_a, u_a, v_a = rng.normal(size=(10, 5)), rng.normal(size=(12, 5)), rng.normal(size=5)
hidden = np.tanh((s @ w_a)[:, None] + (h @ u_a)[None])  # (3, 1, 5) + (1, 7, 5)
older_weights = softmax(hidden @ v_a)  # (3, 7)
context = older_weights @ h  # (3, 12)
show(hidden=hidden.shape, older_weights=older_weights.shape, context=context.shape)
assert np.allclose(older_weights.sum(axis=1), 1)

# %% [markdown]
# And ours on the same states and annotations, with a query from each state, a key and a value from each annotation:

# %%
queries = s @ rng.normal(size=(10, 4))  # (3, 4)
keys, values = h @ rng.normal(size=(12, 4)), h @ rng.normal(size=(12, 2))  # (7, 4), (7, 2)
output, newer_weights = scaled_dot_product_attention(queries, keys, values)  # (3, 2), (3, 7)
show(output=tuple(output.shape), newer_weights=tuple(newer_weights.shape))
assert newer_weights.shape == older_weights.shape and np.allclose(np.sum(newer_weights, axis=1), 1)

# %% [markdown]
# | | recurrent, 2014 | Transformer, 2017 |
# |---|---|---|
# | softmax over the source, weighted sum | yes | yes, **the same** |
# | a pair's score | a small network: tanh, a hidden layer | a dot product, divided by √K |
# | what is held for all pairs | (3, 7, 5): a hidden layer each | (3, 7): a number each |
# | what is summed | the annotations themselves | their values, $h\,w_v$ |
# | who asks whom | decoder asks encoder | that too, and words of one sentence **each other** |
# | queries | one after the other: each state needs the step before | all at once |

# %% [markdown]
# ## What to remember
#
# - Every word makes a query, a key and a value. Scores q·k, divided by √K, softmax, weighted sum of values.
# - One pass gives all T outputs. The number of layers is fixed; there is nothing to wait for.
# - Without √K the softmax freezes and gradients **vanish**.
# - Raw vectors see a blur or themselves. `w_q` and `w_k` let a word ask for something other than itself, once trained.
# - The price is T².

# %% [markdown]
# ## Three questions for yourself
#
# <details><summary>1. All keys of a sentence are the same vector. What is the output for each word?</summary>
# All scores of a row are equal, so every weight is 1/S, and every word gets the mean of the values.
# </details>
#
# <details><summary>2. You swap the words Jane and septembre in x. What happens to the output of l'Afrique?</summary>
# Nothing: the same terms are summed in another order. That is why lesson 02 had to add positions.
# </details>
#
# <details><summary>3. Why a separate value? Could the key not be handed over as well?</summary>
# A key says when to listen to a word, a value what it then says. "I answer who" is a good key and a poor message.
# With one vector for both, to be found and to be useful would pull it in two directions.
# </details>

# %% [markdown]
# **Where to read on:** Vaswani et al. 2017, section 3.2; Bahdanau, Cho and Bengio 2014, section 3; Dong, Cordonnier
# and Loukas 2021, *Attention is not all you need*, on what pure attention does when repeated.
#
# **Next:** [04 · Masks](04_masks.ipynb)
