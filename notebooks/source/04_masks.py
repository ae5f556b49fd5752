# %% [markdown]
# # 04 · Masks
#
# **Who may look at whom?**
#
# Attention lets every word look at every other. Two kinds of looking must be forbidden: at padding, which is no word,
# and at the future, which a model that writes does not have yet. A mask forbids. It can be wrong without any error, so
# two tests come with it that you will keep.
#
# | | |
# |---|---|
# | **You build** | `create_padding_mask`, `create_look_ahead_mask`, `combine_masks`, `mask_to_additive`, two layers |
# | **Minutes** | 90 |
# | **You need** | 02 and 03. No network, no graphics card |

# %%
import sys

sys.path[:0] = ["..", "../.."]  # where the course's library, utils, lies

from utils.notebook import setup, show

setup(seed=4)

# %% [markdown]
# ## Padding is not a word
#
# A batch is a rectangle. Our two sentences have 5 and 7 words, so the shorter one is filled up with `[pad]`, id 0. The
# ids have shape (B, S): 2 sentences, 7 places. (The four names imported from the library are helpers of the code
# below.)

# %%
import keras
import numpy as np
from keras import ops

from utils.layers.contract import arguments_of, check_rank
from utils.layers.masks import check_mask, lowest

words = "[pad] Jane visite l'Afrique en septembre The train left the station on time".split()
ids = np.array([[1, 2, 3, 4, 5, 0, 0], [6, 7, 8, 9, 10, 11, 12]])
sentences = [[words[i] for i in row] for row in ids]
show(ids=ids)

# %% [markdown]
# Give each word a random vector of 4 numbers, and let every word attend to its whole sentence. How much of *Jane*'s
# attention goes to the last two places?

# %%
from utils.layers import scaled_dot_product_attention

table = np.random.default_rng(0).normal(size=(len(words), 4)).astype("float32")
x = table[ids]  # (2, 7, 4)
weights = np.asarray(scaled_dot_product_attention(x, x, x)[1])  # (2, 7, 7)
show(jane=weights[0, 0], on_padding=weights[0, 0, 5:].sum())
assert weights[0, 0, 5:].sum() > 0.1

# %% [markdown]
# `[pad]` has a vector like any other id, so it gets its share. Worse, that share depends on how long the *other*
# sentence is. Test it, with any model from ids to numbers: **pad more, and nothing at a real word may change.**


# %%
def padding_test(model, ids, front=0, back=3):
    """The largest change at a real word when every sentence gets more padding. It must be 0."""
    before = model(ids)
    after = model(np.pad(ids, [(0, 0), (front, back)]))[:, front : front + ids.shape[1]]
    return float(np.abs(after - before)[ids != 0].max())


# %% [markdown]
# Attention as such a model: `mask_of` makes a mask from the ids; here it makes none, and the test fails.


# %%
def attention_with(mask_of):
    def model(ids):
        x = table[ids]
        return np.asarray(scaled_dot_product_attention(x, x, x, mask_of(ids))[0])

    return model


change = padding_test(attention_with(lambda ids: None), ids)
show(change=change)
assert change > 0.1

# %% [markdown]
# ## Exercise: `create_padding_mask`
#
# A mask answers one question for each place: *may it be looked at?* In this course it is **boolean, and True means
# yes**. From ids (B, S) and the id of the padding, give back True at words and False at padding, with shape
# **(B, 1, 1, S)**. Attention scores will have shape (B, H, T, S): batch, heads, who looks, who is looked at. The two
# axes of length 1 stand where heads and queries will be, and say: the same for all of them.


# %% tags=["from:utils.layers.masks.create_padding_mask", "exercise"]
def create_padding_mask(token_ids, pad_id: int = 0):
    """True where there is a token, False where there is padding.

    Args:
        token_ids: (B, S).
        pad_id: the id that fills short sentences up.

    Returns:
        (B, 1, 1, S) bool: the same for every head and every query.
    """
    check_rank(token_ids, 2, "token_ids", "(B, S)")
    return ops.expand_dims(ops.not_equal(token_ids, pad_id), (1, 2))


# %% [markdown]
# Stuck? Once the check has run, `hint("create_padding_mask")` gives the first of three hints, the next call the second.

# %%
from utils.checks import check, hint

create_padding_mask = check(create_padding_mask)

# %% [markdown]
# The mask of our batch, drawn without its two axes of length 1:

# %%
from utils.plots.masks import padding_rows

padding_mask = np.asarray(create_padding_mask(ids))
show(shape=padding_mask.shape)
assert padding_rows(sentences, padding_mask[:, 0, 0]) == 12

# %% [markdown]
# With it the padding gets nothing, and the test holds:

# %%
change = padding_test(attention_with(create_padding_mask), ids)
show(change=change)
assert change < 1e-6

# %% [markdown] tags=["slide"]
# Why the ones? Shapes are matched from the right, so a mask (B, S) beside scores (B, H, T, S) has its B taken for T.
# That is an error as a rule. But with as many sentences as words that look it fits, and the first sentence's mask lands
# on the first word of every sentence.

# %%
B, H, T, S = 5, 3, 5, 7
print("with the ones:   ", np.broadcast_shapes((B, 1, 1, S), (B, H, T, S)))
print("without the ones:", np.broadcast_shapes((B, S), (B, H, T, S)), "and no complaint")

