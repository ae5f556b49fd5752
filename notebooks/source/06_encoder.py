# %% [markdown]
# # 06 · The encoder
#
# **Why can it be deep?**
#
# One attention mixes words once. A deep stack mixes them many times, and dies if it is bare. Three plain parts keep
# it alive: a small network for each word, a way around it, and a norm. You build them, stack them, and train the
# result on something that no bag of words can do.
#
# | | |
# |---|---|
# | **You build** | `FeedForward`, `layer_norm`, `EncoderLayer`, `Encoder` |
# | **Minutes** | 80 |
# | **You need** | 02 to 05. No network, no graphics card |

# %%
import sys

sys.path[:0] = ["..", "../.."]  # where the course's library, utils, lies

from utils.notebook import setup, show

setup(seed=6)

# %% [markdown]
# ## What mixing cannot do
#
# *not bad*. Suppose that attention has done its work and brought two facts together in the word *bad*: it is negated
# (n = 1), and it is bad (b = 1). Is it a complaint? *good* (0, 0) is none, *not good* (1, 0) is one,
# *bad* (0, 1) is one, *not bad* (1, 1) is none. Attention adds up vectors with weights. What is the best that a
# weighted sum of n, b and a constant can say?

# %%
import numpy as np

facts = np.array([[0, 0], [1, 0], [0, 1], [1, 1]])  # n, b
complaint = np.array([0, 1, 1, 0])
inputs = np.column_stack([facts, np.ones(4)])
best, *_ = np.linalg.lstsq(inputs, complaint, rcond=None)
show(best_answer=inputs @ best)
assert np.allclose(inputs @ best, 0.5)

# %% [markdown]
# One half, four times. Something must **bend**: a function that is no straight line, in papers a *nonlinearity*, in
# code an *activation*. The simplest is $\mathrm{relu}(z) = \max(z, 0)$. Two of them are enough, with weights **set by
# hand**:
#
# $$h_0 = \mathrm{relu}(n + b) \qquad h_1 = \mathrm{relu}(n + b - 1) \qquad \mathrm{complaint} = h_0 - 2\,h_1$$

# %%
w_1, b_1 = np.array([[1, 1], [1, 1]]), np.array([0, -1])
w_2, b_2 = np.array([[1], [-2]]), np.array([0])
hidden = np.maximum(facts @ w_1 + b_1, 0)  # (4, 2)
answer = hidden @ w_2 + b_2  # (4, 1)
show(hidden=hidden, answer=answer[:, 0])
assert np.array_equal(answer[:, 0], complaint)

# %% [markdown]
# Both lines only rise; their difference rises and falls again.

# %%
from utils.plots.encoder import bend

assert np.array_equal(bend(), [0, 1, 0])

# %% [markdown]
# That is the **feed-forward network** of a Transformer: widen, bend, narrow. From a word's D numbers to F
# (the paper has D = 512, F = 2048), relu, and back to D:
#
# $$\mathrm{FFN}(x) = \mathrm{relu}(x\,W_1 + b_1)\;W_2 + b_2$$
#
# The same weights serve every word, and no word looks at another. Attention lets words talk, the feed-forward lets each
# of them think.
#
# ## Dropout, and what `training` means
#
# **Dropout** sets numbers to 0 by chance, so that the network cannot lean on any single one. What stays is scaled up
# by 1/(1 − rate), so that the expected sum remains. It belongs to training alone: `training=True` switches it on,
# `None` or `False` off. `fit` says True, `predict` says False, and a layer passes on what it was told.

# %%
import keras

dropout = keras.layers.Dropout(0.25, seed=7)
ones = np.ones(8, "float32")
show(in_training=dropout(ones, training=True), in_use=dropout(ones, training=False))
assert np.array_equal(dropout(ones), ones)

# %% [markdown]
# ## Exercise: `FeedForward`
#
# The class is given, its `call` is yours. `self.widen` is a `Dense` layer from D to F that bends by itself,
# `self.narrow` one from F to D, `self.dropout_layer` comes last and wants `training` by name. `x` is (B, T, D), and so
# is what you give back.
#
# What every layer needs stands in a frame, `FeedForwardFrame`: it builds the parts, and its `keep` makes each
# argument an attribute, for saving.

# %%
from keras import ops

from utils.layers.frames import EncoderFrame, EncoderLayerFrame, FeedForwardFrame

# %% [markdown]
# Widen, narrow, drop:


# %% tags=["from:utils.layers.encoder.FeedForward", "exercise:call"]
class FeedForward(FeedForwardFrame):
    """The same small network at every position: widen, bend, narrow (section 3.3).

    Args:
        embedding_dim: D, of input and output.
        fully_connected_dim: F, in between.
        activation: the bend.
        dropout_rate: on the output, before the residual adds it.

    Call arguments:
        x: (B, T, D). Returns (B, T, D).
    """

    def __init__(self, embedding_dim, fully_connected_dim, activation="relu", dropout_rate=0.0, **kwargs):
        super().__init__(**kwargs)
        self.keep(locals())
        self.widen = keras.layers.Dense(fully_connected_dim, activation=activation)
        self.narrow = keras.layers.Dense(embedding_dim)
        self.dropout_layer = keras.layers.Dropout(dropout_rate)

    def call(self, x, training=None):
        x = self.widen(x)  # (B, T, F)
        x = self.narrow(x)  # (B, T, D)
        return self.dropout_layer(x, training=training)


# %% [markdown]
# Numbers first, then an activation that is no relu, then dropout in training and outside; and it is compiled, for a
# batch of any size. If you are stuck, `hint("FeedForward")`, once the check has run, says a little, a second time more,
# a third time nearly all.

# %%
from utils.checks import check, hint

FeedForward = check(FeedForward)

# %% [markdown]
# With the weights set by hand it finds the complaint. Shuffle the words, and the answers are shuffled with them:

