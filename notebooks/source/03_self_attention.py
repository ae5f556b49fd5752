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
# | **Minutes** | 120, in two sittings: 65 up to *Here the first sitting ends*, then 55 |
# | **You need** | 01, 02; matrix products. The encoder's files, fetched once by the set-up |

# %%
import sys

sys.path[:0] = ["..", "../.."]  # where the course's library, utils, lies

from utils.notebook import setup, show

setup(seed=3)

# %% [markdown]
# ## A word asks
#
# Our sentence is **Jane visite l'Afrique en septembre** (*Jane visits Africa in September*). On its own *l'Afrique*
# is a continent. In this sentence it is where somebody travels, and to find that out it has to ask. In lesson 01 a
# query came from outside; in *self*-attention the words of the sentence ask each other.

# %%
from utils.plots.self_attention import asking

words = ["Jane", "visite", "l'Afrique", "en", "septembre"]
answers = ["I say who", "I say what\nhappens", "I say where", "I announce\na place, a time", "I say when"]
links = asking(words, 2, "what is happening there?", answers)
assert len(links) == 5 and ("l'Afrique", "l'Afrique") in links

# %% [markdown]
# Five arrows, not four: a word asks itself as well. To compute what they say takes vectors.
#
# ## Where do the first vectors come from?
#
# From a table with one row for each word of the vocabulary, the **embedding**. A word's number picks its row. Here is
# a vocabulary of 9 words, 6 numbers each, and a sentence of 5 of them.

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
# Learnt numbers say nothing to the eye. So here **all numbers are set by hand**; a trained network will not look so
# tidy. Each word gets 6 numbers, D = 6: is it a person, a place, a time, something done, a small word, a name?

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
show(w_q=w_q, w_k=w_k, w_v=w_v, digits=0)
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
#
# If you are stuck, `hint("project_qkv")`, once the check below has run, prints the first of three hints, then the next.


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
# **One** matrix a role is enough. Some drawings send a word through two in a row; but two matrices in a row are one
# matrix.

# %%
second = np.array([[1, 2], [0, 1], [1, 0], [3, 1]], "float32")  # (4, 2)
twice = (x @ w_q) @ second
once = x @ (w_q @ second)
show(largest_difference=np.abs(twice - once).max())
assert np.array_equal(twice, once)

# %% [markdown]
# ## By hand: what l'Afrique takes from the sentence
#
# Wanted is $A^{\langle 3 \rangle}$, the new vector of word 3 (`q[2]` in Python, which counts from 0). **First the
# scores**: its query with each of the five keys, a dot product each. Take pencil and paper for the first two: (1, 2,
# 1, 0) with *Jane*'s (2, 0, 0, 0), then with *visite*'s (0, 3, 0, 0).

# %%
scores = np.array([np.dot(q[2], k_j) for k_j in k])  # (5,)
show(**dict(zip(words, scores, strict=True)), digits=0)
assert list(scores) == [2, 6, 2, 1, 0]

# %% [markdown]
# *visite* fits best: it answers the question that is asked loudest. **Then scale**: divide by $\sqrt{K} = \sqrt 4 =
# 2$; why, you find out below.

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
# The whole calculation in one picture. Follow a row from left to right; a key's blue cells are those where the query
# asks, too.

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
# *septembre*, which it announces. The numbers were set so that this story comes out: attention **can** tell it. What
# trained attention tells is measured in lesson 09.
#
# ## All words at once
#
# A loop over words, and in it a loop over keys: 25 dot products. A matrix product is just that: `q` is (5, 4); `k`
# *transposed*, its rows made columns, is (4, 5); and their product (5, 5) holds all of them.

# %%
all_scores = q @ k.T  # (5, 5)
show(all_scores=all_scores, digits=0)
assert np.array_equal(all_scores[2], scores)

