# %% [markdown]
# # 17 · Fewer weights
#
# *Optional: nothing in the course stands on it.*
#
# **Fine-tune with a hundredth of the weights?**
#
# Lesson 11 taught an encoder to find names, and moved all of its 22.57 million weights to do so. Ten such tasks are ten
# encoders of ninety megabytes. Here the encoder stays as it is, and a small change beside it learns. You build it,
# measure what it saves, teach an encoder to fill blanks, and exchange ten experts while the model runs.
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
# How many weights has the encoder, how much disk do they take at four bytes a number, and where do they lie?

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
assert total == encoder.count_params() and sizes["embedding"] > 0.5 * total

# %% [markdown]
# Ninety megabytes a task. More than half of it is the table of word pieces.
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
# $r$ rows it has rank $r$ at most, and can do $r$ such things at once. What is saved grows with the kernel: beside the
# widest in our encoder, 384 × 1536, a change of rank 8 has one number for thirty-eight.
#
# $$y = x\,W + b + \frac{\alpha}{r}\,(x\,A)\,B \qquad W: (D, M) \quad A: (D, r) \quad B: (r, M)$$

# %%
from utils.plots.fewer_weights import way_beside

kernel_numbers, beside_numbers = way_beside(384, 1536, 8)
assert kernel_numbers / beside_numbers > 38

# %% [markdown]
# Drawn to scale. Note the order: first $x A$, which is only $r$ numbers, then times $B$. $A B$, as large as $W$, is
# never computed while it learns. $\alpha$ (`alpha`) says how much the change weighs; dividing it by $r$ is a
# convention, meant to let one learning rate serve several ranks.
#
# ## How it must begin
#
# At first the change should be nothing, so that what the encoder knows is not disturbed. $A B = 0$ can be had in two
# ways: both zero, or only one. Which? Ask for the gradients at the start: a matrix whose gradient is 0 does not move.

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
# By the chain rule, $A$'s gradient has $B$ as a factor, and $B$'s has $A$. Both by chance: the output is off from the
# start. Both zero: no gradient, now and for ever. **A by chance, B zero** is right: nothing has changed, $B$ can move
# at once, and then $A$ can too. Keep *both zero* in mind; it comes back.
#
# ## Exercise: `LoRADense`
#
# A dense layer that stays, with a change beside it that learns. `build` makes the four weights, and says of kernel and
# bias that they do not learn; `call` is yours. `x` is (…, D), give back (…, M). `self.bias` is None where there is
# none. `self.activation`, which may be the identity, takes the whole sum.

# %%
from utils.layers.contract import arguments_of, check_positive

# %% [markdown]
# Two ways, added; the second weighs `self.alpha / self.rank`:


# %% tags=["from:utils.layers.low_rank.LoRADense", "exercise:call"]
class LoRADense(keras.layers.Layer):
    """A dense layer whose kernel and bias stay, with a change of low rank beside them that learns (section 4.1).

    activation(x W + b + alpha / r (x A) B). A is drawn by chance; B begins at zero, and so does the change.

    Args:
        units: M. rank: r.
        alpha: how much the change weighs; None takes r, so that it weighs 1.
        activation: the bend.
        use_bias: whether there is b.

    Call arguments:
        x: (..., D). Returns (..., M).
    """

    def __init__(self, units, rank, alpha=None, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        check_positive(units=units, rank=rank)
        self.units, self.rank, self.use_bias = units, rank, use_bias
        self.alpha = rank if alpha is None else alpha
        if not self.alpha > 0:
            raise ValueError(f"`alpha` must be above 0. Received: alpha={alpha!r}")
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        D, M, r = input_shape[-1], self.units, self.rank
        stays = {"trainable": False}
        self.kernel = self.add_weight(name="kernel", shape=(D, M), initializer="glorot_uniform", **stays)
        self.bias = self.add_weight(name="bias", shape=(M,), initializer="zeros", **stays) if self.use_bias else None
        draw = keras.initializers.RandomNormal(stddev=D**-0.5)  # x A is then about as large as x
        self.lora_a = self.add_weight(name="lora_a", shape=(D, r), initializer=draw)
        self.lora_b = self.add_weight(name="lora_b", shape=(r, M), initializer="zeros")

    def call(self, x):
        y = ops.matmul(x, self.kernel)  # (..., M)
        y = y if self.bias is None else y + self.bias
        change = ops.matmul(ops.matmul(x, self.lora_a), self.lora_b)  # (..., D) -> (..., r) -> (..., M)
        return self.activation(y + self.alpha / self.rank * change)

    def get_config(self):
        activation = keras.activations.serialize(self.activation)
        return {**super().get_config(), **arguments_of(self), "activation": activation}

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)