# %%
feed_forward = FeedForward(embedding_dim=2, fully_connected_dim=2)
feed_forward.build((None, None, 2))
twice = np.column_stack([w_2, w_2])  # it must give back D = 2 numbers: the answer, two times
feed_forward.set_weights([w_1, b_1, twice, np.zeros(2)])
words = facts[None].astype("float32")  # (1, 4, 2): one sentence of four words
order = [2, 0, 3, 1]
show(complaint=feed_forward(words)[0, :, 0], shuffled=feed_forward(words[:, order])[0, :, 0], digits=0)
assert np.array_equal(feed_forward(words)[0, :, 0], complaint)
assert np.array_equal(feed_forward(words[:, order]), np.asarray(feed_forward(words))[:, order])

# %% [markdown]
# ## A way around
#
# Now stack: attention, feed-forward, attention, feed-forward … A weight at the bottom learns from the **gradient**,
# which comes down through every layer and is multiplied by each one's slope. On one number, with slope ½, 24 times:

# %%
print(f"24 times f(x) = x/2:      gradient {0.5**24:.0e}")
print(f"24 times x + f(x):        gradient {1.5**24:.0e}")

# %% [markdown]
# So leave a way around: pass on what came in, **plus** what the layer has to add.
#
# $$y = x + f(x) \qquad \frac{dy}{dx} = 1 + f'(x)$$
#
# This is a **residual** connection (He et al. 2016). The second line is a warning, though: it can grow. Put to the
# test, with 24 layers of random weights: attention and feed-forward as halves, 48 in all, width 32.

# %%
import tensorflow as tf

from utils.layers import MultiHeadAttention


