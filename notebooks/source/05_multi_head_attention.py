# %% [markdown]
# # 05 · Many heads
#
# **What do many heads buy?**
#
# One attention takes one weighted sum. A word may need several at once: who, when, what. So the Transformer runs many
# small attentions side by side. You cut vectors into heads, put them together again, and write the layer around them;
# at the end it looks at real words.
#
# | | |
# |---|---|
# | **You build** | `split_heads`, `merge_heads`, `MultiHeadAttention` |
# | **Minutes** | 75 |
# | **You need** | 03 and 04. The encoder's files, fetched once by the set-up |

# %%
import sys

sys.path[:0] = ["..", "../.."]  # where the course's library, utils, lies

from utils.notebook import setup, show

setup(seed=5)

# %% [markdown]
# ## Three questions at once
#
# *Jane visits Africa in September.* *Africa* can ask: **What's happening** there? **When? Who?** Here is the sentence
# as five vectors of four numbers, **set by hand**: one column for each kind of meaning. *in* hints at a place or a
# time, half each.

# %%
import numpy as np

words = ["Jane", "visits", "Africa", "in", "September"]
kinds = ["happening", "who", "where", "when"]
x = np.array([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0.5, 0.5], [0, 0, 0, 1]], "float32")
show(x=x, digits=1)

# %% [markdown]
# A head is one attention with projections of its own. Ours, **set by hand** too, have one column. `w_q` reads *where*,
# so that places ask; each head's `w_k` reads another kind of meaning and answers to that.

# %%
from utils.layers import scaled_dot_product_attention


def column(kind, size=1.0):
    return size * np.eye(4, dtype="float32")[:, [kinds.index(kind)]]  # (4, 1)


questions = {"what's happening?": "happening", "when?": "when", "who?": "who"}
q = x @ column("where", size=5)  # (5, 1): only places ask
heads = [scaled_dot_product_attention(q, x @ column(kind), x)[1] for kind in questions.values()]
africa = np.stack([np.asarray(weights)[2] for weights in heads])  # (3, 5): one row a head

# %% [markdown]
# Three heads, so three rows of weights for the same word, each with a softmax of its own.

# %%
from utils.plots.multi_head_attention import head_rows

top = head_rows(words, list(questions), africa, "Where does Africa look? Three heads, set by hand")
assert [words[i] for i in top] == ["visits", "September", "Jane"]

# %% [markdown]
# Each head finds its word. Could one head not ask all three questions? Give its `w_k` all three columns:

# %%
w_k = sum(column(kind) for kind in questions.values())
weights = np.asarray(scaled_dot_product_attention(q, x @ w_k, x)[1])[2]
show(weights=weights)
assert np.allclose(weights[[0, 1, 4]], weights[0]) and weights[0] < 1 / 3

# %% [markdown]
# It looks at all three words at once, and then **adds them up**, a third of each. Suppose that the words carry notes.
# Let *Jane* and *September* swap their notes, so that who and when change places:

# %%
rng = np.random.default_rng(5)
notes = rng.normal(size=(5, 3)).astype("float32")
swapped = notes[[4, 1, 2, 3, 0]]
show(one_head=weights @ notes, one_head_swapped=weights @ swapped)
show(three_heads=(africa @ notes)[:, 0], three_heads_swapped=(africa @ swapped)[:, 0])
assert np.allclose(weights @ notes, weights @ swapped, atol=1e-6)
assert not np.allclose(africa @ notes, africa @ swapped, atol=0.1)

# %% [markdown]
# With equal weights the sum is the same for both stories: this head cannot tell who from when. Three heads hand back
# three sums, one for each question (first column shown), and the stories differ.
#
# ## A loop over heads
#
# In the real layer nothing is set by hand. Head $h$ has three small matrices $W_q^h, W_k^h, W_v^h$, each (D, K),
# learnt. The heads' results are laid side by side, and one last matrix $W_O$ mixes them:
#
# $$\mathrm{head}_h = \mathrm{attention}(X W_q^h,\; X W_k^h,\; X W_v^h), \qquad
# \mathrm{output} = [\mathrm{head}_0, \dots, \mathrm{head}_{H-1}]\; W_O$$

# %%
from utils.plots.multi_head_attention import heads_side_by_side

assert heads_side_by_side(heads=3, width=4) == (3, 4)

# %% [markdown]
# First as a loop. **H** = 3 heads of width **K** = 4; 2 sentences of 5 words, D = 10 numbers each. Every head looks at
# all ten numbers.

# %%
B, T, D, H, K = 2, 5, 10, 3, 4
x = rng.normal(size=(B, T, D)).astype("float32")
w_q, w_k, w_v = rng.normal(size=(3, H, D, K)).astype("float32")

heads = [scaled_dot_product_attention(x @ w_q[h], x @ w_k[h], x @ w_v[h])[0] for h in range(H)]
loop = np.concatenate(heads, axis=-1)  # (B, T, H·K)
show(one_head=tuple(heads[0].shape), side_by_side=loop.shape)
assert loop.shape == (2, 5, 12)

# %% [markdown]
# ## All heads at once
#
# Many small products can be one large one: lay the heads' matrices side by side too, (D, H·K), and project once. Head
# 1's queries are then columns 4 to 7 of the result:

# %%
wide_q, wide_k, wide_v = (np.concatenate(w, axis=-1) for w in (w_q, w_k, w_v))  # three of (D, H·K)
q = x @ wide_q  # (B, T, H·K)
gap = np.abs(q[..., K : 2 * K] - x @ w_q[1]).max()
print("largest difference below 1e-5:", gap < 1e-5)
assert gap < 1e-5

# %% [markdown]
# What is left to do: cut those columns into heads, so that one call attends in all of them at once. Two helpers refuse
# shapes that cannot be cut.

# %%
import keras
from keras import ops

from utils.layers.contract import check_divisible, check_rank

# %% [markdown]
# The functions that you write now will also run while a model is being **built**, before there is any data. They then
# get a **symbolic** tensor: it has a shape, but one length in it is open, the number of sentences, B. Ask for it, and
# you get `None`:


# %%
def attempt(x):
    print("shape while the model is built:", x.shape)
    print("-1 in the place of B:          ", ops.reshape(x, (-1, 5, 3, 4)).shape)
    try:
        ops.reshape(x, (x.shape[0], 5, 3, 4))
    except (TypeError, ValueError):
        print("x.shape[0] in the place of B:   refused, it is", x.shape[0])
    return x


built = keras.layers.Lambda(attempt)(keras.Input((5, 12)))

# %% [markdown]
# So in a `reshape` write **-1** for B: *whatever is left*. (`ops.shape(x)[0]` would do too. Only one -1 is allowed, so
# the other lengths are written out.)
#
# ## Exercise: `split_heads`
#
# Cut the last axis into H strips of K = D/H columns, and bring the heads before the words: (B, T, D) becomes
# (B, H, T, K). Write it with `ops`: it will run where tensors have no numbers yet. Head $h$ holds columns $hK$ to
# $(h+1)K - 1$ of every word:
#
# $$\mathrm{head}_{b,h,t,k} = x_{b,\;t,\;hK + k}$$