# %% [markdown]
# Row 3 is the one computed by hand. With a softmax along each row and one more product the whole of attention fits on
# a line, the best-known formula of the field (Vaswani et al. 2017, equation 1):
#
# $$\mathrm{Attention}(q, k, v) = \mathrm{softmax}\!\left(\frac{q\,k^{\top}}{\sqrt{K}}\right) v$$
#
# In lesson 04 some words will not be allowed to see others. That is the work of a **mask**, and it comes last here: a
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
# `ops.softmax`. There may be any axes in front, for sentences or heads: `q` (..., T, K), `k` (..., S, K), `v` (...,
# S, Dv). Back come the output (..., T, Dv) and the weights (..., T, S). So exchange only the last two axes of `k`,
# and let the softmax run along the last axis, over the S keys. No loop over words: hundreds of them must take a
# moment. (NumPy itself would pass the check, but no gradient passes through NumPy, and further down you train.)
#
# With a `mask`, a key that is masked gets weight 0 whatever its score, even where all others score far lower, and a
# query that may look nowhere gets zeros.


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
# The mask is checked after everything else:

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
# What is gained is time. 300 words of width 64, with the loop and as matrices:

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
# more? No. All new vectors are made from the **old** ones, in one pass, in any order. Compute the words backwards,
# one at a time:

# %%
backwards = [scaled_dot_product_attention(q[i : i + 1], k, v)[0][0] for i in (4, 3, 2, 1, 0)]
show(largest_difference=np.abs(np.array(backwards[::-1]) - A).max(), digits=6)
assert np.allclose(backwards[::-1], A, atol=1e-6)

# %% [markdown]
# The outputs are the inputs of the next layer, which has matrices of its own. How many layers there are is fixed when
# the network is designed. The paper has six; so has the encoder whose word vectors you will use:

# %%
import json

from utils.pretrained import fetch

config = json.loads((fetch("minilm") / "config.json").read_text())
print("layers:", config["num_hidden_layers"])
assert config["num_hidden_layers"] == 6

# %% [markdown]
# There *are* vectors at which nothing changes any more, and they are a bad place. Feed attention its own output again
# and again, and watch how far the words lie from their common mean. The five words, and the same made three and eight
# times as long:

# %%
passes = (0, 1, 2, 4, 8, 16)
for factor in (1, 3, 8):
    y, spread = factor * x, []
    for _ in range(17):
        spread.append(float(np.linalg.norm(y - np.mean(y, axis=0), axis=1).mean()))
        y = np.array(scaled_dot_product_attention(y, y, y)[0])
    print(f"{factor} times as long, after {passes} passes:", ", ".join(f"{spread[n]:.2f}" for n in passes))
    assert (spread[16] < 0.01) == (factor < 8) and (spread[16] > 0.999 * spread[0]) == (factor == 8)

# %% [markdown]
# Short vectors are averaged until all words are one. Long ones see themselves alone, so nothing moves at all. Either
# way nothing is learnt from the neighbours. Do matrices help? Each layer gets random ones of its own, twenty times:
# what share of a word's length is not common to all five words? Then the same, with its input added to each layer's
# output.


# %%
def not_common(y):
    return np.linalg.norm(y - y.mean(axis=0), axis=1).mean() / np.linalg.norm(y, axis=1).mean()


def depths(y, keep_input, seed):
    rng, shares = np.random.default_rng(seed), []
    for _ in range(9):
        shares.append(not_common(y))
        layer_q, layer_k, layer_v = rng.normal(size=(3, D, D)).astype("float32") / np.float32(np.sqrt(D))
        y = keep_input * y + np.array(scaled_dot_product_attention(y @ layer_q, y @ layer_k, y @ layer_v)[0])
    return shares


for keep_input in (False, True):
    for factor in (1, 3, 8):
        median = np.median([depths(factor * x, keep_input, seed) for seed in range(20)], axis=0)
        shown = ", ".join(f"{median[n]:.3f}" for n in (0, 1, 2, 4, 8))
        print(f"{'input added' if keep_input else 'attention alone':15} {factor} times as long: {shown}")
        assert (median[4] > 0.3) == keep_input and (keep_input or median[8] < 0.001)

