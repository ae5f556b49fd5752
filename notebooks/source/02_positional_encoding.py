# %% [markdown]
# # 02 · Positional encoding
#
# **How does an orderless machine know order?**
#
# Attention looks at all words at once, so it cannot know which came first. You will see how blind it is, watch two
# simple remedies fail, and build the one of the paper: a row of clock hands.
#
# | | |
# |---|---|
# | **You build** | `get_angles`, `positional_encoding`, `shift_matrix`, `PositionalEncoding` |
# | **Minutes** | 45 |
# | **You need** | 01; sine and cosine. The encoder's files, fetched once by the set-up |

# %%
import sys

sys.path[:0] = ["..", "../.."]  # where the course's library, utils, lies

from utils.notebook import setup, show

setup(seed=2)

# %% [markdown]
# ## Who bites whom?
#
# Two sentences, the same three words, opposite news. Keras' own attention layer reads both; every word asks all
# words. The input is one sentence of 3 words, 384 numbers each: shape (1, 3, 384).

# %%
import keras
import numpy as np

from utils.pretrained import word_vectors

attention = keras.layers.Attention()


def attend(x):
    return np.asarray(attention([x, x]))[0]  # (T, D)


dog_bites_man = word_vectors(["dog", "bites", "man"])[np.newaxis]
man_bites_dog = dog_bites_man[:, ::-1]

# %% [markdown]
# Set each word's output beside the output of the same word in the other sentence:

# %%
one, other = attend(dog_bites_man), attend(man_bites_dog)
difference = np.abs(one - other[::-1]).max()
show(difference_for_the_same_word=difference, digits=6)
assert difference < 1e-6

# %% [markdown]
# There is none. Shuffle the words, and the outputs are shuffled the same way; nothing else happens. *dog* comes out as
# the same vector whether it bites or is bitten. A recurrent network knows the order because it reads in order.
# Attention has to be **told**: each word's vector must carry its position.
#
# ## First idea: the number itself
#
# Word 0, word 1, word 2, …: add the number to the vector, along some direction of length 1. Here are *king* and
# *football*, which have little in common, both standing at position p.

# %%
from utils.checks import cosine_similarity

king, football = word_vectors(["king", "football"])
direction = np.ones(384) / np.sqrt(384)
alike = {p: cosine_similarity(king + p * direction, football + p * direction) for p in (0, 1, 10, 100)}
for p, value in alike.items():
    print(f"both at position {p:3}: similarity {value:.2f}")
assert alike[0] < 0.1 and alike[100] > 0.99

# %% [markdown]
# The number grows without end, and drowns the word. At position 100 all words are one word.
#
# ## Second idea: a share of the way
#
# Divide by the length T. Now p/T stays between 0 and 1. But what does it mean?

# %%
for T in (5, 50):
    places = np.arange(T) / T
    print(f"T = {T:2}: one step is {places[1]:.2f}, and 0.40 is word {np.argmin(np.abs(places - 0.4))}")
assert np.isclose(2 / 5, 20 / 50)

# %% [markdown]
# The same 0.40 is word 2 or word 20, and *one word further* is 0.20 or 0.02. What a machine learns about neighbours in
# one sentence is wrong in the next.
#
# So this is what we want:
#
# - numbers that stay **small**, however long the text;
# - a **different** pattern for every position;
# - a **step** that is the same everywhere, in every sentence.
#
# ## Counting without growing
#
# Binary numbers meet the first two wishes. Digits are 0 or 1, and four of them tell 16 positions apart:

# %%
from utils.plots.positional_encoding import bits_and_waves

digits, waves = bits_and_waves(positions=16, bits=4)
flips = np.abs(np.diff(digits, axis=0)).sum(axis=1)
show(digits_that_flip=flips)
assert flips.min() == 1 and flips.max() == 4