# %% [markdown]
# If you are stuck, `hint("LoRADense")` in a cell of its own says a little more each time.

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
# You have a trained model in a file. Do you switch LoRA on and then load the weights, or load first? Neither complains.
# Here a stored layer is taught something new in both orders, and ours beside them.

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
falls = {"load, then LoRA": learnt(late), "LoRA, then load": learnt(early), "ours": learnt(one_layer(low_rank))}
for name, fall in falls.items():
    print(f"{name:16} the loss falls by {fall:.2f}")
a_and_b = [float(ops.max(ops.abs(w))) for w in (early.layers[0].lora_kernel_a, early.layers[0].lora_kernel_b)]
show(largest_of_A_and_B_of_LoRA_then_load=a_and_b)
assert falls["LoRA, then load"] < 0.3 * min(falls["load, then LoRA"], falls["ours"]) and a_and_b == [0, 0]

# %% [markdown]
# There is *both zero* again. The older file knows nothing of $A$ and $B$; on loading, Keras sets **both to zero**, and
# thirty steps later there they still are. (The bias, which Keras lets learn, lowers the loss a little.)
#
# The other trap: `alpha` can be given to the constructor. What becomes of it?

# %%
given = keras.layers.Dense(20, lora_rank=4, lora_alpha=32)
before = given.lora_alpha
given.build((None, 12))
show(alpha_as_given=before, alpha_once_built=given.lora_alpha)
assert (before, given.lora_alpha) == (32, 4)

# %% [markdown]
# Your 32 is replaced by the rank, 4, without a word. With Keras' layer, call `enable_lora` with its `lora_alpha`
# yourself.
#
# ## Exercise: `merge`
#
# Once the change is settled it can be added to the kernel, and the layer is an ordinary one again, as fast as before:
#
# $$W' = W + \frac{\alpha}{r}\,A\,B$$
#
# You get `kernel`, `lora_a` (D, r), `lora_b` (r, M), arrays or Keras variables, and `alpha`. $r$ is not given: it can
# be read off $A$. An attention's kernel has three axes (D, H, K) with $H \cdot K = M$, the same numbers in the same
# order; give back the kernel's shape.


# %% tags=["from:utils.layers.low_rank.merge", "exercise"]
def merge(kernel, lora_a, lora_b, alpha):
    """The kernel with what was learnt beside it added to it: one matrix, and not a product more.

    Args:
        kernel: W, (D, M), or the (D, H, K) of an attention with H·K = M.
        lora_a: A, (D, r).
        lora_b: B, (r, M).
        alpha: how much the change weighs, shared among the r columns.

    Returns:
        W + alpha / r A B, in the shape of the kernel.
    """
    kernel, lora_a, lora_b = (ops.convert_to_tensor(array) for array in (kernel, lora_a, lora_b))
    change = ops.matmul(lora_a, lora_b)  # (D, M)
    return kernel + alpha / lora_a.shape[1] * ops.reshape(change, kernel.shape)


# %% [markdown]
# Check it:

# %%
merge = check(merge)

# %% [markdown]
# The layer of a moment ago as an ordinary `Dense`, and a kernel as our attention has it. Does each do merged what it
# did with the change beside it?

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
# Hu et al. put the changes beside the queries' and values' kernels. We put them beside the two dense layers of each
# feed-forward, where two thirds of the numbers outside the table lie. Both are measured below. `adapted_encoder` builds
# the encoder with a `LoRADense` for each, loads the stored kernels into them, and lets nothing else learn.

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