# %% [markdown]
# The columns are 0, 1, 2, 4 and 8 layers. Matrices do not help: in the median hardly anything tells the words apart
# after eight layers. (Dong, Cordonnier and Loukas 2021 prove it: attention alone loses its differences doubly
# exponentially with depth.) The input added back slows the loss: after eight layers a sixth to a half is left. Lesson
# 06 puts this *skip connection* around every attention.
#
# **Here the first sitting ends.** You have written the heart of the Transformer. Before you go on another day, run the
# cells above once more.
#
# ## Why divide by √K?
#
# K is the width of a key; the paper calls it $d_k$. Take queries and keys with random entries of mean 0 and variance 1.
# A dot product adds up K products, each of variance 1, so its variance should be K:

# %%
rng = np.random.default_rng(3)
widths = [1, 4, 16, 64, 256, 1024]
variance = {K: (rng.normal(size=(10000, K)) * rng.normal(size=(10000, K))).sum(axis=1).var() for K in widths}
print("variance of q·k:", {K: round(float(var)) for K, var in variance.items()})
assert all(abs(var / K - 1) < 0.1 for K, var in variance.items())

# %% [markdown]
# It is. Dividing the scores by √K brings their variance back to 1. What if one does not? With keys 1024 wide a score is
# typically $\sqrt{1024} = 32$ away from 0, and softmax turns a lead of 32 into a factor of $e^{32}$.
#
# Measure it on 300 queries with 8 keys each: the largest weight; the derivative of the weights with respect to the
# **scores**; and with respect to the **query**. For a softmax
# $\partial w_s / \partial s_t = w_s(\delta_{st} - w_t)$, where $\delta_{st}$ is 1 for $s = t$ and else 0. If one weight
# is 1 and all others are 0, that is 0 everywhere.


# %%
def measure(K, scale, seed, queries=300, S=8):
    rng = np.random.default_rng(seed)  # the same numbers with and without the root
    q, k = rng.normal(size=(queries, 1, K)), rng.normal(size=(queries, S, K))
    w = softmax(scale * (q @ np.swapaxes(k, 1, 2)))[:, 0]  # (300, 8)
    to_scores = w[:, :, None] * np.eye(S) - w[:, :, None] * w[:, None, :]  # (300, 8, 8)
    to_query = scale * to_scores @ k  # (300, 8, K)
    return w.max(axis=1), *(np.linalg.norm(gradient, axis=(1, 2)) for gradient in (to_scores, to_query))


# %% [markdown]
# At six widths and with three seeds, without the root and with it:

# %%
from utils.plots.self_attention import frozen_softmax

bare, rooted = (
    {K: np.array([measure(K, scale(K), seed) for seed in (0, 1, 2)]) for K in widths}  # (seeds, 3, 300) each
    for scale in (lambda K: 1.0, lambda K: K**-0.5)
)
lines = {"without the root": bare, "divided by √K": rooted}
largest = {name: [line[K][:, 0].mean() for K in widths] for name, line in lines.items()}
ends = frozen_softmax(widths, largest, {name: [line[K][:, 2] for K in widths] for name, line in lines.items()})
assert ends["without the root"][0] > 0.9 and ends["without the root"][2] < 1e-3

# %% [markdown]
# Left: without the root the softmax **freezes**. At 1024 one key takes nearly everything, whichever it happens to be.
# Right: the gradient that would have to change it; the line is the median, the shade holds the middle 80 % of the
# queries, and the axis is logarithmic. With the root all queries feel about the same, at every width from 16 on.
#
# ### Two sayings put to the test
#
# Many notes say that the root *avoids exploding gradients*; the paper says that without it they are *extremely small*
# (section 3.2.1). *Vanished* counts the gradients below a tenth of the usual one with the root, *exploded* those
# above the largest one with the root. *RMS* is the root of the mean square, in which large ones weigh most:

# %%
print(f"{'gradient at the query':25}{'median':>9}{'mean':>6}{'RMS':>6}{'largest':>9}{'vanished':>10}{'exploded':>10}")
for K in (16, 64, 256, 1024):
    usual, limit = np.median(rooted[K][:, 2]), rooted[K][:, 2].max()
    for name, line in lines.items():
        g = line[K][:, 2]  # (seeds, 300)
        vanished, exploded = (g < usual / 10).mean(), (g > limit).mean()
        print(f"K = {K:4}, {name:16}{np.median(g):9.5f}{g.mean():6.2f}{np.sqrt((g**2).mean()):6.2f}", end="")
        print(f"{g.max():9.2f}{vanished:10.0%}{exploded:10.0%}")

# %% [markdown]
# Both are right, of different queries. At width 16 few vanish, and most steps are larger than any with the
# root. The wider the keys, the more gradients **vanish**: at 1024 seven in ten. Most of the others **explode**: these
# queries stand near a tie between two keys, and the strongest feel it some forty times as much as any query does with
# the root. The mean over a batch hides this: it stays near 1, nearly all of it from those that exploded. With the root
# all take the same modest step, at each of these widths.
#
# So it is with each seed, and with 64 keys instead of 8:

# %%
for seed in (0, 1, 2):
    g, limit = bare[1024][seed, 2], rooted[1024][seed, 2].max()
    assert (g < limit / 10).mean() > 0.6 and 0.1 < (g > limit).mean() < 0.3 and g.max() > 30 * limit
    assert g[g > limit].sum() > 0.95 * g.sum()
crowd, tame = (measure(1024, scale, 0, queries=100, S=64)[2] for scale in (1.0, 1024**-0.5))
print(
    f"64 keys: {(crowd < np.median(tame) / 10).mean():.0%} vanish, the largest is {crowd.max() / tame.max():.0f} times",
    end="",
)
print(" the largest with the root")
assert (crowd < np.median(tame) / 10).mean() > 0.45 and crowd.max() > 30 * tame.max()
assert max(line[K][:, 1].max() for line in (bare, rooted) for K in widths) <= 0.5 + 1e-9

# %% [markdown]
# (The last line: with respect to the *scores* nothing explodes, the norm is never above ½. What explodes is that half
# times the keys, which get longer with their width.)
#
# ## Exercise: `ScaledDotProductAttention`
#
# A layer, so that Keras models can hold it. It has no weights; `call` hands its arguments to your function. Mind
# Keras' order: **query, value, key**, because the key is often the value itself: where `key` is None, take the value.
# Shapes: query (B, T, K), value (B, S, Dv), key (B, S, K). Return the output (B, T, Dv), or the pair (output,
# weights) where `return_attention_scores` is True. It must let gradients through both, compiled as well, with B
# unknown, and keep nothing from one call to the next.


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
# 3 queries and 7 keys: in a translator the words of the target will look at the words of the source.
#
# ## *station*, with real vectors
#
# A real sentence with the word embeddings of the pre-trained encoder, 384 numbers each. First with no matrices at
# all: the vectors are queries, keys and values themselves. Which word does *station* look at?

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
# a raw vector is about as long as 1, where $\sqrt{384}$, near 20, is expected. The paper multiplies embeddings by √D
# (section 3.4; it does not say why). Do that, and compare:

# %%
scaled_up = raw * math.sqrt(384)
_, mirror = layer(scaled_up, scaled_up, return_attention_scores=True)
show(variance_raw=raw.var(), variance_scaled_up=scaled_up.var())
weights_grid(sentence, [blur[0], mirror[0]], ["as they are: a blur", "times √D: a mirror"])
assert all(mirror[0, i, i] > 0.99 for i in (1, 2, 4, 5, 6))

# %% [markdown]
# From blur to mirror: now **each word sees itself**, and nothing else. (*The* and *the* share a vector, so they share
# their weight.) With q = k, a word's score with itself is its length squared, and other words point elsewhere. Other
# sentences, the same two pictures:

# %%
others = [
    "A cat sat on my old chair",
    "Our king bought green apples last week",
    "She reads old books in bed every night",
    "Music fills that small red house",
]
for text in others:
    vectors = word_vectors(text.split())[np.newaxis]  # (1, T, 384)
    T = vectors.shape[1]
    near_even, near_one = (layer(f * vectors, f * vectors, return_attention_scores=True)[1][0] for f in (1, 384**0.5))
    largest, own = np.max(near_even) * T, np.min(np.diagonal(near_one))
    print(f"{T} words: no weight above {largest:.2f} times an even share; times √D, each sees itself with {own:.2f}")
    assert largest < 1.1 and own > 0.98

# %% [markdown]
# Back to our sentence. Leave the diagonal out to see what lies behind it:

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


def look(matrices, vectors):
    query, key = (ops.matmul(vectors, w) for w in matrices)  # (1, T, 64)
    return layer(query, vectors, key, return_attention_scores=True)[1][0]  # (T, T)


favourites = [sentence[int(np.round(look(random_matrices(seed), scaled_up)[4], 4).argmax())] for seed in range(8)]
print(favourites)
assert len(set(favourites)) == 5

# %% [markdown]
# Eight seeds, five favourites. **An untrained projection says nothing about language**, however convincing its heat
# map. But it can learn. Tell it, 60 times, that *station* should look at *train*. The loss is minus the logarithm of
# that weight, and only the two matrices move.


# %%
def teach(seed, steps=60):
    matrices = random_matrices(seed)
    optimizer = keras.optimizers.Adam(2e-3)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            loss = -tf.math.log(look(matrices, scaled_up)[4, 1])  # station is word 4, train is word 1
        optimizer.apply(tape.gradient(loss, matrices), matrices)
    return matrices


taught = [teach(seed) for seed in range(5)]
learnt = np.array([look(m, scaled_up)[4, 1] for m in taught])
show(station_at_train=learnt, digits=2)
assert learnt.min() > 0.9

# %% [markdown]
# It was told so. Now put another word in the train's place, one that nobody mentioned. Bars are means over the five
# seeds, dots the seeds:

# %% tags=["nbval-ignore-output"]
from utils.plots.self_attention import looks_of_station

nouns = ["train", "bus", "coach", "lorry", "river", "music", "banana"]
texts = [word_vectors(f"The {noun} left the station on time".split())[np.newaxis] * math.sqrt(384) for noun in nouns]
seen = np.array([[look(m, vectors)[4, 1] for vectors in texts] for m in taught])
mean = looks_of_station(nouns, seen)

# %% [markdown]
# *bus* was never shown, and *station* looks at it in every seed; at *coach* in most. So the matrices learnt more than
# the one word. *Vehicles*? No: a *river* gets more than a *lorry*. At *music* none of these five looks, *banana*
# depends on the seed: where nothing fits, the weight must still go somewhere, for a softmax cannot say *nobody*.

# %%
of = dict(zip(nouns, mean, strict=True))
assert mean[1] > 0.8 > max(of["music"], of["banana"]) + 0.2
assert seen[:, 1].min() > 0.8 and of["river"] > of["lorry"] + 0.1

# %% [markdown]
# Here you said whom to look at. A real model is told only the answer of its task, and finds for itself where to look.
#
# ### Attention sinks
#
# What does a trained model do with weight that it has no use for? The encoder whose word vectors you used (lesson 10
# builds it whole) has a mark before each text, `[CLS]`, that stands for no word. How much of their attention do the
# words give to it, in each of the six layers? Means over all heads and words:

# %%
from utils.pretrained import load_encoder, load_tokenizer