# %% [markdown]
# The third wish fails: from 6 to 7 one digit flips, from 7 (0111) to 8 (1000) all four. The waves drawn over the
# digits show the way out. They swing at the same paces, one fast, one slow, without a jump.
#
# ## From a wave to a clock hand
#
# A wave by itself is ambiguous: it passes each height twice, going up and going down. The tip of a **clock hand** is
# not. It has two coordinates: the sine of its angle says how far right, the cosine how far up. So columns come in
# pairs, and pair $j$ is one hand:
#
# $$\mathrm{PE}(p)_{2j} = \sin(p\,\omega_j), \qquad \mathrm{PE}(p)_{2j+1} = \cos(p\,\omega_j), \qquad
# \omega_j = \frac{1}{10000^{2j/d}}$$
#
# $p$ is the position, $d$ the number of columns, $j = 0 \dots d/2 - 1$ counts the pairs, and $\omega_j$ is the hand's
# speed in radians a position (Vaswani et al. 2017, section 3.5).
#
# By hand, for $d = 4$ and $p = 3$: two hands, with the speeds $1$ and $1/10000^{2/4} = 1/100$.

# %%
by_hand = np.array([np.sin(3), np.cos(3), np.sin(3 / 100), np.cos(3 / 100)])
show(position_3=by_hand)

# %% [markdown]
# As a loop over positions and pairs. Back comes a row for each position, shape (positions, d):


