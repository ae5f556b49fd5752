# %% [markdown]
# # 15 · Since 2017 (optional)
#
# **What changed in the block, and what does each change buy?**
#
# Between the Transformer that you have built and the models that people use every day lie a few years and, in the
# block, a handful of small changes. None takes more than ten lines. You write the four that matter, put each alone into
# your own block, and measure what it does there. At the end a file that another library saved, of the architecture of
# today's open models, runs in your block and gives the same numbers.
#
# | | |
# |---|---|
# | **You build** | `rotary_embedding`, `rms_norm`, `SwiGLU`, `GroupedQueryAttention` |
# | **Minutes** | 75 |
# | **You need** | 02, 05, 06 and the section on memory in 09. No network. This lesson is optional |

# %%
import sys

sys.path[:0] = ["..", "../.."]  # where the course's library, utils, lies

from utils.notebook import ROOT, setup, show

setup(seed=15)

# %% [markdown]
# ## Turned, not added
#
# Lesson 02 added a position to each word, and then showed another way: leave the word as it is and **turn** its query
# and its key, each by its own place (RoPE, *rotary position embedding*, Su et al. 2021). With two features a vector is
# the hand of a clock. Take (1, 0), at place p turned by p radians: what is the dot product of two hands?

# %%
import numpy as np


def hand(place):
    return np.array([np.cos(place), np.sin(place)])  # (1, 0), turned


show(at_5_and_3=hand(5) @ hand(3), at_50_and_48=hand(50) @ hand(48), cosine_of_2=np.cos(2))
assert np.isclose(hand(5) @ hand(3), hand(50) @ hand(48)) and np.isclose(hand(5) @ hand(3), np.cos(2))

# %% [markdown]
# Two places apart gives the cosine of 2, wherever the two stand. K features are K/2 hands, from fast to slow: at place
# p the hand j is turned by
#
# $$p \cdot \mathrm{base}^{-2j/K} \qquad j = 0, 1, \dots, K/2 - 1$$
#
# How many places does a hand take to come round? For K = 64, the fastest and the slowest:

# %%
for base in (10_000, 500_000):
    rounds = 2 * np.pi * base ** (2 * np.arange(32) / 64)
    print(f"base {base:7,}: from {rounds[0]:.1f} to {rounds[-1]:,.0f} places")
    assert 6 < rounds[0] < 7 and rounds[-1] > 4 * base

# %% [markdown]
# A larger base makes the slow hands slower, so that in a long text they have not come round: Llama 3 has the second.
#
# Which two features make a hand? There are two customs. In the paper neighbours do, 2j with 2j + 1. Most code of today
# takes j of the first half with j of the second, which is quicker to write. For K = 8:

# %%
from utils.plots.since_2017 import pairs_of_features

pairs = pairs_of_features(8)
assert pairs["halves"][1] == (1, 5) and pairs["interleaved"][1] == (2, 3)

# %% [markdown]
# ## Exercise: `rotary_embedding`
#
# From x (…, T, K) give back the turned x. The first vector along T stands at place `start`, the next at `start` + 1 and
# so on. With a and b the two features of a pair, and their angle:
#
# $$a' = a \cos - b \sin \qquad b' = b \cos + a \sin$$
#
# (Lesson 02's matrix turned the other way, since its encoding has the sine first. Either would do for training; files
# of weights are made for this one.) Angles are worked out in float32, whatever x is; why, you see below.

# %%
from keras import ops

from utils.layers.rotary import check_layout

# %% [markdown]
# `check_layout` is given: it complains about an odd K or an unknown layout, and hands K back.


# %% tags=["from:utils.layers.rotary.rotary_embedding", "exercise"]

# %% [markdown]
# First the halves, then neighbours, then `start` and `base`, then what it is all for. If you are stuck,
# `hint("rotary_embedding")` in a cell of its own says a little, a second time more, a third time nearly all.

# %%
from utils.checks import check, hint

rotary_embedding = check(rotary_embedding)

# %% [markdown]
# The promise, with 64 features: a query and a key of length 1, seven places apart, at the beginning of a text and
# further on. And the same query and key in the other layout:

# %%
rng = np.random.default_rng(15)
q, k = rng.normal(size=(2, 1, 64)).astype("float32")
q, k = q / np.linalg.norm(q), k / np.linalg.norm(k)
scores = {}
for layout in ("halves", "interleaved"):
    turned = [(rotary_embedding(q, p, layout=layout), rotary_embedding(k, p + 7, layout=layout)) for p in (0, 5, 90)]
    scores[layout] = np.array([float(ops.sum(a * b)) for a, b in turned])
    print(f"{layout:11} {scores[layout].round(4)}   the same to 1e-6: {np.ptp(scores[layout]) < 1e-6}")
    assert np.ptp(scores[layout]) < 1e-6
assert abs(scores["halves"][0] - scores["interleaved"][0]) > 0.01

# %% [markdown]
# The distance alone counts, in either layout. But the two give **different scores**, and nothing in a file of weights
# says for which it was made. Weights of one serve the other once the columns of $W_Q$ and $W_K$ change places; scores
# then stay, since a dot product does not mind in which order it is summed:

# %%
from utils.layers import to_halves

x, w_q, w_k = (rng.normal(size=size).astype("float32") for size in ((5, 12), (12, 16), (12, 16)))  # one head, K = 16


def scores_of(w_q, w_k, layout):
    q, k = (rotary_embedding(ops.matmul(x, w), layout=layout) for w in (w_q, w_k))
    return np.asarray(ops.matmul(q, ops.transpose(k)))


made_for = scores_of(w_q, w_k, "interleaved")
wrong = np.abs(scores_of(w_q, w_k, "halves") - made_for).max()
moved = np.abs(scores_of(to_halves(w_q, 1), to_halves(w_k, 1), "halves") - made_for).max()
print("read in the wrong layout, off by more than 1:", wrong > 1, "  columns moved, below 1e-4:", moved < 1e-4)
assert wrong > 1 and moved < 1e-4

# %% [markdown]
# And why angles in float32? Half precision cannot count. Five places, one after the other, as bfloat16 has them:

# %%
places = np.array([255, 256, 257, 258, 259])
counted = np.asarray(ops.cast(ops.cast(places, "bfloat16"), "float32"))
show(counted=counted, digits=0)
assert list(counted) == [255, 256, 256, 258, 260]

# %% [markdown]
# Two words would stand at one place, and no error would say so.
#
# ## RMS norm
#
# Layer norm takes the mean out and divides by the spread. RMS norm (Zhang and Sennrich 2019) only divides, by the
# **root of the mean of the squares**; gamma stays, beta goes. By hand, for lesson 06's word:

# %%
word = np.array([1.0, 2.0, 3.0, 6.0])
mean_square = (word**2).mean()
show(mean_square=mean_square, root=np.sqrt(mean_square), normed=word / np.sqrt(mean_square))
assert mean_square == 12.5 and np.isclose(((word / np.sqrt(mean_square)) ** 2).mean(), 1)

# %% [markdown]
# ## Exercise: `rms_norm`
#
# $$\mathrm{mean\ square} = \frac1D\sum_d x_d^2 \qquad
# y_d = \mathrm{gamma}_d\,\frac{x_d}{\sqrt{\mathrm{mean\ square} + \mathrm{epsilon}}}$$
#
# From x (…, D) and gamma (D,), something of the shape **and the dtype** of x. Take the squares in float32: float16 ends
# at 65,504, and a feature of 300 has a square beyond that.


# %% tags=["from:utils.layers.gated.rms_norm", "exercise"]

# %% [markdown]
# Words, gamma, epsilon, and last a word whose squares float16 does not hold:

# %%
rms_norm = check(rms_norm)

# %% [markdown]
# What happens to one who squares in float16? Infinity under the fraction, and so a word of zeros, without an error:

# %%
large = np.array([[300, -200, 400, 100]], "float16")
with np.errstate(over="ignore"):
    careless = large / np.sqrt((large * large).mean(axis=-1, keepdims=True))
show(careless=careless, ours=rms_norm(large, np.ones(4, "float16")))
assert not careless.any() and np.isclose(np.square(rms_norm(large, np.ones(4, "float16"))).mean(), 1, atol=0.01)

# %% [markdown]
# Keras has this norm too. The same numbers?

# %%
import keras

x, gamma = rng.normal(3, 5, size=(2, 5, 8)).astype("float32"), rng.normal(size=8).astype("float32")
theirs = keras.layers.RMSNormalization(epsilon=1e-6)
theirs.build(x.shape)
theirs.set_weights([gamma])
gap = np.abs(theirs(x) - rms_norm(x, gamma)).max()
print("largest difference below 1e-5:", gap < 1e-5)
assert gap < 1e-5

# %% [markdown]
# ## A gate
#
# The feed-forward of 2017 widens, bends, narrows. A **gated** one (Shazeer 2020) makes two wide vectors of each word
# and multiplies them, number by number: one is bent and decides how much of the other gets through.
#
# $$\mathrm{SwiGLU}(x) = \big(\mathrm{silu}(x W_{\mathrm{gate}}) \odot x W_{\mathrm{widen}}\big)\, W_{\mathrm{narrow}}
# \qquad \mathrm{silu}(z) = z \cdot \mathrm{sigmoid}(z)$$

# %%
from utils.plots.since_2017 import bends

curves = bends()
assert np.abs(np.subtract(*curves.values())).max() < 0.28

# %% [markdown]
# Silu is never further than 0.28 from relu. So what is new is not the bend, but the product.
#
# ## Exercise: `SwiGLU`
#
# The class is given, its `call` is yours: `self.gate` bends by itself, `self.widen` does not, `self.narrow` goes back
# to D, `self.dropout_layer` comes last. `x` is (B, T, D), and so is what you give back.

# %%
from utils.layers.block_frames import GatedFrame

# %% [markdown]
# Four layers, each called once:


# %% tags=["from:utils.layers.gated.SwiGLU", "exercise:call"]