encoder, tokenizer = load_encoder(fetch("minilm")), load_tokenizer(fetch("minilm"))
for text in (" ".join(sentence), *others):
    hidden, at_mark = encoder.embedding(np.array([tokenizer.encode(text).ids])), []
    for encoder_layer in encoder.encoder_layers:
        hidden, scores = encoder_layer(hidden, return_attention_scores=True)  # (1, T, D), (1, H, T, T)
        at_mark.append(float(np.mean(scores[0, :, 1:-1, 0])))  # from words, not from the marks
    even = 1 / scores.shape[-1]
    print("to the mark:", " ".join(f"{share:.2f}" for share in at_mark), f"   an even share: {even:.2f}")
    assert 0.35 < min(at_mark[1:]) and max(at_mark[1:]) < 0.85

# %% [markdown]
# In these short sentences, from the second layer on, 0.39 to 0.75 of the words' attention goes to a token that is no
# word. It is called an **attention sink**; in models that write text it is usually the first token (Xiao et al.
# 2023). The usual reading, which no cell here proves: where a head has nothing to fetch, it parks its weight where it
# does no harm. So be slow to read a heat map as an explanation.
#
# ## Dot product or cosine?
#
# Lesson 01 compared by cosine; attention takes the dot product. Do they agree about which of two words is nearer to
# *station*? All pairs out of fourteen words:

# %%
from itertools import combinations

from utils.checks import cosine_similarity

candidates = "city time train house music water road street office school game king night day".split()
station, vectors = word_vectors(["station"])[0], word_vectors(candidates)
dots, cosines = vectors @ station, cosine_similarity(vectors, station)
pairs = list(combinations(range(len(candidates)), 2))
split = [(candidates[a], candidates[b]) for a, b in pairs if (dots[a] - dots[b]) * (cosines[a] - cosines[b]) < 0]
print(f"they disagree on {len(split)} of {len(pairs)} pairs: {split}")
for word in ("city", "time"):
    n = candidates.index(word)
    print(f"{word}: cosine {cosines[n]:.3f}, dot product {dots[n]:.3f}, length {np.linalg.norm(vectors[n]):.2f}")
assert 0 < len(split) < 10 and ("city", "time") in split

# %% [markdown]
# Nearly always; where they do not, the lengths decide: by angle *time* is nearer than *city*; by dot product *city*
# wins, because its vector is longer. A long key is heard more by every query that does not point away from it, and a
# model can learn such a length. The paper weighs the dot product against a small network (the last section below), not
# against the cosine, and takes it because it is fast.
#
# ## What does it cost?
#
# T words make T² scores. Twice the words should cost four times the time and the memory.

# %% tags=["nbval-ignore-output"]
from utils.plots.self_attention import cost

lengths = [256, 512, 1024, 1536, 2048, 3072, 4096]
inputs = [np.random.default_rng(T).normal(size=(T, 64)).astype("float32") for T in lengths]
megabytes = [np.array(scaled_dot_product_attention(y, y, y)[1]).nbytes / 2**20 for y in inputs]
rounds = [[best_time(lambda y=y: scaled_dot_product_attention(y, y, y), 1) for y in inputs] for _ in range(4)]
power = cost(lengths, np.min(rounds, axis=0), megabytes)
print(f"from 2048 words on the time grows like T to the power of {power:.1f}")

# %% [markdown]
# Memory: exactly four times as much for twice the words, 64 MB for the weights over 4096 words. Time: with few words
# other work hides the square, then it climbs along the dotted line, not along the dashed one. (Time that is linear in
# T, with any fixed part, would have a power of at most 1.)

# %%
assert np.allclose(np.divide(megabytes, np.square(lengths)), megabytes[0] / lengths[0] ** 2)
assert power > 1.4, "unusual: the machine was busy; run the cell above again"

# %% [markdown]
# ### The time is T², the memory need not be
#
# The output needs all T² weights, but not at the same time. Take the keys in blocks, and for each query keep three
# things: the highest score so far, the sum of exponentials, and the sum of values that these exponentials weigh. When a
# later block brings a higher score, both sums are shrunk to the new one; at the end one is divided by the other. That
# is the **online softmax** (Milakov and Gimelshein 2018; with the values, Rabe and Staats 2021):


