# %% [markdown]
# # 17 · Fewer weights
#
# *Optional: nothing in the course stands on it.*
#
# **Fine-tune with a hundredth of the weights?**
#
# Lesson 11 taught an encoder to find names, and moved all of its 22.57 million weights to do so. Whoever has ten such
# tasks keeps ten encoders. Most of what they keep is the same ten times. Here the encoder stays as it is, and a small
# change beside it learns: you build it, measure what it saves and what it does not, teach an encoder to fill blanks,
# and put ten experts into one file that are exchanged while the model runs.
#
# | | |
# |---|---|
# | **You build** | `LoRADense`, `merge`, `mask_tokens` |
# | **Minutes** | 60 |
# | **You need** | 06, 10 and 11; the encoder's files, fetched once by the set-up |

# %%
import sys

sys.path[:0] = ["..", "../.."]  # where the course's library, utils, lies

from utils.notebook import ROOT, setup, show

setup(seed=17)

# %% [markdown]
# ## What there is to keep
#
# The encoder's weights, counted, and what they take on a disk at four bytes a number. And where they lie: in the table
# of word pieces, in attention, in the feed-forwards.

# %%
import numpy as np

from utils.pretrained import fetch
from utils.pretrained.encoder import load_encoder, named_weights

folder = fetch("minilm")
encoder = load_encoder(folder)
sizes = {}
for path, weight in named_weights(encoder).items():
    part = next((p for p in ("embedding", "self_attention", "feed_forward/") if p in path), "norms")
    sizes[part.strip("/")] = sizes.get(part.strip("/"), 0) + int(np.prod(weight.shape))
total = sum(sizes.values())
print(f"{total:,} numbers, {4 * total / 1e6:.0f} MB:", {part: f"{n / total:.0%}" for part, n in sizes.items()})
assert total == encoder.count_params() and sizes["feed_forward"] == 2 * sizes["self_attention"] - 6 * 384 + 6 * 768 - 768

# %% [markdown]
# Ninety megabytes a task. Half of it is the table, most of whose rows a task never touches.
#
# ## A matrix of few numbers
#
# Fine-tuning adds to each kernel $W$ a change $\Delta W$ of the same shape. The idea of **LoRA**, low-rank adaptation
# (Hu et al. 2021), is to allow only changes that can be written with few numbers: as a thin matrix times a flat one.
# By hand, with one column and one row:

# %%
column, row = np.array([[1.0], [2.0], [0.0], [-1.0]]), np.array([[3.0, 0.0, 1.0]])
change = column @ row  # (4, 1) times (1, 3)
print(change)
show(numbers_written=column.size + row.size, numbers_changed=change.size, rank=np.linalg.matrix_rank(change))
assert change.shape == (4, 3) and np.linalg.matrix_rank(change) == 1

# %% [markdown]
# Seven numbers fill twelve places. Every row is a multiple of one row: the matrix has **rank** 1. With $r$ columns and
# $r$ rows it has rank $r$, and can do $r$ such things at once. What is saved grows with the kernel: of the widest in our
# encoder, 384 × 1536, a change of rank 8 has one number in thirty-eight.
#
# $$y = x\,W + b + \frac{\alpha}{r}\,(x\,A)\,B \qquad W: (D, M) \quad A: (D, r) \quad B: (r, M)$$

# %%
from utils.plots.fewer_weights import way_beside

kernel_numbers, beside_numbers = way_beside(384, 1536, 8)
assert kernel_numbers / beside_numbers > 38

# %% [markdown]
# Drawn to scale. Note the order: first $x A$, which is only $r$ numbers, then times $B$. The change $A B$ itself, as
# large as $W$, is never computed. $\alpha$ (`alpha`) says how much the change weighs; that it is divided by $r$ is a
# convention, meant to let one learning rate serve several ranks.
#
# ## How it must begin
#
# On the first day the change should be nothing: the encoder knows much, and noise would spoil it. $A B = 0$ can be had
# in two ways: both zero, or only one. Which? Ask for the gradients at the start. The tape says how far each would move:

# %%
import keras
import tensorflow as tf
from keras import ops