# %% [markdown]
# ## The future is not there yet
#
# A model that writes guesses each word from those before. In training it is given the whole sentence, and guesses at
# all places at once. So its answer, the next word, lies right beside it, unless that is hidden.
#
# The second test to keep: **change a word, and nothing before it may change.**


# %%
def leak_test(model, ids):
    """The largest change before a word that was replaced by another. It must be 0."""
    before, worst = model(ids), 0.0
    for t in range(1, ids.shape[1]):
        changed = ids.copy()
        changed[:, t] = np.where(ids[:, t] == 1, 2, 1)  # another word than the one that stands there
        worst = max(worst, np.abs(model(changed) - before)[:, :t].max())
    return float(worst)


# %% [markdown]
# A padding mask does not help here: the future is made of words.

# %%
show(leak=leak_test(attention_with(create_padding_mask), ids))
assert leak_test(attention_with(create_padding_mask), ids) > 0.1

# %% [markdown]
# ## Exercise: `create_look_ahead_mask`
#
# From a length T, give back a boolean square (T, T). Row $i$ is the word that looks, column $j$ the word looked at:
# True where $j \le i$, that is at the word itself and at all before it. No batch axis is needed, since time runs the
# same way in every sentence.


# %% tags=["from:utils.layers.masks.create_look_ahead_mask", "exercise"]
def create_look_ahead_mask(size: int):
    """Each position may look at itself and at what came before.

    Args:
        size: the length T.

    Returns:
        (T, T) bool, True on and below the diagonal.
    """
    positions = ops.arange(size)
    return ops.expand_dims(positions, 1) >= ops.expand_dims(positions, 0)


# %% [markdown]
# Check it:

# %%
create_look_ahead_mask = check(create_look_ahead_mask)

# %% [markdown]
# Read a row from left to right: *station* sees everything up to itself, not *on*, not *time*.

# %%
from utils.plots.masks import mask_grids