# %% [markdown]
# Less than a hundredth, and at the start the same hidden states. The layer on top that gives labels is as in lesson 11,
# and learns too.
#
# ## What it is worth, what it costs
#
# Lesson 11's thousand sentences, its 150 steps, its two sets to be asked. The ways: the head alone; LoRA beside queries
# and values; LoRA beside the feed-forwards, of several ranks; all weights. For the head and for LoRA the rate was
# chosen on dev. Every mark is a training.

# %%
from benchmarks.fewer_weights import names_by_way, stored
from utils.plots.fewer_weights import f1_by_numbers

print("stored by:", stored()["command"], "and python -m benchmarks.ner_adapters")
f1 = f1_by_numbers(names_by_way())
assert max(f1["head", 3465]) + 0.15 < min(min(f1[key]) for key in f1 if key[0] != "head")
assert min(f1["feed-forwards", 187785]) > max(f1["queries and values", 77193])
assert abs(np.mean(f1["feed-forwards", 187785]) - np.mean(f1["all", 22568841])) < 0.04
assert max(f1["feed-forwards", 740745]) < min(f1["feed-forwards", 187785]) and min(f1["feed-forwards", 26505]) > 0.65

# %% [markdown]
# The head alone stands far below all others. With rank 1, a tenth of a per cent of the numbers, F1 is two thirds. With
# rank 8, eight tenths of a per cent, the feed-forwards' changes go **as far as all weights**, and farther than the
# queries' and values' (which are fewer numbers). Rank 32 falls behind with every seed; but it and rank 1 had the
# learning rate that dev chose for rank 8, out of two, so this says little of rank itself. All weights had lesson 11's
# rate, unsearched: nothing here says that fewer weights are better.
#
# And with less to learn from? Two hundred sentences, two seeds:

# %%
few = {}
for row in stored()["rows"]:
    if row["task"] == "names" and row["sentences"] == 200:
        for split in ("test", "dev"):
            few.setdefault((split, row["way"]), []).append(row[f"{split}_f1"])
for split in ("test", "dev"):
    lora, every = (np.array(few[split, way]) for way in ("lora", "all"))
    print(
        f"{split:4} feed-forwards {lora.round(2)}   all weights {every.round(2)}   behind by {(every - lora).round(2)}"
    )
    assert 0 < (every - lora).min() and (every - lora).max() < 0.08

# %% [markdown]
# A little behind with both seeds, by 0.01 and 0.03 on the test, by up to 0.07 on dev. (LoRA's rate was chosen with a
# thousand sentences.)
#
# Now what it costs. A training also holds, for each number that learns, a gradient and the two averages of Adam. Each
# line was measured in a process of its own:

# %%
costs = {(row["way"], row["batch"]): row for row in stored()["rows"] if row["task"] == "costs"}
for (way, size), row in costs.items():
    print(
        f"{way:5} batch {size}   {row['cpu_seconds']:.2f} processor seconds a step   memory {row['peak_mb']:3} MB more",
        end="",
    )
    print(f"   optimizer {row['optimizer_bytes'] / 1e6:6.2f} MB   on disk {row['stored_bytes'] / 1e6:5.2f} MB")
for size in (16, 32):
    lora, every = costs["lora", size], costs["all", size]
    assert min(every[key] / lora[key] for key in ("stored_bytes", "optimizer_bytes")) > 100
    assert 0.4 * every["cpu_seconds"] < lora["cpu_seconds"] < every["cpu_seconds"]

# %% [markdown]
# What does that say of larger batches?

# %%
for key, what in (("cpu_seconds", "time"), ("peak_mb", "memory")):
    shares = [costs["lora", size][key] / costs["all", size][key] for size in (16, 32)]
    print(f"{what} of LoRA, divided by that of all weights: {shares[0]:.2f} with 16 sentences, {shares[1]:.2f} with 32")
    assert shares[0] + 0.1 < shares[1] < 0.65
more = {way: costs[way, 32]["cpu_seconds"] - costs[way, 16]["cpu_seconds"] for way in ("lora", "all")}
print(f"sixteen sentences more cost {more['lora']:.2f} s with LoRA and {more['all']:.2f} s with all weights")