# %% [markdown]
# Numbers, other bends and biases, then dropout:

# %%
SwiGLU = check(SwiGLU)

# %% [markdown]
# Three matrices instead of two: for a fair comparison each is made two thirds as wide. (Biases went, too; nobody missed
# them.)

# %%
from utils.layers import FeedForward

plain, gated = FeedForward(32, 96), SwiGLU(32, 64)
for layer in (plain, gated):
    layer.build((None, None, 32))
matrices = [sum(w.shape[0] * w.shape[1] for w in layer.weights if len(w.shape) == 2) for layer in (plain, gated)]
show(numbers_in_matrices=np.array(matrices), numbers_in_biases=np.array([plain.count_params() - matrices[0], 0]))
assert matrices[0] == matrices[1] == gated.count_params()

# %% [markdown]
# ## Fewer keys
#
# Whoever writes word by word keeps the keys and values of all words so far: lesson 09's memory, the **KV cache**. Its
# size is 2 · layers · heads · K · places · bytes, four gigabytes for one long text in a middling model. The remedy: H
# heads of queries ask only G heads of keys and values. G = H is what you know, G = 1 *multi-query attention* (Shazeer
# 2019), anything between *grouped-query attention* (Ainslie et al. 2023).

# %%
from utils.plots.since_2017 import shared_keys

asked = shared_keys(4, (4, 2, 1))
assert asked[2] == [0, 0, 1, 1]

# %% [markdown]
# ## Exercise: `GroupedQueryAttention`
#
# Lesson 05's layer, and two lines more. `self.key_weights` and `self.value_weights` make G heads
# (`self.num_key_value_heads`). Where `self.rotary_base` is not None, q and k are turned with that base. Then each head
# of keys and values is repeated for the queries that share it, **beside itself**: 0 0 1 1, not 0 1 0 1.

# %%
from utils.layers import MultiHeadAttention, merge_heads, scaled_dot_product_attention, split_heads
from utils.layers.attention import project
from utils.layers.grouped import check_groups

# %% [markdown]
# It stands on lesson 05's class, whose `add_projection` makes the weights:


# %% tags=["from:utils.layers.grouped.GroupedQueryAttention", "exercise:call"]

# %% [markdown]
# Several numbers of heads first, then keys and biases, turning, masks, scores, dropout:

# %%
GroupedQueryAttention = check(GroupedQueryAttention)

# %% [markdown]
# Keras has this layer as well. The same weights, the same numbers? And the slip that raises no error, heads in turns:

# %%
x = rng.normal(size=(2, 5, 24)).astype("float32")
ours, theirs = GroupedQueryAttention(6, 4, num_key_value_heads=2), keras.layers.GroupQueryAttention(4, 6, 2)
for layer in (ours, theirs):
    layer.build(x.shape, x.shape)
    layer.set_weights(ours.get_weights())
gap = np.abs(ours(x, x) - theirs(x, x)).max()
in_turns = [w[:, [0, 3, 1, 4, 2, 5]] if n == 0 else w for n, w in enumerate(ours.get_weights())]
ours.set_weights(in_turns)
slip = np.abs(ours(x, x) - theirs(x, x)).max()
print("largest difference below 1e-5:", gap < 1e-5, "  queries sent to the wrong keys, above 1e-3:", slip > 1e-3)
assert gap < 1e-5 and slip > 1e-3

# %% [markdown]
# What has to be kept, measured on the arrays, and by the formula with G in the place of H:

# %%
from utils.layers import cache_bytes

for G in (6, 2, 1):
    layer = GroupedQueryAttention(6, 4, num_key_value_heads=G)
    layer.build(x.shape, x.shape)
    kept = [split_heads(project(x[:1], w), G) for w in (layer.key_weights, layer.value_weights)]  # (1, G, T, K) each
    measured = sum(np.asarray(array).nbytes for array in kept)
    print(f"G = {G}: {measured:4} bytes for {x.shape[1]} places")
    assert measured == cache_bytes(num_layers=1, num_key_value_heads=G, key_dim=4, places=5, bytes_each=4)

# %% [markdown]
# ## Your block, with switches
#
# All of it in one class. With every switch as it stands by itself, this is lesson 06's layer.

# %%
from utils.layers.block import NORMS
from utils.layers.block_frames import check_choice
from utils.layers.frames import EncoderLayerFrame

# %% [markdown]
# Read `call` first: not a line of it is new.


# %% tags=["from:utils.layers.block.Block"]

# %% [markdown]
# Is it? The weights of an `EncoderLayer`, post and pre, in a block without switches:

# %%
from utils.layers import EncoderLayer

for norm in ("post", "pre"):
    before, now = EncoderLayer(24, 6, 48, dropout_rate=0.0, norm=norm), Block(24, 6, 48, norm=norm)
    for layer in (before, now):
        layer.build(x.shape)
        layer.set_weights(before.get_weights())
    print(f"{norm:4} equal to the last bit:", bool(np.array_equal(before(x), now(x))))
    assert np.array_equal(before(x), now(x))