look_ahead_mask = np.asarray(create_look_ahead_mask(7))
pairs = mask_grids([("The past and oneself", look_ahead_mask, sentences[1])])
assert pairs == [7 * 8 // 2]

# %% [markdown]
# Now the leak is exactly 0.

# %%
leak = leak_test(attention_with(lambda ids: create_look_ahead_mask(ids.shape[1])), ids)
show(leak=leak)
assert leak == 0.0

# %% [markdown]
# ## Exercise: `combine_masks`
#
# A decoder needs both: allowed is what **every** mask allows. (B, 1, 1, T) and (T, T) broadcast to (B, 1, T, T). Give
# back the "and" of any number of masks. `None` means *no mask* and is ignored; nothing but `None` gives `None`. One
# trap: a mask (B, T, S) beside one of four axes must get an axis for the heads, or its batch lands there.


# %% tags=["from:utils.layers.masks.combine_masks", "exercise"]
def combine_masks(*masks):
    """Allowed is what every mask allows.

    Args:
        masks: bool, of shapes that broadcast; None is ignored. A (B, T, S) mask beside one of four axes
            counts as (B, 1, T, S).

    Returns:
        The broadcast "and", or None where all are None.
    """
    combined, rank = None, max([0, *(len(m.shape) for m in masks if m is not None)])
    for mask in masks:
        if mask is None:
            continue
        mask = check_mask(mask)
        if rank == 4 and len(mask.shape) == 3:
            mask = ops.expand_dims(mask, 1)
        combined = mask if combined is None else ops.logical_and(combined, mask)
    return combined


# %% [markdown]
# Check it:

# %%
combine_masks = check(combine_masks)

# %% [markdown]
# Both sentences with both masks. Jane's grid loses its last two columns, the other is the triangle alone.

# %%
both = np.asarray(combine_masks(create_look_ahead_mask(7), create_padding_mask(ids)))
show(shape=both.shape)
pairs = mask_grids([("Jane …", both[0, 0], sentences[0]), ("The train …", both[1, 0], sentences[1])])
assert pairs == [25, 28]

# %% [markdown]
# All four choices, and both tests, the second with padding behind the words and in front of them:

# %%
masks = {
    "no mask": lambda ids: None,
    "padding": create_padding_mask,
    "look-ahead": lambda ids: create_look_ahead_mask(ids.shape[1]),
    "both": lambda ids: combine_masks(create_look_ahead_mask(ids.shape[1]), create_padding_mask(ids)),
}
results = {}
print("              leak  behind  in front")
for name, mask_of in masks.items():
    model = attention_with(mask_of)
    results[name] = leak_test(model, ids), padding_test(model, ids), padding_test(model, ids, front=3)
    print(f"{name:12}" + "".join(f"{change:7.3f}" for change in results[name]))
assert max(results["both"]) < 1e-6
assert max(results["look-ahead"][:2]) < 1e-6 < results["look-ahead"][2]

# %% [markdown]
# The look-ahead mask alone hides padding that stands *behind*, in every word's future, but not in front. (In front,
# padding also moves words to later places, so a model that knows positions may change; attention alone must not.)
#
# ## Before the softmax, nowhere else
#
# A mask acts on the **scores**, before the softmax. Then the weights of what is left sum to one. Zero the weights
# *after* the softmax, and part of the attention is gone:

# %%
scores = ops.matmul(x, np.swapaxes(x, 1, 2)) / 2  # (2, 7, 7), √4 = 2
allowed = padding_mask[:, 0]  # (2, 1, 7)
before = np.asarray(ops.softmax(ops.where(allowed, scores, -1e9)))
after = np.asarray(ops.softmax(scores)) * allowed
show(before_softmax=before[0].sum(-1), after_softmax=after[0].sum(-1))
assert after[0].sum(-1).max() < 0.99
assert np.allclose(after / after.sum(-1, keepdims=True), before, atol=1e-6)

# %% [markdown]
# Up to a third of the attention is gone. Divided by these sums, as the last line says, both ways would be the same.
#
# And the **ids** are the wrong place. Multiplied by the mask, they stay what they were, and `[pad]` keeps its vector
# and its share:

# %%
assert np.array_equal(ids * padding_mask[:, 0, 0], ids)

# %% [markdown] tags=["slide"]
# ## A mask as numbers
#
# Many libraries *add* the mask to the scores: 0 changes nothing, a very low number sinks a score so deep that its
# weight is 0. How low? Try it on a row that may look **nowhere**. Pad in front, and there it is: the first place could
# only look at itself, and it is padding.

# %%
left = np.array([[0, 0, 1, 2, 3, 4, 5]])
left_mask = np.asarray(combine_masks(create_look_ahead_mask(7), create_padding_mask(left)))[:, 0]  # (1, 7, 7)
show(allowed_pairs=left_mask[0].sum(-1))

# %% [markdown]
# The first row of the weights, four ways: with $-\infty$, with $-10^9$, with $-10^4$, and by our attention.

# %%
x = table[left]  # (1, 7, 4)
scores = ops.matmul(x, np.swapaxes(x, 1, 2)) / 2
infinite = ops.softmax(scores + np.where(left_mask, 0, -np.inf).astype("float32"))
finite = ops.softmax(scores + np.where(left_mask, 0, -1e9).astype("float32"))
small = ops.softmax(scores + np.where(left_mask, 0, -1e4).astype("float32"))
ours = scaled_dot_product_attention(x, x, x, left_mask)[1]
show(minus_infinity=infinite[0, 0], minus_1e9=finite[0, 0], minus_1e4=small[0, 0], ours=ours[0, 0])
assert np.isnan(infinite[0, 0]).all() and np.allclose(finite[0, 0], 1 / 7) and not np.any(ours[0, 0])
assert np.allclose(small[0, 0], ops.softmax(scores)[0, 0], atol=1e-3)  # as if there were no mask

# %% [markdown]
# Minus infinity gives NaN, because the softmax subtracts the largest score, and $-\infty + \infty$ is no number. Beside
# $-10^9$ a float32 cannot hold the scores any more, so the row is uniform. $-10^4$ leaves them their differences, and
# the row is as if there were no mask. Ours gives zero by convention: who may look nowhere sees nothing. NaN spreads:
# one layer on, it is in every row, because $0 \cdot \mathrm{NaN}$ is NaN:

# %%
v = ops.matmul(infinite, x)  # (1, 7, 4): rows 0 and 1 are NaN
next_layer, _ = scaled_dot_product_attention(x, x, v, left_mask)
nan_rows = [int(np.isnan(np.asarray(y)).any(-1).sum()) for y in (v, next_layer)]
print("rows with NaN after one layer, after two:", nan_rows)
assert nan_rows == [2, 7]

# %% [markdown]
# So add $-10^9$? Not in half precision: float16 ends at 65504. Let the number go by the dtype: `lowest(dtype)`,
# imported at the top, is half of the lowest that it holds, so that a score can still be added to it:

# %%
low = ops.cast(ops.convert_to_tensor([-1e4, -1e9]), "float16")
show(minus_1e4=low[0], minus_1e9=low[1], digits=0)
for dtype in ("float32", "float16", "bfloat16"):
    print(f"lowest({dtype!r}) = {lowest(dtype):.3g}")
    assert ops.isfinite(ops.cast(lowest(dtype), dtype))
assert np.isinf(low[1])

# %% [markdown]
# NumPy has such a number too, `np.finfo(dtype).min`, but NumPy alone does not know bfloat16, and refuses:

# %%
try:
    np.finfo("bfloat16")
except (TypeError, ValueError) as error:
    print(f"{type(error).__name__}: {error}")

# %% [markdown]
# ## Exercise: `mask_to_additive`
#
# Turn a boolean mask into numbers to add: 0 where True; elsewhere a number far below any score, and **finite in the
# dtype asked for**, which may be float32, float16 or bfloat16. The shape stays; `mask` may be an array or a tensor.
# Ours takes `lowest(dtype)`.


# %% tags=["from:utils.layers.masks.mask_to_additive", "exercise"]
def mask_to_additive(mask, dtype: str = "float32"):
    """The mask as numbers to add to the scores: 0 where True, a very low one elsewhere.

    Args:
        mask: bool, any shape.
        dtype: that of the scores.

    Returns:
        The same shape in `dtype`, finite in every dtype.
    """
    low = ops.convert_to_tensor(lowest(dtype), dtype)
    return ops.where(check_mask(mask), ops.zeros_like(low), low)


# %% [markdown]
# Any number that is low enough and finite is accepted:

# %%
mask_to_additive = check(mask_to_additive)

# %% [markdown]
# Added to the scores it is finite and forbids all the same, in each dtype:

# %%
for dtype in ("float32", "float16", "bfloat16"):
    weights = ops.softmax(ops.cast(scores, dtype) + mask_to_additive(left_mask, dtype))
    weights = np.asarray(ops.cast(weights, "float32"))[0]
    assert np.isfinite(weights).all() and weights[2, 3:].max() == 0
show(nowhere=weights[0], jane=weights[2])

# %% [markdown]
# ## Keras is of two minds
#
# What does Keras' own layer do with a row that may look nowhere? That depends on whether you also ask for the scores.

# %%
attention = keras.layers.MultiHeadAttention(num_heads=3, key_dim=2)
with_scores, _ = attention(x, x, attention_mask=left_mask, return_attention_scores=True)
without_scores = attention(x, x, attention_mask=left_mask)
difference = np.abs(np.asarray(with_scores - without_scores)).max((0, 2))
show(with_scores=with_scores[0, 0], without_scores=without_scores[0, 0], difference_by_row=difference)
assert difference[:2].min() > 0.01 and difference[2:].max() < 1e-5

# %% [markdown]
# Zeros on one path, something else on the other (Keras 3.15). Rows that may look somewhere agree. So compare with Keras
# only there, and let nothing depend on what a padded row says.
#
# ## Exercises: `PaddingMask` and `LookAheadMask`
#
# Inside a model, masks are made from ids that are not there yet while it is built. Two small layers do that; write
# their `call`. It may use what you have written above, as long as that uses `keras.ops`: NumPy needs numbers that are
# there, and so do `len`, a loop over the batch and `ops.tri`. (The other methods serve saving and model building.)


# %% tags=["from:utils.layers.masks.PaddingMask", "exercise:call"]
class PaddingMask(keras.layers.Layer):
    """`create_padding_mask` as a layer: token ids (B, S) to a bool mask (B, 1, 1, S).

    Args:
        pad_id: the id that fills short sentences up.
    """

    def __init__(self, pad_id=0, **kwargs):
        super().__init__(**kwargs)
        self.pad_id = pad_id

    def call(self, token_ids):
        return create_padding_mask(token_ids, self.pad_id)

    def get_config(self):
        return {**super().get_config(), **arguments_of(self)}

    def compute_output_shape(self, token_ids_shape):
        return (token_ids_shape[0], 1, 1, token_ids_shape[1])

    def compute_output_spec(self, token_ids):
        return keras.KerasTensor(self.compute_output_shape(token_ids.shape), "bool")


# %% [markdown]
# The second takes from `x`, (B, T) or (B, T, D), nothing but its length. One snag: in a model for sentences of any
# length `x.shape[1]` is `None` while it is compiled; `ops.shape(x)[1]` is always the length of axis 1.


# %% tags=["from:utils.layers.masks.LookAheadMask", "exercise:call"]
class LookAheadMask(keras.layers.Layer):
    """`create_look_ahead_mask` as a layer: (B, T) or (B, T, D) to a bool mask (T, T)."""

    def call(self, x):
        if len(x.shape) not in (2, 3):
            raise ValueError(f"`x` must have shape (B, T) or (B, T, D). Received: shape {tuple(x.shape)}")
        return create_look_ahead_mask(ops.shape(x)[1])

    def compute_output_shape(self, x_shape):
        return (x_shape[1], x_shape[1])

    def compute_output_spec(self, x):
        return keras.KerasTensor(self.compute_output_shape(x.shape), "bool")


# %% [markdown]
# Check them:

# %%
PaddingMask = check(PaddingMask)

# %% [markdown]
# And the other:

# %%
LookAheadMask = check(LookAheadMask)

# %% [markdown]
# ## The decoder that cheats
#
# `keras.layers.MultiHeadAttention` takes query, value, key, and then? Code written for Keras 2 passes the mask in
# fourth place, where it was. Ask Keras 3:

# %%
import inspect

names = list(inspect.signature(keras.layers.MultiHeadAttention.call).parameters)
print(", ".join(names[1:8]))

# %% [markdown]
# The fourth is now `query_mask`. And what happens to a mask passed there?

# %%
x = table[ids]
mask = create_look_ahead_mask(7)
_, free = attention(x, x, x, return_attention_scores=True)
_, fourth = attention(x, x, x, mask, return_attention_scores=True)
_, keyword = attention(x, x, x, attention_mask=mask, return_attention_scores=True)
print("fourth position against no mask, largest difference:", float(ops.max(ops.abs(fourth - free))))
print("by keyword, weight on the future:", float(ops.max(ops.where(mask, 0.0, keyword))))
assert np.array_equal(fourth, free)

# %% [markdown]
# Nothing. The layer overwrites it with the implicit mask of its input, here none, without a warning.
#
# What does that do to a model that learns to write? Take a language that is known to the last of its 648 sentences,
# each as likely as the next. The pronoun must fit the name, and the place comes twice.

# %%
from benchmarks.cheating_decoder import FLOOR, HE, ID, LENGTH, SHE, WORDS, language
from utils.layers import PositionalEncoding

corpus = language()  # (648, 11)
wanted = {ID[word] for word in ("Jane", "visits", "Africa", "September")}
jane = next(row for row in corpus if wanted <= set(row.tolist()))
print(" ".join(WORDS[i] for i in jane))
print(f"{len(corpus)} sentences: ln {len(corpus)} / 10 words = {FLOOR:.3f} nats a word")

# %% [markdown]
# Nobody can know beforehand *who* goes, *where*, and in *which month*. A model answers with a probability for every
# word, and its **loss** at a place is $-\ln$ of the probability that it gave to the word that came: 0 for a sure and
# right guess, $\ln 6 = 1.8$ for one out of six. Because of the natural logarithm its unit is called the **nat**. The
# lowest mean loss that can be reached without seeing the future is the language's **entropy**, here 0.647 nats a word:

# %%
choices = [len(set(place)) for place in corpus.T[1:]]  # at each place, how many words may come
print("words that may come:", choices)
entropy = np.mean(np.log([6, 3, 6, 1, 6, 1, 1, 1, 1, 1]))  # the name settles the pronoun, the place comes again
assert choices == [6, 3, 6, 1, 6, 1, 2, 1, 6, 1] and np.isclose(entropy, FLOOR)

# %% [markdown]
# **Over the whole language a loss below it is no skill. It is proof that the answer was seen.** (On a few sentences it
# may also mean that they were learnt by heart.)
#
# Two decoders of one layer, alike but for one line:


# %% tags=["from:benchmarks.cheating_decoder.next_word_model"]
def next_word_model(by_keyword: bool) -> keras.Model:
    """A decoder of one layer: ids (B, T) to a score for every word that may come next, (B, T, V)."""
    ids = keras.Input((None,), dtype="int32")
    embedding = keras.layers.Embedding(len(WORDS), 64, keras.initializers.RandomNormal(stddev=1.0))
    x = PositionalEncoding(max_length=16)(embedding(ids))  # (B, T, 64)
    mask = LookAheadMask()(ids)  # (T, T)
    attention = keras.layers.MultiHeadAttention(num_heads=4, key_dim=32)
    if by_keyword:
        mixed = attention(x, x, x, attention_mask=mask)
    else:
        mixed = attention(x, x, x, mask)  # the fourth position
    return keras.Model(ids, keras.layers.Dense(len(WORDS))(x + mixed))


# %% [markdown]
# Both see the whole language 45 times, in 405 steps, and start from the same weights.

# %%
from benchmarks.cheating_decoder import influence, learn, loss_per_word, right

models, losses = {}, {}
for name in ("by keyword", "fourth position"):
    keras.utils.set_random_seed(4)
    models[name] = next_word_model(by_keyword=name == "by keyword")
    losses[name] = learn(models[name])

# %% [markdown]
# If you saw only these curves, which would you take home?

# %% tags=["nbval-ignore-output"]
from utils.plots.masks import loss_against_floor

loss_against_floor(losses, FLOOR)
final = {name: loss_per_word(model) for name, model in models.items()}
print({name: f"{value:.3f}" for name, value in final.items()}, f"floor {FLOOR:.3f}")

# %% [markdown]
# By keyword, the loss comes down to the floor, near 0.65. In fourth position it goes through, to nothing.

# %%
assert FLOOR - 0.001 < final["by keyword"] < 0.8
assert final["fourth position"] < 0.2

# %% [markdown]
# Now let them write. A start and a name are given; each next word is drawn by the model's own probabilities. The future
# is not written yet.


# %% tags=["from:benchmarks.cheating_decoder.write_sentences"]
def write_sentences(model, number: int, seed: int = 0) -> np.ndarray:
    """A start and a name, then word by word, each drawn by its probability: ids (number, 11)."""
    rng = np.random.default_rng(seed)
    ids = np.array([[ID["[start]"], ID[name]] for name in rng.choice(SHE + HE, number)])
    while ids.shape[1] < LENGTH:
        logits = keras.ops.convert_to_numpy(model(ids))[:, -1]  # (number, V), at the last place
        noise = rng.gumbel(size=logits.shape)  # largest sum = a draw from the softmax
        ids = np.concatenate([ids, np.argmax(logits + noise, axis=-1)[:, None]], axis=1)
    return ids


# %% [markdown]
# Five hundred sentences from each. Right is a sentence that belongs to the language, word for word.

# %% tags=["nbval-ignore-output"]
written = {name: write_sentences(model, 500) for name, model in models.items()}
share = {name: right(sentences).mean() for name, sentences in written.items()}
for name in models:
    print(f"{name}: {100 * share[name]:.0f} % right. For example:")
    for sentence in written[name][:3]:
        print("   ", " ".join(WORDS[i] for i in sentence[1:]))

# %% [markdown]
# The one with the perfect loss learnt to read the answer, and where there is none to read, it babbles.

# %%
assert share["fourth position"] < 0.25
assert share["by keyword"] > share["fourth position"] + 0.2

# %% [markdown]
# A picture of the leak test: replace one word (column) by others, and see how far the guess after each word (row)
# moves: 0 not at all, 1 altogether. Above the stepped line lies the future.

# %% tags=["nbval-ignore-output"]
from utils.plots.masks import influence_maps

panels = [(name.capitalize(), influence(model, jane[:-1])) for name, model in models.items()]
future = influence_maps(panels, [WORDS[i] for i in jane[:-1]])
print("largest influence from the future:", [f"{value:.2f}" for value in future])

# %% [markdown]
# Left, the name sways the pronoun, the first *Africa* decides the second. Right, guesses move with words above the
# line, which are not there when the model writes.
#
# The leak test tells the two apart before any training:

# %%
assert future[0] < 1e-3 and future[1] > 0.5
for seed in (0, 1):
    for by_keyword in (True, False):
        keras.utils.set_random_seed(seed)
        newborn = next_word_model(by_keyword)
        leak = leak_test(lambda ids, model=newborn: np.asarray(model(ids)), corpus[:2])
        print(f"seed {seed}, by keyword: {by_keyword!s:5}  leaks: {leak > 1e-5}")
        assert (leak > 1e-5) != by_keyword

# %% [markdown]
# Was it luck? Twenty seeds for each way, run beforehand by the command below:

# %%
from utils.plots.masks import load_cheating_decoder, loss_and_sentences

stored = load_cheating_decoder()
print("made by:", stored["command"])
dots = loss_and_sentences(stored)
assert dots["keyword"][:, 0].min() > stored["floor"] > 0.2 > dots["fourth position"][:, 0].max()
assert dots["keyword"][:, 1].min() > 0.7 and dots["fourth position"][:, 1].max() < 0.1

# %% [markdown]
# It was not. One of the twenty honest ones lags behind. Exchange *she* and *he* in its wrong sentences: how many are
# right then?

# %%
honest = sorted((row for row in stored["rows"] if row["by_keyword"]), key=lambda row: row["right"])
for name, rows in (("the one that lags", honest[:1]), ("the other nineteen", honest[1:])):
    wrong = sum(round(500 * (1 - row["right"])) for row in rows)
    print(
        f"{name}: loss {rows[0]['loss']:.3f}, {wrong} wrong, {sum(row['pronoun'] for row in rows)} by the pronoun alone"
    )
assert honest[0]["pronoun"] > 0.9 * 500 * (1 - honest[0]["right"])
assert honest[0]["loss"] == max(row["loss"] for row in honest)

# %% [markdown]
# It has half learnt which pronoun fits the name: a coin would miss half of the 500. Its loss, too, is the highest of
# the twenty.
#
# ## The mask that evaporates
#
# Keras can also carry masks *implicitly*: `Embedding(mask_zero=True)` hangs one on its output, and attention picks it
# up. Here three attentions, as in a decoder of three layers, look at one encoded source (2, 7, 8). Jane's last two
# places are padding. How much do they get?

# %%
embedding = keras.layers.Embedding(len(words), 8, mask_zero=True)
source = embedding(ids)  # (2, 7, 8), with a mask hung on it
target = np.random.default_rng(1).normal(size=(2, 5, 8)).astype("float32")
layers = [keras.layers.MultiHeadAttention(num_heads=3, key_dim=4) for _ in range(3)]

looks = [layer(target, source, return_attention_scores=True)[1] for layer in layers]
looks = np.array(looks)  # 3 layers, each (2, 3, 5, 7): B, H, T, S
on_padding = looks[:, 0, :, :, 5:].sum(-1).mean((1, 2))
show(weight_on_padding=on_padding, digits=2)
assert on_padding[0] == 0 and min(on_padding[1:]) > 0.2

# %% [markdown]
# The first masks. The second and the third give more than a quarter to padding, two places of seven. The first
# attention **deleted** the mask from the tensor that it was given:

# %%
from utils.plots.masks import attention_maps

panels = [("First attention", looks[0][0].mean(0)), ("Second", looks[1][0].mean(0))]  # the mean of the heads
drawn = attention_maps(panels, [f"target {t + 1}" for t in range(5)], sentences[0])
assert drawn[0] == 0 and drawn[1] > 0.2
fresh = embedding(ids)
assert hasattr(fresh, "_keras_mask") and getattr(source, "_keras_mask", None) is None

# %% [markdown]
# So in this course masks are **explicit, boolean, and passed by keyword**. Then every layer gets one:

# %%
mask = create_padding_mask(ids)
options = {"attention_mask": mask, "return_attention_scores": True}
looks = np.array([layer(target, source, **options)[1] for layer in layers])
on_padding = looks[:, 0, :, :, 5:].sum(-1).mean((1, 2))
show(weight_on_padding=on_padding, digits=2)
assert not on_padding.any()

# %% [markdown]
# ## Whose padding?
#
# When a decoder looks at a source, the source's padding must be hidden. It is easy to pass the target's instead. Here
# the target has 7 places like the source, and other padding:

# %%
source_ids, target_ids = ids, ids[::-1]  # Jane's target has 7 words, the train's has 5
q, k = table[target_ids], table[source_ids]  # both (2, 7, 4)
for whose, which in (("target", target_ids), ("source", source_ids)):
    _, weights = scaled_dot_product_attention(q, k, k, create_padding_mask(which))  # (2, 7, 7)
    of_jane, of_train = np.asarray(weights)[:, :, 5:].sum(-1).mean(-1)
    print(f"mask of the {whose}: {of_jane:.2f} on Jane's [pad] [pad], {of_train:.2f} on the train's 'on time'")

# %% [markdown]
# With the target's, *Jane*'s padding is looked at and *on time* is hidden. Nothing complains, because S = T. With S ≠
# T:

# %%
short = target_ids[:, :5]  # T = 5, S = 7
try:
    scaled_dot_product_attention(table[short], k, k, create_padding_mask(short))
except ValueError as error:
    print("ValueError:", str(error).split("Received: ")[1])

# %% [markdown]
# Equal sizes hide mistakes. So let all sizes differ in examples and tests.
#
# ## Four masks that you will meet
#
# Keras makes the look-ahead mask itself, also called **causal mask**, where it is asked: `use_causal_mask=True`. It
# combines it with the mask that you pass. It counts queries from 0: if you ask with the last word alone, as when you
# write word by word, you get the first word's row.

# %%
attention = keras.layers.MultiHeadAttention(num_heads=3, key_dim=2)
x, causal, padding = table[ids], create_look_ahead_mask(7), create_padding_mask(ids)
by_flag = attention(x, x, attention_mask=padding, use_causal_mask=True)
by_hand = attention(x, x, attention_mask=combine_masks(causal, padding))
_, last = attention(x[:, 6:], x, use_causal_mask=True, return_attention_scores=True)  # (2, 3, 1, 7)
print("by the flag as by hand:", np.array_equal(by_flag, by_hand), " words the last one sees:", np.sum(last[1, 0] > 0))
assert np.array_equal(by_flag, by_hand) and np.all(last[..., 1:] == 0)

# %% [markdown]
# A **sliding window** lets a word see itself and w - 1 words before, no further: about T·w pairs instead of T(T+1)/2,
# so that long texts cost less. What lies further back arrives through the layers, w - 1 words for each. Change the
# first of twelve words: which is the last that feels it?


# %%
def sliding_window(T, width):
    back = np.arange(T)[:, None] - np.arange(T)  # (T, T): how many words back
    return (back >= 0) & (back < width)


for width, depth in ((3, 1), (3, 2), (3, 4), (5, 2)):
    y = np.random.default_rng(1).normal(size=(1, 12, 4)).repeat(2, axis=0)
    y[1, 0] += 1
    for _ in range(depth):
        y = np.asarray(scaled_dot_product_attention(y, y, y, sliding_window(12, width))[0])
    felt = np.nonzero((y[0] != y[1]).any(axis=-1))[0].max()
    print(f"window {width}, {depth} layers: {sliding_window(12, width).sum()} pairs a layer, felt {felt} words further")
    assert felt == depth * (width - 1)

# %% [markdown]
# A **packed batch** wastes no place on padding: several sentences stand in one row, and the mask keeps each to itself.
# Then every word gets what it would get alone. (Positions that are added must begin anew with each sentence.)

# %%
row, sentence = ids[ids > 0], np.repeat([0, 1], [5, 7])  # (12,): the words of both, and whose they are
x = table[row][None]  # (1, 12, 4)
packed_mask = combine_masks(create_look_ahead_mask(12), sentence[:, None] == sentence)
packed, _ = scaled_dot_product_attention(x, x, x, packed_mask)
parts = [x[:, :5], x[:, 5:]]
alone = [scaled_dot_product_attention(p, p, p, create_look_ahead_mask(p.shape[1]))[0] for p in parts]
_, open_weights = scaled_dot_product_attention(x, x, x, create_look_ahead_mask(12))
print("largest difference from each sentence alone:", np.abs(packed - np.concatenate(alone, axis=1)).max())
print(f"look-ahead mask alone, weight on the other sentence: {np.asarray(open_weights)[0, 5:, :5].sum(-1).mean():.2f}")
assert np.abs(packed - np.concatenate(alone, axis=1)).max() < 1e-6

# %% [markdown]
# **ALiBi** (Press, Smith and Lewis 2022) is an additive mask whose numbers are not only 0 and very low: each step back
# costs a little more. Among equal scores each step back has $e^{-\text{slope}}$ times the weight of the one before,
# and the order of the words counts without any encoding of positions. Exchange two words, and look at the last one,
# after one layer and after two:


# %%
def alibi(T, slope):
    back = np.arange(T)[:, None] - np.arange(T)
    return mask_to_additive(create_look_ahead_mask(T)) - (slope * back).astype("float32")


station = table[ids[1]]  # The train left the station on time
exchanged = station[[0, 4, 2, 3, 1, 5, 6]]  # The station left the train on time
for slope in (0, 1 / 2, 1 / 4, 1 / 16):
    equal, pair, moved = np.asarray(ops.softmax(alibi(7, slope)))[-1], [station, exchanged], []
    for _ in range(2):
        pair = [np.asarray(ops.softmax(y @ y.T / 2 + alibi(7, slope)) @ y) for y in pair]
        moved.append(np.abs(pair[0] - pair[1])[-1].max())
    print(f"slope {slope:.4f}: a step back has {equal[2] / equal[3]:.3f} of the weight, the exchange moves", end=" ")
    print(f"{moved[0]:.3f}, {moved[1]:.3f}")
    assert np.allclose(equal[:-1] / equal[1:], np.exp(-slope), atol=1e-4) and (moved[0] > 1e-3) == (slope > 0)
    assert moved[1] > 1e-3

# %% [markdown]
# At slope 0 there is the look-ahead mask alone, and it too tells the order, from the second layer on: after the first,
# each word holds a mixture of all words up to its own place.

# %% [markdown]
# ## One table of conventions
#
# | who | form | may be looked at | must not |
# |---|---|---|---|
# | Keras, this course | bool | True | False |
# | PyTorch, the function `nn.functional.scaled_dot_product_attention` | bool | True | False |
# | PyTorch, the class `nn.MultiheadAttention` | bool | **False** | **True** |
# | Hugging Face, `attention_mask` (B, S) | integer | 1 | 0 |
# | added to the scores | float | 0 | very low, or −∞ |
#
# Two parts of one library say opposite things. Keep one form inside, and convert at the border:


# %%
def to_torch_multihead(mask):
    return np.logical_not(mask)


def to_hugging_face(mask):
    return np.asarray(mask)[:, 0].any(axis=1).astype(int)  # (B, 1, T or 1, S) -> (B, S): seen by any query


def from_hugging_face(ones):
    return (np.asarray(ones) == 1)[:, None, None]  # (B, S) -> (B, 1, 1, S)


def from_additive(numbers):
    return np.asarray(numbers) > -1e3  # a penalty for distance is not yet a mask


# %% [markdown]
# Do the libraries read them so? They were asked beforehand. This is what PyTorch was given (with one-hot values the
# output of its function is the weights):


# %% tags=["from:benchmarks.mask_conventions.in_torch"]
def in_torch(q, k, mask) -> dict:
    """The weights (B, T, S) that PyTorch gives, by what it was passed. `mask` is (B, 1, S), True = may be looked at."""
    import torch

    q, k, mask = map(torch.from_numpy, (q, k, mask))
    B, S, D = k.shape
    low = torch.zeros(mask.shape).masked_fill(~mask, -torch.inf)
    ones = torch.eye(S).expand(B, S, S)  # with these as values the output is the weights
    layer = torch.nn.MultiheadAttention(D, num_heads=1, bias=False, batch_first=True)
    layer.in_proj_weight.data = torch.eye(D).repeat(3, 1)  # W_q = W_k = W_v = 1

    def function(m):
        return torch.nn.functional.scaled_dot_product_attention(q, k, ones, attn_mask=m)

    def class_(m):
        return layer(q, k, k, key_padding_mask=m[:, 0])[1]

    return {
        "torch, the function, mask": function(mask),
        "torch, the function, 0 and -inf": function(low),
        "torch, the class, ~mask": class_(~mask),
        "torch, the class, 0 and -inf": class_(low),
        "torch, the class, mask": class_(mask),
    }


# %% [markdown]
# Three random cases of different sizes; `transformers` was asked with a small BERT. Beside the weight on padding
# stands the largest difference from the weights that our own attention gives the same queries, keys and mask.

# %%
from benchmarks.mask_conventions import drawn
from utils.plots.masks import load_conventions

asked = load_conventions()
print("made by:", asked["command"], asked["versions"])
ours = [scaled_dot_product_attention(q, k, k, mask)[1] for q, k, mask in map(drawn, range(3))]
measured = {}
for row in asked["rows"]:
    gap = np.abs(row["weights"] - np.asarray(ours[row["seed"]])).max() if "weights" in row else np.nan
    measured.setdefault(row["passed"], []).append((row["on_padding"], gap))
for passed, cases in measured.items():
    on_padding, gap = np.max(cases, axis=0)
    print(f"{passed:31} weight on padding {on_padding:.2f}" + ("" if np.isnan(gap) else f", from ours {gap:.3f}"))
    slip = passed in ("torch, the class, mask", "transformers, 0 = token")
    assert on_padding == slip and (slip or not gap > 2e-6)

# %% [markdown]
# Converted, PyTorch gives our weights. The class with our mask as it is, and `transformers` with 0 for a token, are the
# slip: *all* attention goes to padding. And the ways back:

# %%
assert np.array_equal(from_hugging_face(to_hugging_face(padding_mask)), padding_mask)
assert np.array_equal(from_additive(mask_to_additive(padding_mask)), padding_mask)
assert np.array_equal(from_additive(np.where(padding_mask, 0, -np.inf)), padding_mask)
assert np.array_equal(from_additive(alibi(7, 1 / 4)), create_look_ahead_mask(7))
assert np.array_equal(to_hugging_face(both), to_hugging_face(padding_mask))

# %% [markdown]
# ## What to remember
#
# - Boolean, True = may be looked at, passed by keyword. Padding (B, 1, 1, S), look-ahead (T, T), both (B, 1, T, T).
# - Masks act on scores, before the softmax, with a low number that the dtype can hold.
# - Two tests for every model: pad more, no word may move; where it must not see the future, change that, and nothing
#   before may move.
# - A loss that is too good is a leak until you have shown that it is none.
# - Window, packed batch and ALiBi are further masks on the same scores.
# - Two libraries, and two parts of one, disagree on what True means: convert at the border.

# %% [markdown]
# ## Three questions for yourself
#
# <details><summary>1. An encoder reads whole sentences. Which mask does it need, and which must it not have?</summary>
# A padding mask, if the batch is padded. No look-ahead mask: the whole sentence is there, and a word may well be
# explained by one that follows.
# </details>
#
# <details><summary>2. Your decoder's loss is 0.01 after a minute. What do you do first?</summary>
# Run the leak test. Then think about how low an honest loss can be: nobody knows the next word that surely.
# </details>
#
# <details><summary>3. Why does a decoder with a look-ahead mask pass the padding test without a padding mask?</summary>
# Its padding stands behind, in the future of every word. Pad in front, and it fails.
# </details>

# %% [markdown]
# **Where to read on:** Vaswani et al. 2017, section 3.2.3, gives masking one sentence: illegal connections are set to
# −∞ before the softmax. The rest of this lesson is what that sentence costs in practice.
#
# **Next:** [05 · Many heads](05_multi_head_attention.ipynb)