# %% [markdown]
# What is kept shrinks by more than a hundred, and so does what the optimizer holds. **Time does not**, and with 32
# sentences less of it is saved than with 16. The input still goes through every layer, and to reach the lowest $A$ the
# gradient comes back through all that lie above it: sixteen sentences more cost four fifths of what they cost with all
# weights. Memory beside the weights is a third with 16 sentences and a half with 32.
#
# ## Learning from words that are hidden
#
# Names had labels. BERT, and the teacher from which our encoder learnt, learnt from texts alone: hide a word, ask which
# it was. This is **masked-language modelling** (Devlin et al. 2018), and the text is its own answer.
#
# Three things happen to the 15 % of pieces that are chosen. Most become `[MASK]`. But when the encoder is used there is
# no `[MASK]`, so one in ten becomes another word, drawn by chance, and one in ten stays: since any word may be the one
# asked for, a vector is needed for every word, hidden or not.
#
# ## Exercise: `mask_tokens`
#
# You get `token_ids` (B, T), `maskable` (B, T), which is False at [CLS], [SEP] and padding, and the numbers. Each piece
# that may be is chosen with probability `rate`. Of the chosen, 80 % become `mask_id`, 10 % an id between 0 and
# `vocabulary_size` - 1, and 10 % stay. Give back two arrays: the inputs, and the labels, the right id of each chosen
# piece and -100 elsewhere, as in lesson 11. Take all chance from `rng`, and leave `token_ids` as it is.

# %%
from utils.tasks.labels import IGNORED

show(the_number_that_a_loss_passes_over=IGNORED)
assert IGNORED == -100

# %% [markdown]
# In NumPy, for whole arrays at once:


# %% tags=["from:utils.tasks.masked_words.mask_tokens", "exercise"]
def mask_tokens(token_ids, maskable, mask_id, vocabulary_size, rng, rate=0.15):
    """Chooses pieces that are to be guessed, and hides most of them (Devlin et al. 2018, section 3.1).

    Args:
        token_ids: (B, T) whole numbers.
        maskable: (B, T) bool, False where none may be chosen: [CLS], [SEP] and padding.
        mask_id: the id of [MASK].
        vocabulary_size: V; ids go from 0 to V - 1.
        rng: a NumPy generator, from which all chance comes.
        rate: the probability with which a piece is chosen.

    Returns:
        The inputs (B, T) int32: of the chosen, 80 % are [MASK], 10 % a random id, 10 % as they were; all others are
        as they were. And the labels (B, T) int32: the right id of each chosen piece, -100 elsewhere.
    """
    token_ids = np.asarray(token_ids, "int32")
    chosen = maskable & (rng.random(token_ids.shape) < rate)
    fate = rng.random(token_ids.shape)  # below 0.8: hidden; then up to 0.9: another; the rest stays
    other = rng.integers(0, vocabulary_size, token_ids.shape)
    inputs = np.where(chosen & (fate < 0.9), other, token_ids)
    inputs = np.where(chosen & (fate < 0.8), mask_id, inputs)
    return inputs.astype("int32"), np.where(chosen, token_ids, IGNORED).astype("int32")


# %% [markdown]
# Check it:

# %%
mask_tokens = check(mask_tokens)

# %% [markdown]
# One sentence, hidden five times. Where a piece is asked for, the right one stands behind it in angle brackets. The
# network does not see these.

# %%
from utils.pretrained.tokenizer import marks_of

code = tokenizer.encode("Jane visits Africa in September and her brother stays at home.")
row = np.array([code.ids])
may = ~np.isin(row, marks_of(tokenizer))
MASK_ID, V = tokenizer.token_to_id("[MASK]"), tokenizer.get_vocab_size()
for seed in range(5):
    hidden, asked = mask_tokens(row, may, MASK_ID, V, np.random.default_rng(seed), rate=0.3)
    print(*(f"{tokenizer.id_to_token(int(i))}" + ("" if a < 0 else f"<{tokenizer.id_to_token(int(a))}>")
            for i, a in zip(hidden[0], asked[0], strict=True)))  # fmt: skip