# %% tags=["from:utils.layers.attention.split_heads", "exercise"]
def split_heads(x, num_heads: int):
    """Cuts the last axis into heads.

    Args:
        x: (B, T, D).
        num_heads: H, a divisor of D.

    Returns:
        (B, H, T, D/H): head h holds columns h·D/H … (h+1)·D/H - 1.
    """
    check_rank(x, 3, "x", "(B, T, D)")
    check_divisible(x.shape[-1], num_heads)
    T, D = ops.shape(x)[1], x.shape[-1]
    x = ops.reshape(x, (-1, T, num_heads, D // num_heads))  # (B, T, H, D/H)
    return ops.transpose(x, (0, 2, 1, 3))  # (B, H, T, D/H)


# %% [markdown]
# Stuck? Once the check has run, `hint("split_heads")` gives the first of three hints, the next call the second.

# %%
from utils.checks import check, hint

split_heads = check(split_heads)

# %% [markdown]
# ## Exercise: `merge_heads`
#
# The way back: (B, H, T, K) becomes (B, T, H·K), every word with its heads side by side. Column $hK + k$ of the result
# is column $k$ of head $h$.


# %% tags=["from:utils.layers.attention.merge_heads", "exercise"]
def merge_heads(x):
    """Puts the heads side by side again, the inverse of `split_heads`.

    Args:
        x: (B, H, T, K).

    Returns:
        (B, T, H*K).
    """
    check_rank(x, 4, "x", "(B, H, T, K)")
    H, T, K = x.shape[1], ops.shape(x)[2], x.shape[3]
    x = ops.transpose(x, (0, 2, 1, 3))  # (B, T, H, K)
    return ops.reshape(x, (-1, T, H * K))


# %% [markdown]
# Check it:

# %%
merge_heads = check(merge_heads)

# %% [markdown]
# Now all heads in three lines. `scaled_dot_product_attention` works on the last two axes and takes the heads' axis
# along. Is it the loop?

# %%
q, k, v = (split_heads(x @ w, H) for w in (wide_q, wide_k, wide_v))  # (B, H, T, K) each
attended, scores = scaled_dot_product_attention(q, k, v)  # (B, H, T, K), (B, H, T, T)
at_once = np.asarray(merge_heads(attended))
show(scores=tuple(scores.shape), at_once=at_once.shape)
print("largest difference from the loop below 1e-5:", np.abs(at_once - loop).max() < 1e-5)
assert np.abs(at_once - loop).max() < 1e-5

# %% [markdown]
# ## The classic mistake
#
# Why not reshape straight to (B, H, T, K)? The shape comes out right. Give every entry the number of the word that it
# came from, and split both ways:

# %%
from utils.plots.multi_head_attention import split_origins


def straight(x, num_heads):
    return np.reshape(x, (len(x), num_heads, x.shape[1], -1))  # (B, H, T, K), without the swap


numbers = np.repeat(np.arange(5), 4).reshape(1, 5, 4)  # word t is t, t, t, t
short = words[:4] + ["Sept."]
strangers = split_origins(short, np.asarray(split_heads(numbers, 2))[0], straight(numbers, 2)[0])
assert strangers == 16

# %% [markdown]
# On the right 16 of 20 entries stand in another word's row. Head 0 has the first half of the sentence, head 1 the
# second. What goes wrong shows when you ask **who feels whom**: under a look-ahead mask, change one word and see which
# outputs move.

# %%
from utils.layers import create_look_ahead_mask


def feels(split, x, num_heads=2):
    def run(x):
        heads = split(x, num_heads)
        return np.asarray(merge_heads(scaled_dot_product_attention(heads, heads, heads, mask)[0]))

    mask = create_look_ahead_mask(x.shape[1])
    before, felt = run(x), []
    for word in range(x.shape[1]):
        changed = x.copy()
        changed[0, word] += 1
        felt.append(np.abs(run(changed) - before).max(axis=(0, 2)) > 1e-6)  # (T,): which outputs moved
    return np.stack(felt, axis=1)  # (T, T): output, changed word


# %% [markdown]
# Row: whose output. Column: which word was changed. A blue cell is felt, as it should be, one marked *leak* should not
# be, and at *blind* a word does not feel itself.

# %%
from utils.plots.multi_head_attention import influence

sentence = rng.normal(size=(1, 5, 4)).astype("float32")
panels = {"with the swap": feels(split_heads, sentence), "without": feels(straight, sentence)}
leaks = influence(words, panels)
print("outputs that feel a later word:", list(leaks.values()))
assert leaks["with the swap"] == 0 and panels["without"][0, 2] and not panels["without"][1, 1]

# %% [markdown]
# Without the swap *Jane* feels *Africa*, two words ahead: the mask sits on the wrong rows, and a decoder would see the
# future. This is the test that finds it: change a later word, and nothing before it may move. Other lengths and numbers
# of heads:

# %%
for length, number in ((2, 2), (4, 4), (6, 3), (9, 2)):
    sentence = rng.normal(size=(1, length, 2 * number)).astype("float32")
    ahead = [int(np.triu(feels(split, sentence, number), 1).sum()) for split in (split_heads, straight)]
    print(f"{length} words, {number} heads: {ahead[0]} outputs feel a later word with the swap, {ahead[1]} without")
    assert ahead[0] == 0 < ahead[1]

# %% [markdown]
# Each size leaks.
#
# ## W_O: where heads meet
#
# The last step of the formula multiplies by $W_O$, (H·K, D). Cut it into H strips of K rows, one for each head, and the
# product falls apart into a sum: **each head has a projection of its own, and their contributions are added**.
#
# $$[\mathrm{head}_0, \dots, \mathrm{head}_{H-1}]\; W_O = \sum_h \mathrm{head}_h\, W_O^h$$

# %%
w_o = rng.normal(size=(H, K, D)).astype("float32")  # strip h: (K, D)
output = at_once @ w_o.reshape(H * K, D)  # (B, T, D)
contributions = [heads[h] @ w_o[h] for h in range(H)]  # H of (B, T, D)
gap = np.abs(output - sum(contributions)).max()
print("largest difference below 1e-4:", gap < 1e-4)
assert gap < 1e-4

# %% [markdown]
# And without $W_O$? Disturb head 1, and count which of the columns move.

# %%
disturbed = at_once.copy()
disturbed[..., K : 2 * K] += 1.0
moved = (np.abs(disturbed - at_once).max(axis=(0, 1)) > 1e-3).astype(int)
moved_after = (np.abs((disturbed - at_once) @ w_o.reshape(H * K, D)).max(axis=(0, 1)) > 1e-3).astype(int)
show(without_W_O=moved, with_W_O=moved_after)
assert moved.sum() == K and moved_after.all()

# %% [markdown]
# Without it each head keeps to its own four columns. With it all ten columns hear of all heads.
#
# ## Why the input is passed three times
#
# `layer(query, value, key)`: who asks, what is handed out, what is compared. In **self-attention** all three are the
# same sentence. In **cross-attention** the English words written so far (T of them) ask the French ones (S of them),
# and value and key are the French. So the key may be left out: then the value is taken.
#
# The paper and PyTorch write query, **key, value**; Keras writes query, **value, key**. Mix them up, here with keys
# that carry positions and values that do not:

# %%
T, S, D = 3, 6, 8
query, value = (rng.normal(size=(1, n, D)).astype("float32") for n in (T, S))
key = value + rng.normal(size=(1, S, D)).astype("float32")  # the same words, with positions added
layer = keras.layers.MultiHeadAttention(num_heads=2, key_dim=4)
meant = layer(query, value=value, key=key)
slipped = layer(query, key, value)  # the paper's order, by position
show(shape=tuple(meant.shape), outputs_differ=np.abs(meant - slipped).max() > 0.01)
assert np.abs(meant - slipped).max() > 0.01

# %% [markdown]
# Same shape, other numbers, no error. Name the arguments, as with masks in lesson 04.
#
# ## The layer
#
# Keras keeps a head's matrices apart: its kernels have three axes, (D, H, K) for query, key and value, and
# (H, K, D) for the output. Read as one matrix they are the wide ones from above. `project` does just that.


# %% tags=["from:utils.layers.attention.project"]
def project(x, weights):
    """X W + b, the kernel's three axes taken as the matrix they are.

    Args:
        x: (B, T, N).
        weights: a kernel of three axes with N·M entries, and a bias of M entries or None.

    Returns:
        (B, T, M).
    """
    kernel, bias = weights
    x = ops.matmul(x, ops.reshape(kernel, (int(x.shape[-1]), -1)))  # int: an exporter's size may be no plain number
    return x if bias is None else x + ops.reshape(bias, (-1,))


# %% [markdown]
# `glorot_matrix` says how large the weights are at birth. Keras' own initialiser takes the first axis of a three-axis
# kernel for the window of a convolution, and starts too small. By how much, at width 128 with 4 heads?

# %%
from utils.layers.attention import glorot_matrix

shape = (128, 4, 32)  # D, H, K
as_keras, as_matrix = keras.initializers.GlorotUniform(seed=1)(shape), glorot_matrix((128,))(shape)
factor = float(ops.max(as_matrix) / ops.max(as_keras))  # both uniform: compare the largest
print(f"as a matrix: {factor:.1f} times larger; in a product of two: {factor**2:.0f} times")
assert 4.2 < factor < 4.3

# %% [markdown]
# Four times too small in queries and again in keys: scores start 18 times too small. Ours start as matrices do, in
# Keras' shapes, so that weights can be exchanged. Three more helpers remember the layer's arguments for saving, and
# refuse impossible ones.

# %%
from utils.layers.contract import arguments_of, check_positive, check_rate

# %% [markdown]
# ## Exercise: `MultiHeadAttention`
#
# The class is given, its `call` is yours. `self.query_weights`, `self.key_weights`, `self.value_weights` and
# `self.output_weights` each are a (kernel, bias) pair for `project`.
#
# 1. No key? Then the value is the key.
# 2. Project query, key and value; split each into heads.
# 3. Attend, under the mask; a word that may look nowhere gets no NaN (ours gets zeros). Scores are (B, H, T, S).
# 4. In training, `self.dropout_layer(scores, training=training)` drops some weights, and the values are summed with
#    what is left. The scores that are returned are those from before.
# 5. Merge, project by the output's weights: (B, T, D). Return the output, or (output, scores) where asked.


# %% tags=["from:utils.layers.attention.MultiHeadAttention", "exercise:call"]
class MultiHeadAttention(keras.layers.Layer):
    """Several attentions side by side, each in its own projection, mixed by W_O (section 3.2.2).

    Weights have the order and the shapes of `keras.layers.MultiHeadAttention`'s: kernels (D, H, K) and
    biases (H, K) of query, key and value, then the output's (H, value_dim, D) and (D,).

    Args:
        num_heads: H.
        key_dim: K, the width of each head's queries and keys.
        value_dim: the width of each head's values; None takes `key_dim`.
        dropout: rate on the attention weights.
        use_bias: whether the projections have biases.

    Call arguments:
        query: (B, T, D). value: (B, S, Dv). key: (B, S, Dk); None takes the value.
        attention_mask: bool, True = may attend, (T, S), (B, T, S) or (B or 1, H or 1, T or 1, S).
        return_attention_scores: return (output, scores (B, H, T, S)) instead of the output (B, T, D).
    """

    def __init__(self, num_heads, key_dim, value_dim=None, dropout=0.0, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.num_heads, self.key_dim = num_heads, key_dim
        self.value_dim = key_dim if value_dim is None else value_dim
        check_positive(num_heads=num_heads, key_dim=key_dim, value_dim=self.value_dim)
        check_rate(dropout=dropout)
        self.dropout, self.use_bias = dropout, use_bias
        self.dropout_layer = keras.layers.Dropout(dropout, dtype=self.dtype_policy)

    def build(self, query_shape, value_shape, key_shape=None):
        d_query, d_value, d_key = query_shape[-1], value_shape[-1], (key_shape or value_shape)[-1]
        self.query_weights = self.add_projection("query", (d_query, self.num_heads, self.key_dim))
        self.key_weights = self.add_projection("key", (d_key, self.num_heads, self.key_dim))
        self.value_weights = self.add_projection("value", (d_value, self.num_heads, self.value_dim))
        self.output_weights = self.add_projection("output", (self.num_heads, self.value_dim, d_query))

    def add_projection(self, name, shape):
        output = name == "output"  # (H, value_dim) -> (D,); the other three go (D,) -> (H, K)
        inputs, bias_shape = (shape[:2], shape[2:]) if output else (shape[:1], shape[1:])
        kernel = self.add_weight(name=f"{name}_kernel", shape=shape, initializer=glorot_matrix(inputs))
        bias = self.add_weight(name=f"{name}_bias", shape=bias_shape, initializer="zeros") if self.use_bias else None
        return kernel, bias

    def call(self, query, value, key=None, attention_mask=None, return_attention_scores=False, training=None):
        key = value if key is None else key
        q = split_heads(project(query, self.query_weights), self.num_heads)  # (B, H, T, K)
        k = split_heads(project(key, self.key_weights), self.num_heads)  # (B, H, S, K)
        v = split_heads(project(value, self.value_weights), self.num_heads)  # (B, H, S, value_dim)
        heads, scores = scaled_dot_product_attention(q, k, v, attention_mask)  # (B, H, T, value_dim)
        if self.dropout:
            heads = ops.matmul(self.dropout_layer(scores, training=training), v)
        output = project(merge_heads(heads), self.output_weights)  # W_O mixes the heads: (B, T, D)
        return (output, scores) if return_attention_scores else output

    def get_config(self):
        return {**super().get_config(), **arguments_of(self)}

    def compute_output_shape(self, query_shape, value_shape, key_shape=None):
        return query_shape

    def compute_output_spec(self, *args, **kwargs):
        return keras.Operation.compute_output_spec(self, *args, **kwargs)  # by tracing: may be a pair


# %% [markdown]
# The check compares with the library's layer on equal weights. What it finds may lie in your `split_heads` or
# `merge_heads`, if `call` uses them.

# %%
MultiHeadAttention = check(MultiHeadAttention)

# %% [markdown]
# ## Is it Keras' layer?
#
# Not *similar*: the same, wherever every word has somewhere to look. Draw sizes and a mask at random, give both layers
# the same weights, and compare everything that comes out **and** every gradient that flows back, to the inputs and to
# all eight weights.

# %%
import tensorflow as tf


def outcome(layer, query, value, mask):
    """Output, scores, and the gradients of a random sum of the output."""
    with tf.GradientTape() as tape:
        tape.watch([query, value])
        output, scores = layer(query, value, attention_mask=mask, return_attention_scores=True)
        loss = tf.reduce_sum(output * tf.random.stateless_normal(output.shape, seed=(1, 2)))
    sources = [query, value, *layer.trainable_weights]
    return [output, scores, *tape.gradient(loss, sources, unconnected_gradients="zero")]


# %% [markdown]
# The sizes come from 1 to 7, all eight of them free (S and the heads' widths from 2); the masks have two, three or
# four axes.


# %%
def largest_difference(seed):
    rng = np.random.default_rng(seed)
    B, T, S, H, K, width, D, E = (int(n) for n in rng.integers([1, 1, 2, 1, 2, 2, 1, 1], 8))
    query, value = (tf.constant(rng.normal(size=s), "float32") for s in ((B, T, D), (B, S, E)))
    mask = rng.random([(T, S), (B, T, S), (B, H, T, S)][seed % 3]) < 0.6
    mask[..., 0] = True  # somewhere to look
    ours, theirs = (kind(H, K, value_dim=width) for kind in (MultiHeadAttention, keras.layers.MultiHeadAttention))
    ours(query, value), theirs(query, value)  # builds the weights
    ours.set_weights([rng.normal(size=w.shape) for w in theirs.get_weights()])
    theirs.set_weights(ours.get_weights())
    pairs = zip(outcome(ours, query, value, mask), outcome(theirs, query, value, mask), strict=True)
    return max(float(tf.reduce_max(tf.abs(a - b)) / (1 + tf.reduce_max(tf.abs(b)))) for a, b in pairs)


# %% [markdown]
# Twelve draws. The difference is relative to the largest number compared.

# %%
differences = [largest_difference(seed) for seed in range(12)]
print("12 comparisons, largest difference below 1e-4:", max(differences) < 1e-4)
assert max(differences) < 1e-4

# %% [markdown]
# What you wrote computes what Keras' layer does, down to rounding. Two things still differ, as lesson 04 has shown: a
# row that may look nowhere, and masks that Keras passes on by itself.
#
# And a third: with heads of width 1, as many as there are words, the two layers differ. The cause lies in how Keras
# 3.15 adds a bias (H, 1) to heads (B, T, H, 1) on TensorFlow, here with T = H = 3:

# %%
zeros, bias = np.zeros((1, 3, 3, 1), "float32"), np.array([[0], [1], [2]], "float32")
show(numpy=(zeros + bias)[0, :, :, 0], keras=ops.add(zeros, bias)[0, :, :, 0], digits=0)

# %% [markdown]
# NumPy gives every word (row) the biases 0, 1, 2 of its heads. Keras takes the bias for that of a picture's channels
# and gives word 0 a 0, word 1 a 1, word 2 a 2. Your `project` adds its bias to a matrix, and is not concerned.
#
# ## What does it cost?
#
# Each of four projections has D·H·K weights; biases add 3·H·K + D. The paper sets K = D/H: eight heads cost as much as
# one. What if somebody sets `key_dim=D` instead?


# %%
def parameters(D, H, K):
    return 4 * D * H * K + 3 * H * K + D


def counted(D, H, K):
    layer = MultiHeadAttention(H, K)
    layer.build((None, None, D), (None, None, D))
    return layer.count_params()


for D, H in ((64, 4), (96, 3), (128, 8)):  # the last is printed
    assert all(counted(D, h, k) == parameters(D, h, k) for h, k in ((1, D), (H, D // H), (H, D)))
    assert counted(D, 1, D) == counted(D, H, D // H)
print(f"one head, K = D: {counted(D, 1, D):,}   {H} heads, K = D/H: {counted(D, H, D // H):,}")
print(f"{H} heads, K = D: {counted(D, H, D):,}   {parameters(D, H, D) / parameters(D, H, D // H):.2f} times")

# %% [markdown]
# Eight times the paper's kernels; one bias keeps its size, so 7.99. Four encoder and four decoder blocks of this width
# have twelve such layers (a decoder block has two):

# %%
small, large = (12 * parameters(D, H, K) / 1e6 for K in (D // H, D))
print(f"twelve layers: {small:.1f} million with K = D/H, {large:.1f} million with K = D")
assert round(small, 1) == 0.8 and round(large, 1) == 6.3

# %% [markdown]
# Those are 5.5 million weights more, for the attention alone.
#
# ## The experiment: two looks at once
#
# At **equal size**, what do many narrow heads do that one wide head cannot? One softmax returns one average. Put that
# to the test, with notes that can be anything.
#
# Eight items lie side by side, each with a note of 8 random numbers; some carry a mark, each another one. One query
# must return the notes of all marked items, in the marks' order. The width of 32 is shared by 1, 2 or 4 heads, so the
# number of weights is always the same:

# %%
from benchmarks.two_looks import batch, build, learn, share_back

sizes = [build(heads, looks=2, task="notes", layer=MultiHeadAttention).count_params() for heads in (1, 2, 4)]
show(sizes=sizes)
assert len(set(sizes)) == 1

# %% [markdown]
# First live, with your layer: two looks, with one head and with two.

# %% tags=["nbval-ignore-output"]
live = {heads: learn(heads, looks=2, seed=0, layer=MultiHeadAttention) for heads in (1, 2)}
came_back = {heads: share_back(model, data, looks=2) for heads, (model, data) in live.items()}
print({f"{heads} head(s)": f"{share:.2f} of the notes came back" for heads, share in came_back.items()})

# %% [markdown]
# *Share* means explained variance: 1 is all, 0 is guessing the mean. Beforehand, each number of heads and looks with
# five seeds:

# %%
from utils.plots.multi_head_attention import load_two_looks, looks_and_heads

stored = load_two_looks()
print("made by:", stored["command"])
means = looks_and_heads(stored, "notes", "H heads bring back about H of n looks", "share of the notes", predicted=True)
show(**{f"looks_{n}": mean for n, mean in means.items()}, digits=2)

# %% [markdown]
# The dotted lines are no fit, but the argument in numbers: H averages carry H of n notes, so the share is H/n. One
# point lies above its line: the single head with two looks, 0.56.

# %%
assert came_back[1] < 0.7 and came_back[2] > 0.97
assert all(np.allclose(means[n], np.minimum(np.array([1, 2, 4]) / n, 1), atol=0.07) for n in means)
assert means[2][0] > 0.54

# %% [markdown]
# Does that head choose which note to keep? Take the sum of the two notes, and their difference, direction by direction,
# the most used one first. How much of each came back?

# %% tags=["nbval-ignore-output"]
items, notes = batch(np.random.default_rng(1), looks=2, size=2048)
back = live[1][0].predict_on_batch(items)  # (2048, 2, 8)


def explained(true, guessed):
    return 1 - np.sum((guessed - true) ** 2) / np.sum((true - true.mean(axis=0)) ** 2)


of_the_sum = explained(notes.sum(axis=1), back.sum(axis=1))
difference, difference_back = notes[:, 0] - notes[:, 1], back[:, 0] - back[:, 1]  # (2048, 8)
directions = np.linalg.svd(difference_back - difference_back.mean(axis=0), full_matrices=False)[2]
by_direction = [explained(difference @ d, difference_back @ d) for d in directions]
show(of_the_sum=of_the_sum, of_the_difference_by_direction=np.array(by_direction), digits=2)

# %% [markdown]
# The sum came back, and of the difference one direction out of eight, whole. So the head keeps neither note. It sends
# the average of both, and found a ninth number to send: **its weights**. A score is a sum over an item's numbers, so
# the weights tell how far the notes differ in one direction, and the two marks, averaged by the same weights, carry
# that out. 9 of 16 numbers are 0.5625.

# %%
assert of_the_sum > 0.95 and by_direction[0] > 0.9 and max(by_direction[1:]) < 0.1

# %% [markdown]
# If that is so, other cases can be predicted. Two notes of 4 numbers: 4 + 1 of 8. Four notes of 8: four weights that
# sum to one tell three numbers, 8 + 3 of 32, though it takes longer to find. Three seeds each, run beforehand:

# %%
for looks, note in ((2, 4), (2, 8), (4, 8)):
    rows = [r for r in stored["longer"] if (r["heads"], r["looks"], r["note"]) == (1, looks, note)]
    share, predicted = np.mean([r["share"] for r in rows]), (note + looks - 1) / (looks * note)
    print(
        f"{looks} looks, notes of {note}, {rows[0]['steps']:4} steps: predicted {predicted:.3f}, measured {share:.3f}"
    )
    assert len(rows) == 3 and abs(share - predicted) < 0.01

# %% [markdown]
# So one head hands back one average, and in its weights n - 1 numbers more. It is 32 wide, and four notes have 32
# numbers: width is not looks.
#
# ## Is it always so?
#
# Let the items carry one of 16 *words* instead of any numbers, the mark still added to them; and then let each marked
# word have a vector of its own, as *Jane* and *September* have theirs. How many are named rightly?

# %%
from utils.plots.multi_head_attention import shares

for task in ("words", "marked words"):
    for looks in (2, 4):
        found = shares(stored, task)[looks].mean(axis=1)
        print(f"{task:13} {looks} looks:  1 head {found[0]:.2f}   2 heads {found[1]:.2f}   4 heads {found[2]:.2f}")

# %% [markdown]
# With few words a single head finds a way to pack two of them into one average, and names 92 in 100; in as many steps
# four are too many for it. And if a word's own vector says which role it has, the average of all loses nothing: one
# head is as good as four.

# %%
assert 0.85 < shares(stored, "words")[2][0].mean() < 0.97 and shares(stored, "words")[4][0].mean() < 0.5
assert shares(stored, "marked words")[4].min() > 0.98

# %% [markdown]
# So many heads buy **several averages instead of one**. That is much where the values could be anything, and little
# where each value says itself where it came from.
#
# ## Real words
#
# Now your layer on real vectors, those of the pre-trained encoder. A question becomes a **direction**: the mean of some
# words of one kind, minus the mean of all kinds. No word of our sentences is in the lists.

# %%
from utils.pretrained import word_vectors

examples = {
    "what's happening?": "goes travels arrives leaves works stays",
    "when?": "January March Monday tomorrow evening year",
    "who?": "Mary Peter Anna Thomas teacher doctor",
    "where?": "Europe Asia London harbour village street",
}
means = np.stack([word_vectors(line.split()).mean(axis=0) for line in examples.values()])  # (4, 384)
directions = means - means.mean(axis=0)
directions /= np.linalg.norm(directions, axis=1, keepdims=True)
show(directions=directions.shape)
assert not set(" ".join(examples.values()).split()) & set("Jane visits Africa in September train station".split())

# %% [markdown]
# Three heads of width 1. `W_k` of each is its direction. `W_q` is zero with a bias of 15, chosen by hand, so that every
# word asks the same with the same force. You only watch the weights.

# %%
looker = MultiHeadAttention(num_heads=3, key_dim=1)
looker.build((None, None, 384), (None, None, 384))
born = looker.get_weights()
born[0], born[1] = np.zeros((384, 3, 1)), np.full((3, 1), 15.0)  # W_q and its bias
born[2] = directions[:3].T[:, :, None]  # W_k: (384, 3, 1)
looker.set_weights(born)


def looks(sentence):
    vectors = word_vectors(sentence.split())[None]  # (1, T, 384)
    _, scores = looker(vectors, vectors, return_attention_scores=True)  # (1, 3, T, T)
    return np.asarray(scores)[0, :, 0]  # every row is the same: take the first


# %% [markdown]
# Change the sentence and run it again.

# %%
sentence = "Jane visits Africa in September"
asked = list(examples)[:3]
top = head_rows(sentence.split(), asked, looks(sentence), "Real word vectors: what each head looks at")
assert [sentence.split()[i] for i in top] == ["visits", "September", "Jane"]

# %% [markdown]
# All three heads find their word, in vectors that nobody made for them. The second sentence?

# %%
sentence = "The train left the station on time"
weights = looks(sentence)
top = head_rows(sentence.split(), asked, weights, "The same heads, another sentence")
assert sentence.split()[top[0]] == "left" and sentence.split()[top[1]] == "time"
assert weights[2].max() < 0.35

# %% [markdown]
# *left* is found, and *time* with *on*, only just. **Who** finds nobody, for nobody is there, and still its weights sum
# to 1. A softmax cannot say *none*.
#
# ## A warning
#
# These heads were **made** to ask. A trained head comes without a label, and it is tempting to look at its row and make
# one up. The encoder whose word vectors you use has six layers of twelve trained heads. What does each of the 72 look
# at? (The two markers that the encoder puts around a sentence are left out, and the rest of each row rescaled to sum to
# 1.)

# %%
from utils.pretrained import fetch, load_encoder, load_tokenizer

encoder, tokenizer = load_encoder(fetch("minilm")), load_tokenizer(fetch("minilm"))


def trained_heads(sentence):
    x, rows = encoder.embedding(np.array([tokenizer.encode(sentence).ids])), []
    for layer in encoder.encoder_layers:
        x, scores = layer(x, return_attention_scores=True)
        rows.append(np.asarray(scores)[0, :, 1:-1, 1:-1])  # (12, T, T)
    rows = np.concatenate(rows)
    return rows / rows.sum(axis=-1, keepdims=True)  # (72, T, T)


# %% [markdown]
# For each question pick the head that suits best where *Africa* asks:

# %%
africa = trained_heads("Jane visits Africa in September")[:, words.index("Africa")]  # (72, 5)
picked = [int(africa[:, words.index(word)].argmax()) for word in ("visits", "September", "Jane")]
top = head_rows(words, asked, africa[picked], "Three of 72 trained heads, picked to please")
assert [words[i] for i in top] == ["visits", "September", "Jane"] and africa[picked[0], 1] > 0.99 and len(africa) == 72

# %% [markdown]
# The first row is perfect. *Africa* asks **what's happening?**, and is told. Is that what this head does? **Sentences
# that were not used for picking** can say. Eight of them, with what should be found; the word for *where* asks.

# %%
tests = {
    "The train left the station on time": "left time train station",
    "Tom plays football at school on Sunday": "plays Sunday Tom school",
    "My sister swam in the lake every morning": "swam morning sister lake",
    "The king slept in his castle all winter": "slept winter king castle",
    "Yesterday the nurse drove to Boston": "drove Yesterday nurse Boston",
    "Lisa reads books in the library at night": "reads night Lisa library",
    "In August the farmer walks across France": "walks August farmer France",
    "The bus stops near the museum at noon": "stops noon bus museum",
}


def hits(rows_of):
    """For each question, in how many of the eight sentences its head looks most at the right word."""
    found = np.zeros(3, int)
    for sentence, line in tests.items():
        *expected, place = line.split()
        top = rows_of(sentence, sentence.split().index(place)).argmax(axis=1)  # three heads' rows, (3, T)
        found += [sentence.split()[i] == word for i, word in zip(top, expected, strict=True)]
    return found


trained = {sentence: trained_heads(sentence) for sentence in tests}
made = hits(lambda sentence, i: looks(sentence))
pleasing = hits(lambda sentence, i: trained[sentence][picked, i])
any_head = np.mean([hits(lambda sentence, i, h=h: trained[sentence][[h, h, h], i]).sum() for h in range(72)])
show(made_from_directions=made, picked_from_trained=pleasing)
print(f"of 24: made {made.sum()}, picked {pleasing.sum()}, a head on average {any_head:.1f}")
assert made.sum() >= 20 and pleasing.sum() <= 8 and pleasing[0] == 0

# %% [markdown]
# The heads made from directions find 22 of 24; the two misses are *who?* where a train and a bus do it. The picked ones
# find 6, where a head on average finds 3, and the one with the perfect row **none** of eight. What does it look at? In
# *Jane visits Africa* the verb stands just before. Its mean weight on the word before, in those eight sentences, from
# every word but the first:

# %%
before = {sentence: np.diagonal(rows, offset=-1, axis1=1, axis2=2) for sentence, rows in trained.items()}  # (72, T - 1)
share = np.concatenate(list(before.values()), axis=1).mean(axis=1)  # (72,)
show(weight_on_the_word_before=share[picked], next_best_head=np.sort(share)[-2])
assert share[picked[0]] > 0.99 and share.argmax() == picked[0]

# %% [markdown]
# It looks at **the word before**, whatever that is. Nothing in the picture was false; the story was.
#
# Must heads be trained to please like this? Take 144 heads of random numbers, as many as BERT-base has: at the scale of
# a start, Glorot's 0.05, on the words as they are and on the same words times √D; and with numbers twenty times as
# large.


# %%
def random_heads(scale, longer, seed):
    w_q, w_k = (scale * np.random.default_rng(seed).normal(size=(2, 144, 384, 32))).astype("float32")

    def rows_of(sentence, i):
        x = np.float32(longer) * word_vectors(sentence.split())
        return np.asarray(scaled_dot_product_attention(x[i : i + 1] @ w_q, x @ w_k, x)[1])[:, 0]  # (144, T)

    return rows_of


for scale, longer, seed in ((0.05, 1, 0), (0.05, 384**0.5, 0), (1.0, 1, 0), (1.0, 1, 1)):
    rows_of = random_heads(scale, longer, seed)
    row = rows_of("Jane visits Africa in September", words.index("Africa"))
    best = [int(row[:, words.index(word)].argmax()) for word in ("visits", "September", "Jane")]
    dark, found = row[best, [1, 4, 0]], hits(lambda sentence, i: rows_of(sentence, i)[best]).sum()  # noqa: B023
    print(f"scale {scale:.2f}, words times {longer:4.1f}, seed {seed}: best three {dark.round(2)}, then {found} of 24")
    assert [words[i] for i in row[best].argmax(axis=1)] == ["visits", "September", "Jane"] and found <= 8

# %% [markdown]
# Each time there is a head whose largest weight lies where you want it. How dark the cell looks is a matter of scale,
# of the numbers or of the words. On new sentences they find 2 to 5 of 24. Heads of a trained model are **measured, not
# narrated**: lesson 09 does that, by switching them off.

# %% [markdown]
# ## What to remember
#
# - A head is one attention with its own small W_q, W_k, W_v. Many heads give many averages; one wide head gives one,
#   and the few numbers that its weights can carry.
# - Split is reshape **and** swap. A reshape alone has the right shape and mixes words: a leak test finds it.
# - While a model is built the batch has no size: -1 in a reshape, never `x.shape[0]`.
# - W_O adds up what the heads contribute, each through its own strip; without it they never meet.
# - K = D/H keeps the size of one head. Arguments: query, value, key; name them.
# - A row of weights is not an explanation: measure a head on sentences that you have not looked at.

# %% [markdown]
# ## Three questions for yourself
#
# <details><summary>1. Which of the layer's eight weights could you set to anything and change no output?</summary>
# The key's bias b. It adds q·b to every score of a row, the same for all keys, and the softmax takes that out again.
# </details>
#
# <details><summary>2. Someone forgets the swap in the split and in the merge. Does the leak test find it?</summary>
# No: each piece returns to where it came from, in order, so nothing flows back from the future. But a head now sees
# only a piece of the sentence, and the last word may not feel the first. Test that the past arrives, too.
# </details>
#
# <details><summary>3. Eight heads with K = D/8, or one with K = D: which has more weights, which more scores?</summary>
# The same number of weights. Eight times the scores: each head has its own (T, S).
# </details>

# %% [markdown]
# **Where to read on:** Vaswani et al. 2017, section 3.2.2, and table 3, rows A, for heads against quality; Michel,
# Levy and Neubig 2019, *Are sixteen heads really better than one?*; Jain and Wallace 2019, *Attention is not
# explanation*, and the answer of Wiegreffe and Pinter in the same year.
#
# **Next:** [06 · The encoder](06_encoder.ipynb)