# %%
def attention_in_blocks(q, k, v, block):
    highest, total = np.full((len(q), 1), -np.inf), np.zeros((len(q), 1))  # (T, 1) each
    gathered = np.zeros((len(q), v.shape[1]))  # (T, Dv)
    for start in range(0, len(k), block):
        scores = q @ k[start : start + block].T / math.sqrt(q.shape[1])  # (T, block), never (T, S)
        higher = np.maximum(highest, scores.max(axis=1, keepdims=True))
        shrink, exponentials = np.exp(highest - higher), np.exp(scores - higher)
        total = shrink * total + exponentials.sum(axis=1, keepdims=True)
        gathered = shrink * gathered + exponentials @ v[start : start + block]
        highest = higher
    return gathered / total


print("A of l'Afrique, two keys at a time:", attention_in_blocks(q, k, v, 2)[2].round(2))
assert np.allclose(attention_in_blocks(q, k, v, 2), A, atol=1e-6)

# %% [markdown]
# Is it the same attention to the last digits? In float64, against the whole matrix: several seeds, lengths and blocks,
# and scores a hundred times as large.


# %%
def attention_at_once(q, k, v):
    return softmax(q @ k.T / math.sqrt(q.shape[1])) @ v


gaps = []
for seed, T, S, block, size in ((0, 7, 300, 1, 1), (1, 100, 1000, 64, 1), (2, 100, 777, 64, 100), (3, 50, 40, 64, 1)):
    draw = np.random.default_rng(seed).normal
    one, two, three = size * draw(size=(T, 16)), draw(size=(S, 16)), draw(size=(S, 8))
    gaps.append(np.abs(attention_in_blocks(one, two, three, block) - attention_at_once(one, two, three)).max())
print("largest difference below 1e-12:", max(gaps) < 1e-12)
assert max(gaps) < 1e-12

# %% [markdown]
# And the memory that each takes at its peak, counted while it runs, with blocks of 64 keys:

# %%
import tracemalloc


def peak(run):
    tracemalloc.start()
    run()
    megabytes = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return megabytes


peaks = []
for T in (512, 1024, 2048):
    y = np.random.default_rng(T).normal(size=(T, 64))
    peaks.append([peak(lambda y=y: attention_at_once(y, y, y)), peak(lambda y=y: attention_in_blocks(y, y, y, 64))])
    print(f"{T:4} words: {peaks[-1][0]:5.1f} MB at once, {peaks[-1][1]:4.1f} MB in blocks")
growth = np.divide(peaks[1:], peaks[:-1])  # for twice the words
assert (growth[:, 0] > 3.8).all() and (growth[:, 1] < 2.2).all()

# %% [markdown]
# At once the memory grows with T², in blocks with T. The scores are still computed, all T² of them, so the **time**
# remains. On graphics processors the blocks are even faster, since fewer numbers travel: FlashAttention (Dao et al.
# 2022), which is in wide use today. It leaves no matrix of weights to look at; our layers keep theirs for that.
#
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
queries = (s @ rng.normal(size=(10, 4))).astype("float32")  # (3, 4)
keys, values = (np.float32(h @ rng.normal(size=(12, width))) for width in (4, 2))  # (7, 4), (7, 2)
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
# | queries | one after the other: each state needs the step before | all at once, but for a decoder that writes |

# %% [markdown]
# ## What to remember
#
# - Every word makes a query, a key and a value. Scores q·k, divided by √K, softmax, weighted sum of values.
# - One pass gives all T outputs. The number of layers is fixed; there is nothing to wait for.
# - Without √K the softmax freezes: with wide keys most gradients vanish, and most of the others explode.
# - Raw vectors see a blur or themselves. `w_q` and `w_k` let a word ask for something other than itself, once trained.
# - A softmax cannot say *nobody*. Trained models often give much attention to a token without meaning, a sink; that
#   they park it there is the usual reading.
# - The time grows with T². The memory need not: an online softmax over blocks gives the same numbers.

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