assert (asked == row)[asked != -100].all() and not (asked[~may] != -100).any()

# %% [markdown]
# ## A hundred steps
#
# Our encoder learnt from a teacher's attention, and then to compare whole sentences. It has no head for blanks.
# `MaskedWords` puts BERT's on top: a dense layer, a norm, and the table of word pieces once more, transposed, so that
# every piece of the vocabulary gets a score. The head's bias begins with how often each piece stands in the texts.
# `___` is the blank. To have more of them, 30 % of the pieces are chosen here:

# %%
from benchmarks.fewer_weights import blank_texts
from utils.tasks.masked_words import Blanks, MaskedWords, fill, filled, know_frequencies, learn

learn_from, ask = blank_texts("months")
print(len(learn_from), "sentences to learn from, such as:", *learn_from[:2], sep="\n  ")
reader = MaskedWords(adapted_encoder(folder, rank=8))
blanks, asked = Blanks(tokenizer, learn_from, batch_size=32, seed=17, rate=0.3), Blanks(tokenizer, ask, 64, seed=99)
know_frequencies(reader, blanks)
gaps = ["Jane visits ___ in September", "Jane does ___ leave for Rome in July", "The train left the station on ___"]
assert not set(learn_from) & set(ask)

# %% [markdown]
# They are the translator's English sentences that say in which month. The head and the changes beside the feed-forwards
# learn. Each step hides other pieces.

# %% tags=["nbval-ignore-output"]
first = [fill(reader, tokenizer, gap, 3) for gap in gaps]
before_steps = filled(reader, asked)
losses = learn(reader, blanks, steps=100, learning_rate=0.004)
after_steps = filled(reader, asked)
print("loss, ten steps each:", *(f"{np.mean(losses[n : n + 10]):.1f}" for n in range(0, 100, 10)))
for gap, old in zip(gaps, first, strict=True):
    for when, found in (("before", old), ("after", fill(reader, tokenizer, gap, 3))):
        print(f"{gap:32} {when:7}", *(f"{piece} {share:.2f}" for piece, share in found), sep="  ")

# %% [markdown]
# After a hundred steps it would put a place between *visits* and *in September*: the right **kind** of word. Which
# place cannot be known. And the train leaves on *September*: every one of its three hundred sentences ends with a
# month. It has learnt that world, and no other.
#
# How many blanks does it fill rightly in sentences that it has not read? Beside it two answers without a network:
# always the commonest piece, and whatever stood most often between the same two neighbours in the three hundred
# sentences (where nothing is hidden, what stands there already). A mark is a training, yours among them:

# %% tags=["nbval-ignore-output"]
from benchmarks.fewer_weights import between_neighbours
from utils.plots.fewer_weights import blanks_filled

counted = between_neighbours(tokenizer, learn_from, asked).mean()
months = [row for row in stored()["rows"] if row["task"] == "blanks" and row["text"] == "months"]
shares = {
    "the commonest piece": [months[0]["commonest"]],
    "counted neighbours": [counted],
    "before": [row["before"] for row in months] + [float(before_steps.mean())],
    "after 100 steps": [row["after"] for row in months] + [float(after_steps.mean())],
}
blanks_filled({"sentences with a month": shares})
assert min(shares["after 100 steps"]) > max(shares["before"] + shares["the commonest piece"]) + 0.12

# %% [markdown]
# From about one blank of nine to more than two of five: twice what the commonest piece fills, and about what counting
# fills. The same hundred steps on the passages of lesson 12's little SQuAD, which are about everything, one training:

# %%
(other,) = (row for row in stored()["rows"] if row["task"] == "blanks" and row["text"] == "passages")
passages, others = blank_texts("passages")
elsewhere = between_neighbours(tokenizer, passages, Blanks(tokenizer, others, 64, seed=99)).mean()
show(before=other["before"], after=other["after"], commonest=other["commonest"], counted=elsewhere, digits=2)
assert other["after"] > 2 * other["commonest"] > 2 * other["before"] and other["after"] < min(shares["after 100 steps"])
assert abs(other["after"] - elsewhere) < 0.05 and abs(np.mean(shares["after 100 steps"]) - counted) < 0.08