rng = np.random.default_rng(17)
x, W, target = (tf.constant(rng.normal(size=shape), "float32") for shape in ((32, 6), (6, 4), (32, 4)))
draw = {name: rng.normal(size=shape).astype("float32") for name, shape in (("A", (6, 2)), ("B", (2, 4)))}
slopes = {}
for name, (a, b) in {"both by chance": (1, 1), "B zero": (1, 0), "both zero": (0, 0)}.items():
    A, B = tf.Variable(a * draw["A"]), tf.Variable(b * draw["B"])
    with tf.GradientTape() as tape:
        made = x @ W + (x @ A) @ B
        loss = tf.reduce_mean((made - target) ** 2)
    slopes[name] = [float(tf.norm(g)) for g in tape.gradient(loss, [A, B])]
    off = float(tf.reduce_max(tf.abs(made - x @ W)))
    print(f"{name:15} output is off by {off:4.1f}   gradient of A {slopes[name][0]:.2f}   of B {slopes[name][1]:.2f}")
assert slopes["B zero"][0] == 0 < slopes["B zero"][1] and slopes["both zero"] == [0, 0]

# %% [markdown]
# By the chain rule, $A$'s gradient has $B$ as a factor, and $B$'s has $A$. Both by chance: the output is disturbed from
# the start. Both zero: no gradient, now and for ever; it never learns. **A by chance, B zero** is right: nothing has
# changed, $B$ can move at once, and then $A$ can too. Keep the second case in mind; it comes back below, where one would
# not look for it.
#
# ## Exercise: `LoRADense`
#
# A dense layer that stays, with a change beside it that learns. `build` makes the four weights, and says of kernel and
# bias that they do not learn; `call` is yours. `x` is (…, D), give back (…, M). `self.bias` is None where there is none.
# `self.activation`, which may be the identity, takes the whole sum.

# %%
from utils.layers.contract import arguments_of, check_positive

# %% [markdown]
# Two ways, added; the second weighs `self.alpha / self.rank`:


# %% tags=["from:utils.layers.low_rank.LoRADense", "exercise:call"]

# %% [markdown]
# First before anything is learnt, then with $A$ and $B$ at work, then the weight, the bend, the bias, and whether
# gradients arrive. If you are stuck, `hint("LoRADense")` in a cell of its own says a little more each time.

# %%
from utils.checks import check, hint

LoRADense = check(LoRADense)

# %% [markdown]
# Keras has this too: `enable_lora` turns any `Dense` into one. With the same four matrices, the same numbers?

# %%
batch = rng.normal(size=(2, 5, 12)).astype("float32")  # (B, T, D)
ours, theirs = LoRADense(20, rank=4, alpha=8, activation="gelu"), keras.layers.Dense(20, activation="gelu")
for layer in (ours, theirs):
    layer.build(batch.shape)
theirs.enable_lora(4, lora_alpha=8)
for weight in (ours.lora_a, ours.lora_b, ours.bias):
    weight.assign(rng.normal(size=weight.shape))
kept = ours.kernel, ours.bias, ours.lora_a, ours.lora_b
for mine, own in zip(kept, (theirs._kernel, theirs.bias, theirs.lora_kernel_a, theirs.lora_kernel_b), strict=True):
    own.assign(mine)
gap = float(ops.max(ops.abs(ours(batch) - theirs(batch))))
print("largest difference below 1e-5:", gap < 1e-5, "  weights that learn:", len(ours.trainable_weights))
assert gap < 1e-5 and len(ours.trainable_weights) == 2

# %% [markdown]
# ## Two traps in the same layer
#
# You have a trained model in a file. You build it anew, switch LoRA on, load the weights, and train. Or you load first
# and switch LoRA on afterwards. Only the order differs; neither complains. Here a stored layer is taught something new
# in both orders, and ours beside them.

# %%
import tempfile
from pathlib import Path

stored = Path(tempfile.mkdtemp()) / "trained.weights.h5"
inputs, wanted = rng.normal(size=(64, 12)).astype("float32"), rng.normal(size=(64, 20)).astype("float32")


def one_layer(layer):
    return keras.Sequential([keras.Input((12,)), layer])


def learnt(model):
    """By how much thirty steps lower the loss."""
    model.compile(keras.optimizers.Adam(0.02), "mse")
    losses = model.fit(inputs, wanted, batch_size=64, epochs=30, verbose=0).history["loss"]
    return losses[0] - losses[-1]


one_layer(keras.layers.Dense(20)).save_weights(stored)

# %% [markdown]
# `load_weights` wants the same layers as were stored, so ours takes its kernel and bias from a `Dense` that has loaded
# them:

# %%
late, early, own = (one_layer(keras.layers.Dense(20)) for _ in range(3))
late.load_weights(stored)
late.layers[0].enable_lora(4)
early.layers[0].enable_lora(4)
early.load_weights(stored)
own.load_weights(stored)
low_rank = LoRADense(20, 4)
low_rank.build((None, 12))
low_rank.kernel.assign(own.layers[0].kernel), low_rank.bias.assign(own.layers[0].bias)
a_and_b = [float(ops.max(ops.abs(w))) for w in (early.layers[0].lora_kernel_a, early.layers[0].lora_kernel_b)]
falls = {"load, then LoRA": learnt(late), "LoRA, then load": learnt(early), "ours": learnt(one_layer(low_rank))}
for name, fall in falls.items():
    print(f"{name:16} the loss falls by {fall:.2f}")
show(largest_of_A_and_B_after_loading=a_and_b)
assert falls["LoRA, then load"] < 0.02 < 0.05 < min(falls["load, then LoRA"], falls["ours"])

# %% [markdown]
# There is the second case again. The file of the time before knows nothing of $A$ and $B$; on loading, Keras sets
# **both to zero**, and there they stay. (What little the loss falls is the bias, which Keras lets learn.) Ours is drawn
# in `build`, and a file that has no $A$ is not asked for one.
#
# The other trap is shorter. `alpha` can be given to the constructor. What becomes of it?

# %%
given = keras.layers.Dense(20, lora_rank=4, lora_alpha=32)
before = given.lora_alpha
given.build((None, 12))
show(alpha_as_given=before, alpha_once_built=given.lora_alpha)
assert (before, given.lora_alpha) == (32, 4)

# %% [markdown]
# It is gone, eight times less than was asked for, without a word: with Keras' layer, call `enable_lora` with its
# `lora_alpha` yourself. Whoever compares learning rates by the constructor compares something else.
#
# ## Exercise: `merge`
#
# Once the change is settled it can be added to the kernel, and the layer is an ordinary one again, as fast as before:
#
# $$W' = W + \frac{\alpha}{r}\,A\,B$$
#
# You get `kernel`, `lora_a` (D, r), `lora_b` (r, M) and `alpha`. $r$ is not given: it can be read off $A$. An attention's
# kernel has three axes (D, H, K) with $H \cdot K = M$, the same numbers in the same order; give back the kernel's shape.


# %% tags=["from:utils.layers.low_rank.merge", "exercise"]

# %% [markdown]
# Matrices first, then alpha, then a kernel of three axes:

# %%
merge = check(merge)

# %% [markdown]
# The layer of a moment ago as an ordinary `Dense`, on the same batch. And a kernel as our attention has it, merged, does
# what kernel and change do side by side:

# %%
plain = keras.layers.Dense(20, activation="gelu")
plain.build(batch.shape)
plain.set_weights([merge(ours.kernel, ours.lora_a, ours.lora_b, ours.alpha), ours.bias])
of_heads = rng.normal(size=(12, 4, 5)).astype("float32")  # (D, H, K)
A, B = ours.lora_a.numpy(), ours.lora_b.numpy()
beside = np.einsum("btd,dhk->bthk", batch, of_heads) + 8 / 4 * (batch @ A @ B).reshape(2, 5, 4, 5)
at_once = np.einsum("btd,dhk->bthk", batch, np.asarray(merge(of_heads, A, B, 8)))
gaps = [float(np.abs(np.asarray(p) - q).max()) for p, q in ((plain(batch), ours(batch)), (at_once, beside))]
print("largest differences below 1e-4:", max(gaps) < 1e-4)
assert max(gaps) < 1e-4

# %% [markdown]
# ## Into the encoder
#
# Where do the changes go? Hu et al. put them beside the queries' and values' kernels. We put them beside the two dense
# layers of each feed-forward, where half of the numbers outside the table lie; both are measured below.
# `adapted_encoder` builds the encoder with a `LoRADense` for each, loads the stored kernels into them, and lets nothing
# else learn.

# %%
from utils.pretrained import load_tokenizer
from utils.tasks.adapters import adapted_encoder
from utils.text.buckets import pad_encodings

adapted = adapted_encoder(folder, rank=8)
tokenizer = load_tokenizer(folder)
ids, types, mask = pad_encodings(tokenizer.encode_batch(["Jane visits Africa in September.", "May visits Cork."]))
gap = float(ops.max(ops.abs(adapted(ids, types, mask) - encoder(ids, types, mask))))
learns = sum(int(np.prod(w.shape)) for w in adapted.trainable_weights)
print(f"{learns:,} numbers learn, {learns / total:.2%} of the encoder's. Difference below 1e-5: {gap < 1e-5}")
assert gap < 1e-5 and learns == 6 * 2 * 8 * (384 + 1536) and learns < 0.01 * total