def random_halves(layers, width):
    return [half for _ in range(layers) for half in (MultiHeadAttention(2, width // 2), FeedForward(width, 2 * width))]


def run(half, x):
    return half(x, x) if isinstance(half, MultiHeadAttention) else half(x)


# %% [markdown]
# `climb` sends 4 sentences of 6 words up and a random gradient down. `step` says how a half is built in. At each half
# it takes down the gradient, the size of the numbers, and how much a sentence's words differ from one another (1:
# nothing in common, 0: all the same). And for each attention the gradient at its `W_Q`, of which more below.


# %%
def climb(step, seed, layers=24, width=32):
    keras.utils.set_random_seed(seed)
    halves, states = random_halves(layers, width), [tf.random.normal((4, 6, width))]
    with tf.GradientTape() as tape:
        tape.watch(states[0])
        for half in halves:
            states.append(step(half, states[-1]))
        pull = tf.reduce_sum(states[-1] * tf.random.normal((4, 6, width)))
    w_q = [attention.query_weights[0].value for attention in halves[::2]]
    gradient = [float(tf.norm(g)) for g in tape.gradient(pull, states + w_q)]
    size = [float(tf.sqrt(tf.reduce_mean(x**2))) for x in states]
    own = [x - tf.reduce_mean(x, axis=1, keepdims=True) for x in states]  # what a word has for itself
    differ = [float(tf.norm(o) / tf.norm(x)) for o, x in zip(own, states, strict=True)]
    return {"gradient": gradient[: len(states)], "w_q": gradient[len(states) :], "size": size, "differ": differ}


def measure(step):
    runs = [climb(step, seed) for seed in range(3)]
    return {name: np.array([r[name] for r in runs]) for name in runs[0]}  # each (3, 49), w_q (3, 24)


# %% [markdown]
# Bare halves against halves with a way around, three draws of weights each: a line is their (geometric) mean, the
# band reaches from the smallest to the largest. Read the left panel from right to left: the gradient comes from the
# top.

# %%
from utils.plots.encoder import by_depth


def panel(name, runs):
    return {label: measured[name] for label, measured in runs.items()}


runs = {"f(x)": measure(lambda half, x: run(half, x)), "x + f(x)": measure(lambda half, x: x + run(half, x))}
panels = {"gradient": panel("gradient", runs), "numbers": panel("size", runs)}
ends = by_depth(panels, "Bare layers die out, residuals blow up", ("gradient's norm", "size"))
assert ends["gradient", "f(x)"][0] < 1e-3 * ends["gradient", "f(x)"][1]
assert ends["gradient", "x + f(x)"][0] > 1e3 * ends["gradient", "x + f(x)"][1]

# %% [markdown]
# Bare, the first layer hears a hundred-thousandth of what the last one hears, and the numbers themselves fade away.
# With residuals the way is too open: numbers and gradients double and double again. Someone must keep the size.
#
# ## Layer norm
#
# The size is kept for **each word by itself**. Take its D numbers, subtract their mean, divide by their spread. By
# hand, for a word (1, 2, 3, 6):

# %%
x = np.array([1.0, 2.0, 3.0, 6.0])
mean = x.mean()
left = x - mean
variance = (left**2).mean()
show(mean=mean, left=left, variance=variance, normalised=left / np.sqrt(variance))
assert mean == 3 and variance == 3.5

# %% [markdown]
# Mean 0 and spread 1. Should a layer need another size, it may learn one: **gamma** scales and **beta** shifts each
# of the D features. At the start they are 1 and 0. A small **epsilon** inside the root keeps a word of equal numbers
# from a division by 0. The means run over the D features of one word (Ba, Kiros and Hinton 2016):
#
# $$\mathrm{mean} = \frac1D\sum_d x_d \qquad \mathrm{variance} = \frac1D\sum_d (x_d - \mathrm{mean})^2 \qquad
# y_d = \mathrm{gamma}_d\,\frac{x_d - \mathrm{mean}}{\sqrt{\mathrm{variance} + \mathrm{epsilon}}} + \mathrm{beta}_d$$
#
# ## Exercise: `layer_norm`
#
# From x (…, D), gamma and beta (D,), give back a tensor of the shape of x. Any number of axes may stand before the
# last; use `axis=-1` and `keepdims=True`, and all of them are served. Write it with `ops`, not with `np`: soon tensors
# come in, and gradients must find their way back.


# %% tags=["from:utils.layers.encoder.layer_norm", "exercise"]
def layer_norm(x, gamma, beta, epsilon: float = 1e-6):
    """Normalises every token over its own features (Ba et al. 2016): no other token, no other sentence.

    Args:
        x: (..., D).
        gamma: scale (D,).
        beta: shift (D,).
        epsilon: added to the variance, inside the root.

    Returns:
        (..., D).
    """
    x, gamma, beta = (ops.convert_to_tensor(array) for array in (x, gamma, beta))
    mean = ops.mean(x, axis=-1, keepdims=True)
    variance = ops.mean(ops.square(x - mean), axis=-1, keepdims=True)
    return gamma * (x - mean) / ops.sqrt(variance + epsilon) + beta


# %% [markdown]
# Words, sentences, batches; then gamma and beta; then epsilon; then a gradient.

# %%
layer_norm = check(layer_norm)

# %% [markdown]
# Keras has this layer. Same gamma and beta, same numbers?

# %%
rng = np.random.default_rng(6)
x = rng.normal(3, 5, size=(2, 5, 8)).astype("float32")
gamma, beta = rng.normal(size=(2, 8)).astype("float32")
keras_norm = keras.layers.LayerNormalization(epsilon=1e-6)
keras_norm.build(x.shape)
keras_norm.set_weights([gamma, beta])
gap = np.abs(keras_norm(x) - layer_norm(x, gamma, beta)).max()
print("largest difference below 1e-5:", gap < 1e-5)
assert gap < 1e-5

# %% [markdown]
# Scaling and shifting are straight. Dividing by a spread is not: **the norm bends too**. Let a dense layer give four
# numbers for a word: n + b − 1, its opposite, 1, and its opposite. What does the norm make of the third?

# %%
u = facts.sum(axis=1, keepdims=True) - 1.0  # (4, 1): -1, 0, 0, 1
dense = np.concatenate([u, -u, np.ones((4, 1)), -np.ones((4, 1))], axis=1)  # (4, 4)
third = np.asarray(layer_norm(dense, np.ones(4), np.zeros(4)))[:, 2]
answer = (third - 1) / (np.sqrt(2) - 1)  # dense again
show(third=third, answer=answer)
assert np.allclose(answer, complaint, atol=1e-5)

# %% [markdown]
# One norm between two dense layers solves the complaint table exactly. So not only the feed-forward bends; what it is
# for is measured below.
#
# Now the stack again, with a norm. There are two places for it: on the sum, as in the paper, or on what a half reads.
# A norm **alone** stands beside them: perhaps the residual was never needed?


# %%
def norm(x):
    return layer_norm(x, np.ones(x.shape[-1], "float32"), np.zeros(x.shape[-1], "float32"))


steps = {
    "norm(f(x))": lambda half, x: norm(run(half, x)),
    "norm(x + f(x))": lambda half, x: norm(x + run(half, x)),
    "x + f(norm(x))": lambda half, x: x + run(half, norm(x)),
}
bare, runs = runs, {name: measure(step) for name, step in steps.items()}
panels = {"gradient": panel("gradient", runs), "words": panel("differ", runs), "W_Q's gradient": panel("w_q", runs)}
ylabels = ("gradient's norm", "how words differ", "gradient's norm")
ends = by_depth(panels, "A norm keeps the gradient, a residual the words: W_Q needs both", ylabels)

# %% [markdown]
# Left: a norm alone keeps the gradient of the numbers alive, residual or not. The panel in the middle shows what a
# residual is for. Attention averages, and average upon average makes all words of a sentence the same (Dong,
# Cordonnier and Loukas 2021): with the norm alone, after four layers nothing but rounding errors tells them apart. A
# residual hands each word on as it was. With the norm on the sum it is scaled down at every half, and fades slowly;
# with the norm inside, x goes up untouched.
#
# The right panel shows what that costs. $W_Q$ decides who looks at whom. Where all words are the same it makes no
# difference who looks at whom, so that no gradient reaches $W_Q$: the attention **cannot learn** (Noci et al. 2022).
# The gradient in the left panel took the way through $W_V$. A residual alone, x + f(x), does not help either: as the
# numbers grow, one key wins all of the softmax (lesson 03), and $W_Q$'s gradient in the top layer is 0.

# %%
for name in runs:
    at_input, at_top = ends["gradient", name]
    assert 0.05 < at_input / at_top < 50
show(words_on_the_sum=ends["words", "norm(x + f(x))"][1], words_inside=ends["words", "x + f(norm(x))"][1])
assert runs["norm(f(x))"]["differ"][:, 8].max() < 1e-5  # 8 halves: four layers
assert ends["words", "norm(x + f(x))"][1] < 0.01 < 0.1 < ends["words", "x + f(norm(x))"][1]
alone, post, pre = (runs[name]["w_q"] for name in runs)  # each (3, 24)
assert alone[:, 4:].max() < 1e-3 < 1 < pre.min() and post[:, -1].max() < 0.1 < post[:, 0].min()
assert bare["x + f(x)"]["w_q"][:, -1].max() < 1e-9

# %% [markdown]
# Does one key win there? A stack with residuals alone, and the weights of its top attention: of every head and word the
# largest, and of these the smallest.

# %%
keras.utils.set_random_seed(0)
*below, top, _ = random_halves(layers=24, width=32)
climbing = tf.random.normal((4, 6, 32))
for half in below:
    climbing = climbing + run(half, climbing)
winners = np.asarray(top(climbing, climbing, return_attention_scores=True)[1]).max(axis=-1)  # (4, 2, 6)
show(smallest_of_the_largest_weights=winners.min())
assert winners.min() > 0.999

# %% [markdown]
# And with other widths and numbers of layers? $W_Q$'s gradient in the top layer, as a share of the bottom layer's:

# %%
for width, layers in ((64, 12), (32, 48)):
    w_q = {name: climb(step, 0, layers, width)["w_q"] for name, step in steps.items()}
    shares = {name: w[-1] / w[0] for name, w in w_q.items()}
    print(f"width {width}, {layers} layers: " + "   ".join(f"{name} {share:.0e}" for name, share in shares.items()))
    assert shares["norm(f(x))"] < 1e-3 and shares["norm(x + f(x))"] < shares["x + f(norm(x))"] / 3

# %% [markdown]
# These are untrained weights, where every training begins. With the norm on the sum, 48 layers of width 32 leave
# $W_Q$ less than the figure's 24.
#
# ## Not batch norm
#
# *Batch* normalisation is another layer, older and famous from pictures. It takes one mean for each **feature**, over
# all words of all sentences:

# %%
from utils.plots.encoder import shared_means

assert shared_means(sentences=2, words=5, features=4) == (10, 4)

# %% [markdown]
# So in training a word's numbers depend on whoever shares its batch. Three tests, with both norms: change the *other*
# sentence; change the *last word*, which a decoder must not see; add padding. How much moves at the words that were not
# touched?

# %%
x = rng.normal(size=(2, 5, 4)).astype("float32")
other, later = x.copy(), x.copy()
other[1] += rng.normal(size=(5, 4))
later[:, 4] += 3
padded = np.pad(x, [(0, 0), (0, 4), (0, 0)])

# %% [markdown]
# Both layers as they are in training:


# %%
def moved(kind):
    def normed(x):
        return np.asarray(kind()(x, training=True))

    before = normed(x)
    changes = [(normed(other) - before)[0], (normed(later) - before)[:, :4], normed(padded)[:, :5] - before]
    return [np.abs(change).max() for change in changes]


table = {kind.__name__: moved(kind) for kind in (keras.layers.BatchNormalization, keras.layers.LayerNormalization)}
print(f"{'':20}  other sentence   later word   padding")
for name, changes in table.items():
    print(f"{name:20}  {changes[0]:14.3f} {changes[1]:12.3f} {changes[2]:9.3f}")
assert min(table["BatchNormalization"]) > 0.05 and max(table["LayerNormalization"]) < 1e-6

# %% [markdown]
# Batch norm fails all three, and the second means that under it no mask of lesson 04 is safe in training: the future
# leaks through the mean. And in a batch of one sentence of one word each number is its own mean, and nothing is left:

# %%
single = x[:1, :1]
show(word=single[0, 0], batch_norm=keras.layers.BatchNormalization()(single, training=True)[0, 0])
assert np.allclose(keras.layers.BatchNormalization()(single, training=True), 0, atol=1e-6)

# %% [markdown]
# In *use* it takes averages that it collected in training, and who else is there no longer counts. Padding, for one,
# moves nothing:

# %%
norm_in_use = keras.layers.BatchNormalization()
norm_in_use(x, training=True)  # collects
change = np.abs(norm_in_use(padded)[:, :5] - norm_in_use(x)).max()
apart = np.abs(norm_in_use(x) - norm_in_use(x, training=True)).max()
print(f"padding moves it by {change:.0f}, but use and training differ by {apart:.1f}")
assert change == 0 and apart > 0.1

# %% [markdown]
# But then it computes something else than what was trained. What that does to a real model is measured below.
#
# ## The encoder layer
#
# An **encoder layer** is two halves of one pattern: something that computes, a way around, a norm. Its norm stands at
# one of the two places tried above: on the sum, *post*, or on what a half reads, *pre*, as in many later models. Red
# is the way around.

# %%
from utils.plots.encoder import encoder_layers

assert encoder_layers() == 2  # norms that stand on the red way through a post layer; none in a pre layer

# %% [markdown]
# In symbols, with MHA for the many-headed self-attention of lesson 05, and a gamma and a beta for each norm:
#
# $$\text{post:}\quad y = \mathrm{norm}_1(x + \mathrm{MHA}(x)) \qquad z = \mathrm{norm}_2(y + \mathrm{FFN}(y))$$
#
# $$\text{pre:}\quad y = x + \mathrm{MHA}(\mathrm{norm}_1(x)) \qquad z = y + \mathrm{FFN}(\mathrm{norm}_2(y))$$
#
# ## Exercise: `EncoderLayer`
#
# `call` is yours. x is (B, T, D), and so is the output.
#
# 1. First half: `self.self_attention(x, x, attention_mask=…, return_attention_scores=True, training=…)` gives a pair.
#    Its output goes through `self.attention_dropout` and is then added. The norm is `self.attention_norm`.
# 2. Second half: `self.feed_forward`, which has its dropout inside. The norm is `self.feed_forward_norm`.
# 3. `self.norm` is "post" or "pre" and says where the norms stand.
# 4. Give back the output, or (output, scores) where asked. Scores are (B, H, T, T).


# %% tags=["from:utils.layers.encoder.EncoderLayer", "exercise:call"]
class EncoderLayer(EncoderLayerFrame):
    """Self-attention, then feed-forward; each is added to what came in, and normalised (section 3.1).

    Args:
        embedding_dim: D. num_heads: H, a divisor of D. fully_connected_dim: F.
        dropout_rate: on the attention weights and on the output of both sub-layers.
        layernorm_eps: the norms' epsilon.
        norm: "post" normalises after the residual, as in the paper; "pre" before each sub-layer.
        activation: the feed-forward's.

    Call arguments:
        x: (B, T, D). attention_mask: bool, True = may attend; None allows all.
        return_attention_scores: return (output, scores (B, H, T, T)) instead of the output (B, T, D).
    """

    def __init__(self, embedding_dim, num_heads, fully_connected_dim, dropout_rate=0.1, layernorm_eps=1e-6,
                 norm="post", activation="relu", **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        self.keep(locals())
        self.self_attention = MultiHeadAttention(num_heads, embedding_dim // num_heads, dropout=dropout_rate)
        self.attention_dropout = keras.layers.Dropout(dropout_rate)
        self.attention_norm = keras.layers.LayerNormalization(epsilon=layernorm_eps)
        self.feed_forward = FeedForward(embedding_dim, fully_connected_dim, activation, dropout_rate)
        self.feed_forward_norm = keras.layers.LayerNormalization(epsilon=layernorm_eps)

    def call(self, x, attention_mask=None, training=None, return_attention_scores=False):
        residual = x
        x = self.attention_norm(x) if self.norm == "pre" else x
        x, scores = self.self_attention(
            x, x, attention_mask=attention_mask, return_attention_scores=True, training=training
        )
        x = residual + self.attention_dropout(x, training=training)
        x = self.attention_norm(x) if self.norm == "post" else x

        residual = x
        x = self.feed_forward_norm(x) if self.norm == "pre" else x
        x = residual + self.feed_forward(x, training=training)
        x = self.feed_forward_norm(x) if self.norm == "post" else x
        return (x, scores) if return_attention_scores else x


# %% [markdown]
# Post, pre, the mask, the scores, and dropout at its three places.

# %%
EncoderLayer = check(EncoderLayer)

# %% [markdown]
# The two lines of the post formula, written out with your `layer_norm`, are the layer:

# %%
layer = EncoderLayer(embedding_dim=8, num_heads=2, fully_connected_dim=20)
x = rng.normal(size=(3, 5, 8)).astype("float32")
layer.build(x.shape)
y = layer_norm(x + layer.self_attention(x, x), *layer.attention_norm.get_weights())
z = layer_norm(y + layer.feed_forward(y), *layer.feed_forward_norm.get_weights())
gap = np.abs(layer(x) - z).max()
print("largest difference below 1e-5:", gap < 1e-5)
assert gap < 1e-5

# %% [markdown]
# Where do its weights lie? In the paper's size, D = 512 and F = 2048:

# %%
paper = EncoderLayer(embedding_dim=512, num_heads=8, fully_connected_dim=2048)
paper.build((None, None, 512))
counts = [part.count_params() for part in (paper.self_attention, paper.feed_forward)]
print(f"attention {counts[0]:,}   feed-forward {counts[1]:,}   all {paper.count_params():,}")
assert 0.66 < counts[1] / paper.count_params() < 0.67

# %% [markdown]
# Two thirds are in the feed-forward.
#
# ## The encoder
#
# Ids become vectors, times √D, so that their size can stand up to the positions'; positions are added (lesson 02);
# then N encoder layers. With pre nobody has normalised the last sum, so one final norm does. If no mask is given, the
# encoder makes the padding mask itself (lesson 04).

# %%
import math

from utils.layers import PositionalEncoding, create_padding_mask
from utils.layers.contract import check_token_ids

# %% [markdown]
# ## Exercise: `Encoder`
#
# `call` is yours. The first line, which refuses ids outside the vocabulary, may stand as
# `check_token_ids(token_ids, self.input_vocab_size)`.
#
# 1. `attention_mask` is None? Then `create_padding_mask(token_ids, self.pad_id)`, (B, 1, 1, S). Every layer takes it as
#    `attention_mask=`.
# 2. `self.embedding` (B, S, D), times √D; `self.positional_encoding`; `self.dropout_layer`.
# 3. Every layer of `self.encoder_layers` in turn, each with the mask and `training`. Ask each for its scores, and keep
#    them in a dict under "encoder/0/self", "encoder/1/self" …
# 4. `self.final_norm` is None unless norm is "pre".
# 5. Give back the output (B, S, D), or (output, dict) where scores are asked for.


# %% tags=["from:utils.layers.encoder.Encoder", "exercise:call"]
class Encoder(EncoderFrame):
    """Embedding times √D, plus positions, then `num_layers` encoder layers (sections 3.1, 3.4, 3.5).

    Args:
        num_layers: how many. embedding_dim, num_heads, fully_connected_dim, dropout_rate, layernorm_eps,
            norm, activation: see `EncoderLayer`; dropout also acts on the embedded input, and "pre" adds
            a norm at the end.
        input_vocab_size: V. maximum_position_encoding: the longest input. pad_id: the id of padding.

    Call arguments:
        token_ids: (B, S). attention_mask: bool; None lets every word attend to every token but padding.
        return_attention_scores: return (output, {"encoder/0/self": (B, H, S, S), …}) instead of the
            output (B, S, D).
    """

    def __init__(self, num_layers, embedding_dim, num_heads, fully_connected_dim, input_vocab_size,
                 maximum_position_encoding, dropout_rate=0.1, layernorm_eps=1e-6, norm="post",
                 activation="relu", pad_id=0, **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        self.keep(locals())
        self.embedding = keras.layers.Embedding(input_vocab_size, embedding_dim)
        self.positional_encoding = PositionalEncoding(maximum_position_encoding)
        self.dropout_layer = keras.layers.Dropout(dropout_rate)
        sizes = (embedding_dim, num_heads, fully_connected_dim)
        options = (dropout_rate, layernorm_eps, norm, activation)
        self.encoder_layers = [EncoderLayer(*sizes, *options) for _ in range(num_layers)]
        self.final_norm = keras.layers.LayerNormalization(epsilon=layernorm_eps) if norm == "pre" else None

    def call(self, token_ids, attention_mask=None, training=None, return_attention_scores=False):
        check_token_ids(token_ids, self.input_vocab_size)
        if attention_mask is None:
            attention_mask = create_padding_mask(token_ids, self.pad_id)  # (B, 1, 1, S)
        x = self.embedding(token_ids) * math.sqrt(self.embedding_dim)  # (B, S, D)
        x = self.dropout_layer(self.positional_encoding(x), training=training)
        scores, options = {}, {"training": training, "return_attention_scores": True}
        for n, layer in enumerate(self.encoder_layers):
            x, scores[f"encoder/{n}/self"] = layer(x, attention_mask=attention_mask, **options)
        x = x if self.final_norm is None else self.final_norm(x)
        return (x, scores) if return_attention_scores else x


# %% [markdown]
# The path of the ids, padding, masks that are given, the final norm, the scores' names, dropout:

# %%
Encoder = check(Encoder)

# %% [markdown]
# The two tests of lesson 04, now for an encoder of two layers, on two reviews of different length. Padding first:
# four more places of it may change nothing at a word.

# %%
from benchmarks.word_order import WORDS, encode

encoder = Encoder(2, 32, 2, 64, input_vocab_size=len(WORDS), maximum_position_encoding=64)
texts = ["the film was not bad , it was clever", "I think the party was dull"]
ids = encode(texts, length=9)  # (2, 9)
longer = encode(texts, length=13)
change = np.abs(encoder(longer)[:, :9] - encoder(ids))[ids != 0].max()
all_seen = np.ones((1, 1, 1, 13), bool)
unmasked = np.abs(encoder(longer, attention_mask=all_seen)[:, :9] - encoder(ids))[ids != 0].max()
print(f"its own mask: below 1e-5 {change < 1e-5}   with a mask that hides nothing: {unmasked:.1f}")
assert change < 1e-5 and unmasked > 0.05

# %% [markdown]
# Then the leak test: change the last word of the first review, *clever* to *dull*. An encoder reads in both directions,
# so every word should feel it. Given a look-ahead mask as well, no earlier word may.

# %%
from utils.layers import combine_masks, create_look_ahead_mask

changed = ids.copy()
changed[0, 8] = ids[1, 5]
mask = combine_masks(create_look_ahead_mask(9), create_padding_mask(ids))
both_ways = np.abs(encoder(changed) - encoder(ids))[0, :8].max(axis=-1)
masked = np.abs(encoder(changed, attention_mask=mask) - encoder(ids, attention_mask=mask))[0, :8].max()
print("words before it that feel the change:", int((both_ways > 1e-3).sum()), "of 8   with look-ahead mask:", masked)
assert (both_ways > 1e-3).all() and masked == 0

# %% [markdown]
# ## The moment: reading word order
#
# Can it read what no bag of words can? Short reviews say two things of one kind. Half of them come in **twins**: the
# same words, with *not* in front of the one adjective or the other.

# %%
from benchmarks.word_order import reviews

texts, labels = reviews(seed=1, draws=2)
for text, label in zip(texts, labels, strict=True):
    print("praise   " if label else "complaint", "|", text)
assert sorted(texts[2].split()) == sorted(texts[3].split()) and labels[2] != labels[3]

# %% [markdown]
# A **bag of words** averages the words' vectors. Twins have the same average, so whatever it answers, it answers to
# both, and one of the two is wrong: exactly half, whatever it has learnt.
#
# The encoder gives a vector for every word too. To get one for the whole review, average them, **leaving padding out**;
# one dense layer then gives a probability of praise.
#
# What is trained is made smaller step by step, and is called the **loss**: minus the logarithm of the probability that
# the right verdict got, on average. Who is sure and right has 0. Who guesses gives ½ to either, and has 0.69:

# %%
show(sure_and_right=-np.log(0.99), guessing=-np.log(0.5), sure_and_wrong=-np.log(0.01))

# %% [markdown]
# Lesson 08 does training properly; here it is a tool. Your `Encoder`, two layers, 400 steps of 64 reviews:

# %% tags=["nbval-ignore-output"]
from benchmarks.word_order import Trainer, accuracy

trainer = Trainer(encoder=Encoder)
losses = trainer.train(seed=0)
live = accuracy(trainer.model)
print(f"loss {losses[0]:.2f} -> {np.mean(losses[-20:]):.3f}   on new pairs of adjectives: {live}")

# %% [markdown]
# The test joins adjectives that training never joined. Ask it yourself, with words from `WORDS`:

# %% tags=["nbval-ignore-output"]
asked = ["the film was not bad , it was clever", "the film was bad , it was not clever"]
scores = np.asarray(trainer.model(encode(asked)))
for text, score in zip(asked, scores, strict=True):
    print(f"{score:+6.1f}  {'praise' if score > 0 else 'complaint'}  |  {text}")

# %% [markdown]
# Above 0 is praise. Now five seeds of four models, made beforehand: the bag, a bag with a hidden layer behind it, an
# encoder whose positions were taken out, the encoder.

# %%
from utils.plots.encoder import accuracies, load, order_rows

assert live["twins"] > 0.95 and live["plain"] > 0.95 and scores[0] > 0 > scores[1]
stored = load("word_order")
print("made by:", stored["command"])
means = accuracies(order_rows(stored), "Only the encoder with positions can tell twins apart")

# %% [markdown]
# Where *not* is absent all four are perfect. On twins three of them guess, all seeds, exactly. An encoder without
# positions is a bag of words too, an expensive one: attention treats its words as a set.

# %%
plain, twins = ({m: v for (legend, m), v in means.items() if legend.startswith(w)} for w in ("no", "“not”"))
assert min(plain.values()) > 0.99 and twins.pop("encoder") > 0.98 and set(twins.values()) == {0.5}

# %% [markdown]
# ## Leave padding out of the mean
#
# The encoder's own mask hides padding from the words. But an encoder gives a vector for *every* place, padding too, and
# a plain mean takes them all. The same reviews, padded to 16 and to 64 places: how far does the pooled vector move,
# measured in its own length?

# %%
from benchmarks.word_order import mean_over_words

texts, _ = reviews(seed=0, draws=50, test=True)
trained = next(layer for layer in trainer.model.layers if isinstance(layer, Encoder))


def drift(pool):
    short, long = (pool(trained(ids), ids) for ids in (encode(texts, 16), encode(texts, 64)))
    return float(tf.norm(long - short) / tf.norm(short))


plain_mean = drift(lambda x, ids: ops.mean(x, axis=1))
over_words = drift(mean_over_words)
print(f"plain mean moves by more than a tenth: {plain_mean > 0.1}   mean over words below 1e-4: {over_words < 1e-4}")
assert plain_mean > 0.1 and over_words < 1e-4

# %% [markdown]
# `mean_over_words` multiplies by 1 at words and 0 at padding, sums, and divides by the number of words. Whoever pools,
# masks.
#
# ## What is the feed-forward for?
#
# In the paper's size two thirds of a layer's weights. What if they go? The reviews once more, three seeds each: the
# whole encoder; its feed-forwards without their bend, two matrices in a row; no feed-forwards at all.

# %%
stored_facts = load("feed_forward")
print("made by:", stored_facts["command"])
rows = [r for r in stored_facts["rows"] if r["task"] == "twins"]
for arm in dict.fromkeys(r["arm"] for r in rows):
    print(f"{arm:16} twins right: {[r['twins'] for r in rows if r['arm'] == arm]}")
assert min(r["twins"] for r in rows) > 0.98

# %% [markdown]
# Nobody misses them: to read who is negated, the bending of norm and softmax is enough. What else is in a text?
# **Facts.** Who lives where cannot be worked out, it has to be remembered. Take 64 names, all 4,096 pairs, and draw
# for each by chance whether it is so. How much does a model learn in a given time? Yours, live, with 24 names and 576
# pairs, with feed-forwards and without:

# %% tags=["nbval-ignore-output"]
from benchmarks.feed_forward import Memory

known = {arm: Memory(arm, 24, Encoder).train(seed=0, steps=600) for arm in ("relu", "no feed-forward")}
print("share of 576 facts that it knows:", {arm: round(share, 2) for arm, share in known.items()})

# %% [markdown]
# And beforehand with 1,024 and 4,096 facts, 2,000 steps at one learning rate, three seeds each. One arm without
# feed-forwards has four layers instead of two, and so about as many weights. A bar is a mean, its ticks are the
# seeds.

# %%
from utils.plots.encoder import remembered

assert known["relu"] > known["no feed-forward"] + 0.02
MORE_LAYERS = "no feed-forward, 4 layers"
arms = "relu", "no bend", "no feed-forward", MORE_LAYERS
means = remembered(stored_facts, arms, "After 2,000 steps a feed-forward that bends knows most")

# %% [markdown]
# 1,024 facts are learnt nearly whole everywhere. With 4,096, in as many steps, the feed-forward tells: without it
# fewer are known, and without its bend fewest of all, two matrices in a row being worse than none. Further layers of
# attention, weight for weight, come closer, but not up to it.

# %%
bent, straight, none, deeper = (means[64, arm].mean() for arm in arms)
show(bent=bent, straight=straight, none=none, deeper=deeper, digits=2)
assert straight + 0.03 < none < deeper - 0.03 and deeper + 0.02 < bent
assert min(means[32, "relu"]) > 0.99 > min(means[32, "no feed-forward"])

# %% [markdown]
# Does a feed-forward hold more, or does it learn faster? The same 4,096 facts with four times the steps, seed by seed:

# %%
longer = {}
for row in (r for r in stored_facts["rows"] if r["task"] == "facts, longer"):
    longer.setdefault(row["arm"], []).append(row["known"])
for arm in arms:
    print(f"{arm:26}", *(f"{share:.2f}" for share in longer[arm]))

# %% [markdown]
# Faster, mostly. Further layers of attention come within a hundredth or two. What stays behind is what has fewer
# weights, or no bend. (Geva et al. 2021 looked into trained feed-forwards: hidden numbers answer to patterns in the
# text.)

# %%
assert min(longer["relu"]) > 0.97 > 0.95 > max(longer["no feed-forward"] + longer["no bend"])
assert min(longer[MORE_LAYERS]) > 0.965 and np.mean(longer["relu"]) - np.mean(longer[MORE_LAYERS]) < 0.02

# %% [markdown]
# ## Later bends, later norms
#
# Llama (2023) and many language models since have a **gated** feed-forward and **RMS norm**. RMS norm (Zhang and
# Sennrich 2019) leaves the mean in, and has no beta: it divides by the root of the mean square. Layer norm is RMS norm
# of what is left when the mean is gone:


# %%
def rms_norm(x, gamma, epsilon=1e-6):
    return gamma * x / ops.sqrt(ops.mean(ops.square(x), axis=-1, keepdims=True) + epsilon)


x = rng.normal(3, 5, size=(2, 5, 8)).astype("float32")
left = x - x.mean(axis=-1, keepdims=True)
assert np.allclose(rms_norm(left, np.ones(8, "float32")), norm(x), atol=1e-5)

# %% [markdown]
# A gated unit (Shazeer 2020) has two matrices side by side, bends what one gives, and **multiplies** by what the other
# gives: $(\mathrm{bend}(x W_1) \odot x W_2)\, W_3$. With $\mathrm{silu}(z) = z\,\sigma(z)$ as the bend it is called
# SwiGLU, with GELU, a smoother relu, GEGLU. One product is all that *not bad* needs: complaint = n + b − 2·n·b. At the
# same number of weights, on the same 4,096 facts:

# %%
n, b = facts.T
assert np.array_equal(n + b - 2 * n * b, complaint)
arms = "relu", "GEGLU", "SwiGLU", "relu, RMS norm"
later = remembered(stored_facts, arms, "After 2,000 steps gates know more of 4,096 facts", names=(64,))

# %% [markdown]
# The gates pay: the worst of their six runs knows more than the best of relu's. RMS norm knows as much as layer norm,
# give or take a seed; what it saves is a mean and a vector. And with four times the steps?

# %%
gated = np.concatenate([later[64, arm] for arm in ("GEGLU", "SwiGLU")])
show(worst_gated=gated.min(), best_relu=later[64, "relu"].max(), rms=later[64, "relu, RMS norm"].mean(), digits=2)
for arm in arms:
    print(f"{arm:15}", *(f"{share:.2f}" for share in longer[arm]))

# %% [markdown]
# Little is left of it: gates learn faster, in one task, at one size and learning rate. Shazeer found gates better
# than relu in language models, and gave no reason but "divine benevolence".

# %%
assert gated.min() > later[64, "relu"].max()
assert abs(later[64, "relu, RMS norm"].mean() - later[64, "relu"].mean()) < 0.02
assert min(longer["GEGLU"] + longer["SwiGLU"]) < max(longer["relu"]) and min(min(longer[arm]) for arm in arms) > 0.97

# %% [markdown]
# ## Batch norm on trial
#
# The same encoder, every layer norm replaced by batch norm, on the same reviews. Three conditions, five seeds:
# ordinary batches of 64; batches of 64 that are padded to 16 and 64 places in turn; and one review at a time, for
# 6,000 steps at a smaller learning rate. The line on a bar reaches from the worst seed to the best.

# %%
from utils.plots.encoder import norm_rows

norms = norm_rows(stored)
means = accuracies(norms, "One review at a time, batch norm breaks", "share of twins that is right")

# %% [markdown]
# In ordinary batches batch norm learns this task as well as layer norm, and padding that comes and goes does not hurt
# it here, though it moves every number. One review at a time breaks it, in training or in use, this figure cannot say
# which. What layer norm does to a word **never depends on who else is there**.

# %%
assert means["batch norm", "batches of 64"] > 0.97 and means["batch norm", "padding comes and goes"] > 0.97
assert means["batch norm", "batches of 1"] < 0.8 and means["layer norm", "batches of 1"] > 0.97

# %% [markdown]
# ## Pre or post?
#
# In a deep stack of untrained layers the words faded under post, and with them $W_Q$'s gradient; not under pre. Does
# that matter in training? Twelve layers on the same reviews, five seeds, two learning rates, trained beforehand by
# `python -m benchmarks.deep_encoder`. A known cure is **warm-up**: start with a tiny learning rate and let it rise,
# here over 200 steps. (Lesson 08 builds the paper's schedule.)

# %%
from utils.plots.encoder import deep_losses

stored_deep = load("deep_encoder")
print("made by:", stored_deep["command"])
last = deep_losses(stored_deep, rates=(0.0003, 0.001))

# %% [markdown]
# Thick lines are means of five runs, thin ones single runs of post; bands reach from the best run of pre to the
# worst. On the right post never leaves guessing without warm-up. With it all five runs get away from there, and one
# of them falls back before the end. On the left, at the smaller rate, post comes down with and without warm-up, but
# nearly always only to about half of 0.69, as far as a bag of words comes. Pre learns under all four conditions. And
# the twins, after 800 steps?

# %%
read = {norm: [r["twins"] > 0.9 for r in stored_deep["rows"] if r["norm"] == norm] for norm in ("pre", "post")}
for norm, solved in read.items():
    print(f"{norm:4}  {sum(solved)} of {len(solved)} runs read nine twins in ten")
assert sum(read["pre"]) >= 18 and sum(read["post"]) <= 4
assert min(last[0.001, "post", False]) > 0.66 and max(last[0.0003, "post", False]) < 0.5
warmed = [r for r in stored_deep["rows"] if (r["norm"], r["learning_rate"], r["warmup"]) == ("post", 0.001, 200)]
assert max(min(r["losses"]) for r in warmed) < 0.66 and sum(last[0.001, "post", True] < 0.66) == 4

# %% [markdown]
# To read twins, warm-up was hardly ever enough for post, in twelve layers of width 32. The paper trained six with
# post and warm-up, and very well; many deeper models since are pre. Whether $W_Q$'s small gradient hinders post, or
# the large ones near the top at the start (Xiong et al. 2020), this figure cannot say.

# %% [markdown]
# ## What to remember
#
# - Attention lets words talk; the feed-forward (widen, bend, narrow) lets each of them think. It is not all that bends,
#   and a task of who looks at whom does without it. But facts are learnt faster with one than without, and faster still
#   with a gated one; as many weights of attention come close.
# - The norm keeps the size of numbers and gradients. The residual helps every word stay itself, and where all words are
#   the same no attention can learn: nothing reaches $W_Q$.
# - Layer norm looks at one word's D features and at nothing else. Batch norm looks at who else is in the batch.
# - Post is the paper's and needs care when it is deep; pre is the patient one and needs one norm more at the end.
# - Whoever pools over words, masks. `training=True` switches dropout on, and in an encoder nothing else.

# %% [markdown]
# ## Three questions for yourself
#
# <details><summary>1. Add 7 to all D numbers of a word. What does its layer norm give?</summary>
# The same as before: the mean takes the 7 out. Multiply all by 3, and it is the same too, but for epsilon.
# </details>
#
# <details><summary>2. In a pre encoder, what would be odd about the output without the final norm?</summary>
# Nobody has normalised the residual: every half has added to it, so its size grows with depth.
# </details>
#
# <details><summary>3. Take the relu out of every feed-forward. What is left of W_1 and W_2?</summary>
# One matrix W_1 W_2, (D, D): widening bought nothing. Softmax and layer norm still bend, and for the twins that is
# enough.
# </details>

# %% [markdown]
# **Where to read on:** Vaswani et al. 2017, sections 3.1, 3.3 and 5.4; He et al. 2016, *Deep residual learning*; Ba,
# Kiros and Hinton 2016, *Layer normalization*; Ioffe and Szegedy 2015 for batch norm; Xiong et al. 2020, *On layer
# normalization in the Transformer architecture*, for pre and post; Dong, Cordonnier and Loukas 2021, *Attention is not
# all you need*, and Noci et al. 2022, *Signal propagation in Transformers*, for words that become the same; Geva et al.
# 2021, *Transformer feed-forward layers are key-value memories*; Zhang and Sennrich 2019 for RMS norm; Shazeer 2020,
# *GLU variants improve Transformer*.
#
# **Next:** [07 · The decoder and the whole machine](07_decoder_and_transformer.ipynb)