# %%
def encode_by_loop(positions, d):
    encoding = np.zeros((positions, d))
    for p in range(positions):
        for j in range(d // 2):
            angle = p / 10000 ** (2 * j / d)
            encoding[p, 2 * j] = np.sin(angle)
            encoding[p, 2 * j + 1] = np.cos(angle)
    return encoding


assert np.allclose(encode_by_loop(5, 4)[3], by_hand)

# %% [markdown]
# ## Exercise: `get_angles`
#
# Now without loops. Give back the angle of every position at every column, in radians:
#
# $$\mathrm{angles}_{p,i} = \frac{p}{10000^{2j/d}}, \qquad j = \lfloor i/2 \rfloor$$
#
# `pos` is a column of N positions, shape (N, 1). `i` is a row of column numbers, shape (1, d). Together they broadcast
# to (N, d). Columns $2j$ and $2j+1$ belong to the same hand, so they share one angle.


# %% tags=["from:utils.layers.positional_encoding.get_angles", "exercise"]
def get_angles(pos, i, d: int) -> np.ndarray:
    """The angle of every position at every column.

    Args:
        pos: positions, (N, 1).
        i: column numbers 0…d-1, (1, d). Columns 2j and 2j+1 share one frequency.
        d: the model width.

    Returns:
        (N, d) float64, in radians: pos / 10000^(2j/d).
    """
    j = np.asarray(i) // 2
    return np.asarray(pos, dtype="float64") / 10000.0 ** (2 * j / d)


# %% [markdown]
# The check tries single positions, many at once, and a choice of columns:

# %%
from utils.checks import check, hint

get_angles = check(get_angles)

# %% [markdown]
# Three positions, four columns. Look along a row: the columns come in pairs, and the second pair is 100 times slower.

# %%
angles = get_angles(np.arange(3)[:, np.newaxis], np.arange(4)[np.newaxis], 4)
show(angles=angles)
assert np.array_equal(angles[:, 0::2], angles[:, 1::2])

# %% [markdown]
# ## Exercise: `positional_encoding`
#
# From angles to the encoding: the sine on even columns, the cosine on odd ones. Positions run from 0; the result gets
# an axis of length 1 in front, for the batch: (1, positions, d), in float32.
#
# First, small helpers of the library: they refuse impossible arguments, such as an odd width, with an error that says
# what was received.

# %%
from keras import ops

from utils.layers.contract import arguments_of, check_even, check_positive, check_rank, concrete

# %% [markdown]
# Your answer may do without them, and needs no loop: `get_angles` gives all angles at once.


# %% tags=["from:utils.layers.positional_encoding.positional_encoding", "exercise"]
def positional_encoding(positions: int, d: int):
    """The encoding of positions 0…positions-1: sine on even columns, cosine on odd ones.

    Args:
        positions: how many positions.
        d: the model width, even.

    Returns:
        (1, positions, d) float32.
    """
    check_positive(positions=positions)
    check_even(d)
    angles = get_angles(np.arange(positions)[:, np.newaxis], np.arange(d)[np.newaxis, :], d)
    encoding = np.empty_like(angles)
    encoding[:, 0::2] = np.sin(angles[:, 0::2])
    encoding[:, 1::2] = np.cos(angles[:, 1::2])
    return ops.convert_to_tensor(encoding[np.newaxis], dtype="float32")


# %% [markdown]
# Order of columns, shape and dtype are checked:

# %%
positional_encoding = check(positional_encoding)

# %% [markdown]
# Loop and slices agree, to the seven digits of float32:

# %%
encoding = np.asarray(positional_encoding(60, 128))[0]  # (60, 128)
assert np.allclose(encoding, encode_by_loop(60, 128), atol=1e-6)

# %% [markdown]
# ## The barber's pole
#
# The whole encoding as a picture: 60 positions from top to bottom, 128 columns, red for +1 and blue for −1. Even and
# odd columns are drawn apart. Look how the stripes wind down, tight on the left, ever wider to the right.

# %%
from utils.plots.positional_encoding import barber_pole

changes = barber_pole(encoding)
show(sign_changes=changes[[0, 8, 16, 24, 32]], columns_without=int((changes == 0).sum()))
assert changes[0] == 18 and (np.diff(changes) <= 0).all() and (changes == 0).sum() == 43

# %% [markdown]
# Down the first column the sign changes 18 times. In 43 of the 64 sine columns it never does.
#
# ## The clock hands
#
# The same numbers, drawn as what they are. Four of the eight hands of a small encoding, $d = 16$, position by position:

# %%
from utils.plots.positional_encoding import clock_hands

speeds = clock_hands(encode_by_loop(9, 16), pairs=[0, 1, 2, 4])
show(radians_a_position=speeds)
assert np.allclose(speeds, [1, 10**-0.5, 0.1, 0.01])

# %% [markdown]
# Read a column of clocks from top to bottom: that is one position. The fast hand tells neighbours apart and comes
# round again after six; the slow ones tell early from late. In the left picture above, a red stripe is where the hands
# point to three o'clock, a blue one where they point to nine.
#
# ## Exercise: `shift_matrix`
#
# From any position, three words further means: every hand turns by three times its speed. By the *same* angle,
# wherever it stands. A turn is a matrix. Write the one with
#
# $$\mathrm{PE}(p + k) = R_k\,\mathrm{PE}(p) \quad \text{for every } p$$
#
# It has shape (d, d), zeros nearly everywhere, and one 2 × 2 block along the diagonal for each hand. The block follows
# from two lines of school, with $a = p\,\omega_j$ and $b = k\,\omega_j$:
#
# $$\sin(a + b) = \sin a \cos b + \cos a \sin b, \qquad \cos(a + b) = \cos a \cos b - \sin a \sin b$$


# %% tags=["from:utils.layers.positional_encoding.shift_matrix", "exercise"]
def shift_matrix(k: int, d: int) -> np.ndarray:
    """The matrix R that moves every encoding k positions on: encoding(p + k) = R @ encoding(p), for every p.

    Args:
        k: how many positions; may be negative.
        d: the model width, even.

    Returns:
        (d, d) float64: one 2 x 2 rotation for each frequency, along the diagonal.
    """
    check_even(d)
    angles = get_angles(np.array([[k]]), np.arange(d)[np.newaxis, :], d)[0]
    rotation = np.zeros((d, d))
    for j in range(0, d, 2):
        c, s = np.cos(angles[j]), np.sin(angles[j])
        rotation[j : j + 2, j : j + 2] = [[c, s], [-s, c]]
    return rotation


# %% [markdown]
# Single hands, several hands, and forwards as well as backwards:

# %%
shift_matrix = check(shift_matrix)

# %% [markdown]
# One matrix, built from k = 7 alone, moves 93 different positions. In float64 no number is off by $10^{-12}$:

# %%
E = encode_by_loop(100, 128)  # (100, 128) float64
R = shift_matrix(7, 128)
error = np.abs(E[:-7] @ R.T - E[7:]).max()
print("largest error below 1e-12:", bool(error < 1e-12))
assert error < 1e-12

# %% [markdown]
# That is the third wish, and the paper's reason for sines: *seven words back* is one and the same matrix in the whole
# text. Attention is made of matrices (03), so it can learn this once for all places. (That it can does not mean that
# it will.)
#
# ## What never changes
#
# Turning a hand does not stretch it. So every position has the same length, and two positions that are k apart have
# the same distance, wherever you measure. Both follow from one line, in which $p$ has disappeared ($j$ runs over the
# pairs):
#
# $$\mathrm{PE}(p) \cdot \mathrm{PE}(p + k) = \sum_j \cos(k\,\omega_j)$$

# %%
norms = np.linalg.norm(E, axis=1)
apart = np.linalg.norm(E[5:] - E[:-5], axis=1)  # all pairs five apart
show(norm=norms[[0, 50, 99]], distance_at_lag_5=apart[[0, 45, 94]])
assert np.ptp(norms) < 1e-12 and np.ptp(apart) < 1e-12
assert np.isclose(norms[0], np.sqrt(128 / 2))

# %% [markdown]
# ## A legend, counted
#
# Often you read that the similarity of two positions *falls steadily* with their distance. The sum above is that
# similarity; its mean over the pairs is 1 at distance 0. Let us count, at $d = 100$.


# %%
def similarity(lags, d, base=10000):
    omega = 1 / base ** (np.arange(0, d, 2) / d)  # (d/2,)
    return np.cos(np.outer(lags, omega)).mean(axis=1)


assert np.allclose(similarity(range(100), 128), E @ E[0] / 64)

# %% [markdown]
# Blue where one step further is less alike, as the legend has it; red where it is not:

# %%
from utils.plots.positional_encoding import similarity_against_lag

curve = similarity(range(100), d=100)
rises = similarity_against_lag(curve)
print(rises, "rises in 99 steps")
assert rises == 36 and (np.diff(curve[:12]) < 0).all() and curve[12] > curve[11]

# %% [markdown]
# It falls over the first eleven steps. Further out it ripples: the fast hands come round and point the same way again.
# Near and far are different; but the similarity is no ruler.
#
# ## Why 10000?
#
# A slide of the lecture that this course grew from has 1000 in place of the paper's 10000. Which differences does it
# make? First the similarity, now up to 1000 positions apart.

# %%
from utils.plots.positional_encoding import two_bases

reach = two_bases({base: similarity(range(1001), 128, base) for base in (1000, 10000)})
for base in (1000, 10000):
    omega = 1 / base ** (np.arange(0, 128, 2) / 128)  # (64,)
    slow = (50 * omega < np.pi / 2).sum()
    print(f"base {base:5}: {slow} of 64 hands turn less than a quarter in 50 words;", end=" ")
    print(f"the slowest comes round after {2 * np.pi / omega[-1]:,.0f}")
assert reach[1000] < 0 < reach[10000]

# %% [markdown]
# With 1000 the hands are faster: more of them move within a sentence, and the similarity fades sooner. Is 1000 then
# wrong? Look for two places far apart that could be mistaken for each other:

# %%
far = {base: similarity(range(50, 5000), 128, base).max() for base in (1000, 10000)}
show(most_alike_at_50_or_more=np.array(list(far.values())), digits=2)
assert all(np.isclose(far[base], similarity([50], 128, base)) for base in far)

# %% [markdown]
# None, with either: the most alike are 50 apart, as near as we looked. Within 5000 positions nothing breaks at 1000.
# The paper chose 10000 and gives no reason. What you must not do is to mix the two: they are different encodings.
#
# ## Exercise: `PositionalEncoding`
#
# Now as a Keras layer. It has no weights: `build` computes the table once, (max_length, D). `call` adds to the words
# `x`, (B, T, D), the T rows that begin with row `start`. Usually `start` is 0. When a text is written one word at a
# time (09), the newest word comes alone, and `start` says where it stands.
#
# In `call`, two lines of conditions come first in the library; yours may do without them.


# %% tags=["from:utils.layers.positional_encoding.PositionalEncoding", "exercise:call"]
class PositionalEncoding(keras.layers.Layer):
    """Adds to each word's vector the encoding of its position. No weights.

    Args:
        max_length: the longest sequence it can take.

    Call arguments:
        x: (B, T, D), D even.
        start: the position of the first word of `x`. Returns (B, T, D).
    """

    def __init__(self, max_length, **kwargs):
        super().__init__(**kwargs)
        check_positive(max_length=max_length)
        self.max_length = max_length

    def build(self, input_shape):
        check_even(input_shape[-1])
        columns = np.arange(input_shape[-1])[np.newaxis, :]
        angles = get_angles(np.arange(self.max_length)[:, np.newaxis], columns, input_shape[-1])
        # (max_length, D), in NumPy: `fit` builds layers inside a compiled function, where tensors have no values yet
        self.encoding = np.where(columns % 2 == 0, np.sin(angles), np.cos(angles)).astype("float32")

    def call(self, x, start=0):
        check_rank(x, 3, "x", "(B, T, D)")
        self.check_length(x.shape, start)
        T = ops.shape(x)[1]
        window = ops.slice(ops.cast(self.encoding, x.dtype), (start, 0), (T, x.shape[2]))
        return x + window

    def check_length(self, shape, start=0):
        T, first = shape[1], concrete(start)
        if isinstance(T, int) and first is not None and not 0 <= first <= self.max_length - T:
            raise ValueError(
                f"Positions {first}…{first + T - 1} do not fit into max_length={self.max_length}. "
                f"Received: x of shape {tuple(shape)}, start={first}. Shorten the input or raise max_length"
            )

    def compute_output_shape(self, input_shape):
        self.check_length(input_shape)
        return input_shape

    def get_config(self):
        return {**super().get_config(), **arguments_of(self)}


# %% [markdown]
# Several sentences, several lengths, several starts:

# %%
PositionalEncoding = check(PositionalEncoding)

# %% [markdown]
# A text in two pieces must get what the whole text gets:

# %%
B, T, D = 2, 5, 6
add_positions = PositionalEncoding(max_length=9)
x = np.random.default_rng(0).normal(size=(B, T, D)).astype("float32")
whole = add_positions(x)
pieces = [add_positions(x[:, :3]), add_positions(x[:, 3:], start=3)]
assert np.allclose(whole, np.concatenate(pieces, axis=1))
show(shape=tuple(whole.shape), weights=add_positions.count_params())

# %% [markdown]
# And the dog? The same attention as at the top, the same two sentences, with positions added:

# %%
add_positions = PositionalEncoding(max_length=9)
one, other = attend(add_positions(dog_bites_man)), attend(add_positions(man_bites_dog))
difference = np.abs(one - other[::-1]).max()
show(difference_for_the_same_word=difference, digits=1)
assert difference > 0.5

# %% [markdown]
# Biting and being bitten are different at last.
#
# ## How loud is a position?
#
# You may read that the encoding is a small nudge which does not distort the word. Compare the lengths. Words come
# from an embedding, which the paper multiplies by √d (section 3.4); here with Keras' own random start.

# %%
loudness = {}
for d in (128, 512):
    embedding = keras.layers.Embedding(1000, d)
    words = np.asarray(embedding(np.arange(1000))) * np.sqrt(d)  # (1000, d)
    word, position = np.linalg.norm(words, axis=1).mean(), np.sqrt(d / 2)
    loudness[d] = position / word
    print(f"d = {d}: a word has length {word:.1f}, a position {position:.1f}: ratio {loudness[d]:.1f}")
assert loudness[128] > 2 and 1 < loudness[512] < 1.2

# %% [markdown]
# At d = 128 the nudge is more than twice as long as the word. What does that look like?
#
# ## Words on a plane
#
# Eleven words of four families, shuffled into a "sentence". Words and positions are scaled to length 1; then we can
# choose how loud the positions are.

# %%
sentence = "wolf yellow king football red woman dog green queen basketball man".split()
family = [1, 3, 0, 2, 3, 0, 1, 3, 0, 2, 0]  # people, animals, ball games, colours
words = word_vectors(sentence)
words = words / np.linalg.norm(words, axis=1, keepdims=True)  # (11, 384)
positions = encode_by_loop(11, 384) / np.sqrt(384 / 2)  # (11, 384)

# %% [markdown]
# 384 dimensions do not fit on a screen. The singular value decomposition finds the plane on which the words spread
# most; its first direction is the *main axis*.


# %%
def plane(x):
    x = x - x.mean(axis=0)
    u, s, _ = np.linalg.svd(x, full_matrices=False)
    return u[:, :2] * s[:2]  # (words, 2)


# %% [markdown]
# Left the words alone, right with positions twice as long. The grey line follows the sentence.

# %%
from utils.plots.positional_encoding import words_on_a_plane

loud = words + 2 * positions
planes = {"Words alone: families": plane(words), "Positions twice as long: order": plane(loud)}
_, axis = words_on_a_plane(planes, sentence, family)
assert axis[-3:].min() > axis[:3].max()  # the last three words lie right of the first three

# %% [markdown]
# Meaning has given way to order. Two measurements say how far. In all 384 dimensions: is a word's nearest neighbour of
# its own family? On the main axis: do the places follow the sentence (rank correlation, 1 for perfect order)?


# %%
def nearest_is_family(x):
    distances = np.linalg.norm(x[:, np.newaxis] - x, axis=-1) + 1e9 * np.eye(len(x))
    return sum(family[n] == family[m] for n, m in enumerate(distances.argmin(axis=1)))


def order_on_axis(x):
    ranks = plane(x)[:, 0].argsort().argsort()
    return abs(np.corrcoef(ranks, np.arange(len(ranks)))[0, 1])


# %% [markdown]
# Here with no positions, with positions as long as words, and twice as long:

# %%
for weight in (0, 1, 2):
    x = words + weight * positions
    print(f"weight {weight}: family nearest for {nearest_is_family(x):2} of 11, order {order_on_axis(x):.2f}")
assert nearest_is_family(words) == 11 and nearest_is_family(loud) == 0 and order_on_axis(loud) > 0.95

# %% [markdown]
# One sentence may be luck. So the same for 100 random orders of the eleven words: the line is the median, the shade
# holds all of them. The dashed lines are the two ratios measured above.

# %%
from utils.plots.positional_encoding import order_against_weight

weights = [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 4]
rng = np.random.default_rng(0)
orders = [rng.permutation(11) for _ in range(100)]
correlations = np.array([[order_on_axis(words[o] + w * positions) for w in weights] for o in orders])
marks = {f"d = {d}": ratio for d, ratio in loudness.items()}
median = order_against_weight(weights, correlations, marks)
show(median_at_0_1_2_4=median[[0, 4, 7, 10]], digits=2)
assert median[0] < 0.4 and median[7] > 0.85 and correlations[:, 7].min() > 0.7

# %% [markdown]
# A fresh model of width 512 starts near the balance, one of width 128 hears mostly positions. Training can turn either
# down. But nobody should call it a small nudge.
#
# ## Two things you will meet elsewhere
#
# **Another layout.** Some code puts all sines into the left half and all cosines into the right. All dot products
# between positions stay the same, so a model can learn with it as well. But a trained model expects its own layout.

# %%
halves = np.concatenate([E[:, 0::2], E[:, 1::2]], axis=1)
assert np.allclose(halves @ halves.T, E @ E.T, atol=1e-12)
assert not np.allclose(halves, E)

# %% [markdown]
# **Learned positions.** One can also give each position a row of free numbers and learn them like words; BERT does
# (10). In the paper this scored the same (table 3, row E: 25.7 BLEU against 25.8). So the sines are not there for a
# better score. They stay between −1 and 1 for a text of any length, need no weights, and make each shift a turn.

# %% [markdown]
# ## What to remember
#
# - Attention alone is blind to order: shuffled in, shuffled out.
# - A position is a row of clock hands. Each pair of columns is one hand, from fast to slow.
# - Moving k positions on is one fixed rotation, the same at every place.
# - Lengths and distances are constant. The similarity falls at first, then ripples.
# - Positions are added, so their length competes with the words'. Measure it.

# %% [markdown]
# ## Three questions for yourself
#
# <details><summary>1. Why does each speed need both a sine and a cosine?</summary>
# A sine alone takes each value twice in a turn. And the sine of a sum contains the cosine: without it there would be no
# matrix that moves a position on.
# </details>
#
# <details><summary>2. You forget the factor √128 on the embedding. How much longer is a position than a word?</summary>
# The word has length 3.7 / 11.3, about 0.33, and the position 8: more than twenty times.
# </details>
#
# <details><summary>3. A model has learnt its positions 0 to 511 as free numbers. What of word 600?</summary>
# There is no row for it: an error, or a wrong row. The clock hands have an answer for every position; whether a model
# that never saw it understands it is another question.
# </details>

# %% [markdown]
# **Where to read on:** Vaswani et al. 2017, section 3.5; Su et al. 2021 (RoFormer), who turn the queries and keys
# themselves instead of adding hands to the words, as many language models do today.
#
# **Next:** [03 · Self-attention](03_self_attention.ipynb)