# %% [markdown]
# There too it comes about as far as counting. BERT was trained for a million steps.
#
# ## Ten experts in one file
#
# What learns is small, so let there be many. Ten fields of words: names, people, family, buildings, places, months,
# days, numbers, food, colours. Each expert learns to find the words of one field, from 160 of the course's sentences,
# half of which hold none. About a third of each field's words is **kept back**: no sentence to learn from holds one. It
# is asked about those afterwards.

# %%
from benchmarks.experts import LABELS, fields, kept_back, sentences

words = fields()
for name in ("places", "food", "numbers"):
    back = kept_back(words[name])
    print(f"{name:8} {len(words[name])} words, kept back:", *sorted(back))
    assert 0.15 < len(back) / len(words[name]) < 0.5

# %% [markdown]
# One encoder, changes of rank 2, one head. For each field the weights that learn go back to where they began, 24 steps
# are made, and a copy is kept. The step is compiled once.

# %%
from utils.tasks import token_classification as task
from utils.tasks.adapters import expert_of, load_experts, put_on, save_experts
from utils.tasks.fine_tuning import EncoderWithHead, TaskBatches, compiled, make_optimizer

model = EncoderWithHead(adapted_encoder(folder, rank=2), num_outputs=len(LABELS))
model.build((None, None))
optimizer = make_optimizer(learning_rate=0.01, steps=24)
optimizer.build(model.trainable_variables)
start = expert_of(model)


def batches_of(examples):
    windows = task.windows_of(tokenizer, examples, max_length=128, stride=32)
    return TaskBatches(windows, (task.targets_of(windows, examples, LABELS),), batch_size=16)


# %% [markdown]
# `expert_of` copies the weights that learn, by their paths; `put_on` gives them back to the model.

# %% tags=["nbval-ignore-output"]
experts, asked_about, step = {}, {}, None
for name in words:
    learn_from, asked_about[name] = sentences(name)
    batches = batches_of(learn_from)
    put_on(model, start)
    for variable in optimizer.variables:
        variable.assign(ops.zeros_like(variable))
    step = step or compiled(model, optimizer, task.label_loss, batches.batch(0))
    losses = [float(step(*batches.batch(n))) for n in range(24)]
    experts[name] = expert_of(model)
    print(f"{name:10} loss from {losses[0]:.2f} to {losses[-1]:.2f}")

# %% [markdown]
# All ten go into one file, which is read again:

# %%
path = Path(tempfile.mkdtemp()) / "experts.safetensors"
size = save_experts(path, experts)
experts = load_experts(path)
print(f"{len(experts)} experts in one file: {size / 1e6:.1f} MB. Ten encoders: {10 * 4 * total / 1e6:.0f} MB")
assert len(experts) == 10 and 10 * 4 * total > 400 * size

# %% [markdown]
# Each expert is put on and asked about every field's kept-back words. What share of them does it find?

# %% tags=["nbval-ignore-output"]
from utils.plots.fewer_weights import experts_table
from utils.tasks.folders import read_json

reader = task.TokenClassifier(model, tokenizer, LABELS, read_json(folder / "config.json"))
shares, alarms = np.zeros((10, 10)), np.zeros((10, 10))
said_in = {of: [e.text[a:b].lower() for e in asked_about[of] for a, b in e.words] for of in words}
for i, name in enumerate(words):
    put_on(model, experts[name])
    for j, of in enumerate(words):
        gold = np.concatenate([e.labels() for e in asked_about[of]]) != "O"
        said = np.concatenate(reader.predict_labels(asked_about[of])) != "O"
        shares[i, j] = said[gold].mean()
        alarms[i, j] = said[~np.isin(said_in[of], words[name])].mean()  # words of its field are none
own, others = experts_table(shares, list(words))
print(f"words that are not of its field, and an expert marks: {alarms.mean():.1%}")

# %% [markdown]
# Nobody told them these words. Does the rest of the sentence tell? A table that knows each word it has met, and of
# others the two neighbours, is taught and asked the same:

# %%
from benchmarks.experts import by_neighbours

table = {}
for name in words:
    gold = np.concatenate([e.labels() for e in asked_about[name]]) != "O"
    said = np.concatenate(by_neighbours(sentences(name)[0], asked_about[name]))
    table[name] = said[gold].mean()
print("the table finds:", *(f"{name} {share:.2f}" for name, share in table.items()))
found = np.mean(list(table.values()))
show(on_the_whole=found, digits=2)
ahead = {name: shares[i, i] - table[name] for i, name in enumerate(words)}
print("the experts of names and of colours find far more:", bool(min(ahead["names"], ahead["colours"]) > 0.2))

# %% [markdown]
# The sentence tells a good part: of months, days and buildings the table finds all or nearly all. With names and
# colours the expert is far ahead, perhaps because pre-training put such words beside those that it has met. With
# buildings it is behind.

# %%
assert min(ahead["names"], ahead["colours"]) > 0.2 and ahead["buildings"] < 0
print("own field: more than", "0.6" if own > 0.6 else "less", "  other fields: below 0.1:", bool(others < 0.1))
assert own > 0.6 and others < 0.1 and np.median(np.diag(shares)) > 0.7 and alarms.mean() < 0.1

# %% [markdown]
# Now your sentence, read ten times by one model. Look for what is missed, and for what is marked wrongly.

# %% tags=["nbval-ignore-output"]
import time

mine = "My aunt Petra bought two purple pears in a bakery in Helsinki last Friday, and her nephew sells cider in March."
began = time.perf_counter()
for name, expert in experts.items():
    put_on(model, expert)
    print(f"{name:10}", *(f"{e['text']} ({e['score']:.2f})" for e in reader.predict(mine)), sep="  ")
print(f"ten experts put on, ten readings: {time.perf_counter() - began:.2f} s")

# %% [markdown]
# ## What to remember
#
# - **LoRA** leaves a kernel as it is and learns a change of low rank beside it. $A$ begins by chance and $B$ at zero.
# - Where both are zero, nothing ever learns. With Keras' `enable_lora`, **load the weights first**.
# - **Merged**, the change costs nothing: the layer is an ordinary one again, with the same outputs.
# - With less than a hundredth of the weights, F1 here comes about as far as with all of them, from two hundred
#   sentences a little less; the head alone stays far below.
# - It saves what is kept and what the optimizer holds, by a hundred; **time it about halved** with 16 sentences, and
#   saved less with 32.
# - Masked words make any text its own lesson. In a small world a hundred steps find as much as counting neighbours
#   finds.
# - Small changes can be many: **ten experts** in one file, exchanged while the model runs.
#
# ## Three questions for yourself
#
# <details><summary>1. A change of rank 8 beside a kernel of 384 × 1536. How many numbers learn, and how many would of
# rank 1,000?</summary>
#
# 8 × (384 + 1536) = 15,360 of 589,824. Of rank 1,000 it would be 1,920,000: more than the kernel has, and no matrix of
# that shape has a rank above 384.
# </details>
#
# <details><summary>2. Somebody starts A at zero and B by chance. Does it learn?</summary>
#
# Yes: A B is zero as well, A's gradient has B as a factor and can move at once. Only both at zero is dead. (The usual
# way round bears a larger rate: Hayou et al. 2024.)
# </details>
#
# <details><summary>3. With LoRA a training still runs out of memory. What did LoRA not make smaller?</summary>
#
# The activations: what each layer gave on the way up must be kept for the way down, for the lowest A needs it.
# Smaller batches or shorter texts help there.
# </details>
#
# ## Where to read on
#
# Hu et al. (2021) is LoRA. Houlsby et al. (2019) had put small layers between the large ones. Aghajanyan et al. (2020)
# ask how few numbers a task needs. Dettmers et al. (2023) store what stays in four bits. Devlin et al. (2018), section
# 3.1, hide words; Gururangan et al. (2020) go on hiding them in the texts of a field. `utils/layers/low_rank.py`,
# `utils/tasks/adapters.py` and `utils/tasks/masked_words.py` hold this lesson's code.
#
# **Back to the start:** [00 · Start here](00_start_here.ipynb)
