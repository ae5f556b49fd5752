# %% [markdown]
# # 02 · Positional encoding
#
# **How does an orderless machine know order?**
#
# Attention looks at all words at once, so it cannot know which came first. You see how blind it is, watch two simple
# remedies fail, and build the one of the paper: a row of clock hands. At the end come the same hands in the form that
# Llama and many other language models use.
#
# | | |
# |---|---|
# | **You build** | `get_angles`, `positional_encoding`, `shift_matrix`, `PositionalEncoding` |
# | **Minutes** | 70 |
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
rng = np.random.default_rng(0)
for n in (3, 8, 30):  # any words, in any order
    some, order = rng.normal(size=(1, n, 16)).astype("float32"), rng.permutation(n)
    assert np.allclose(attend(some[:, order]), attend(some)[order], atol=1e-5)

# %% [markdown]
# There is none: *dog* comes out as the same vector whether it bites or is bitten. (So it is with any words in any
# order: the last lines of the cell.) A recurrent network knows the order because it reads in order. Attention in
# which every word sees every word has to be **told**: each word's vector must carry its position. (Where words may
# not look ahead it is another matter, as lesson 04 shows.)
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
# The number grows without end, and drowns the word.
#
# ## Second idea: a share of the way
#
# Divide by the length T. Now p/T stays between 0 and 1.

# %%
for T in (5, 50):
    places = np.arange(T) / T
    print(f"T = {T:2}: one step is {places[1]:.2f}, and 0.40 is word {np.argmin(np.abs(places - 0.4))}")
assert np.isclose(2 / 5, 20 / 50)

# %% [markdown]
# The same 0.40 is word 2 or word 20, and *one word further* is 0.20 or 0.02. What a machine learns about neighbours
# in one sentence is wrong in one of another length.
#
# So three things are wanted:
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
# digits swing at the same paces, one fast, one slow, without a jump.
#
# ## From a wave to a clock hand
#
# A wave by itself is ambiguous: it passes each height twice, going up and going down. The tip of a **clock hand** is
# not. It has two coordinates: the sine of its angle says how far right, the cosine how far up. So columns come in
# pairs, and pair $j$ is one hand:
#
# $$\mathrm{PE}(p)_{2j} = \sin(p\,\omega_j), \qquad \mathrm{PE}(p)_{2j+1} = \cos(p\,\omega_j), \qquad
# \omega_j = \frac{1}{10000^{2j/D}}$$
#
# $p$ is the position, $D$ the number of columns, $j = 0 \dots D/2 - 1$ counts the pairs, and $\omega_j$ is the hand's
# speed in radians a position (Vaswani et al. 2017, section 3.5). The functions below call the width `d`.
#
# By hand, for $D = 4$ and $p = 3$: two hands, with the speeds $1$ and $1/10000^{2/4} = 1/100$.

# %%
by_hand = np.array([np.sin(3), np.cos(3), np.sin(3 / 100), np.cos(3 / 100)])
show(position_3=by_hand)

# %% [markdown]
# As a loop over positions and pairs. Back comes a row for each position, shape (positions, D):


# %%
def encode_by_loop(positions, D):
    encoding = np.zeros((positions, D))
    for p in range(positions):
        for j in range(D // 2):
            angle = p / 10000 ** (2 * j / D)
            encoding[p, 2 * j] = np.sin(angle)
            encoding[p, 2 * j + 1] = np.cos(angle)
    return encoding


assert np.allclose(encode_by_loop(5, 4)[3], by_hand)

# %% [markdown]
# ## Exercise: `get_angles`
#
# Now without loops. Give back the angle of every position at every column, in radians:
#
# $$\mathrm{angles}_{p,i} = \frac{p}{10000^{2j/D}}, \qquad j = \lfloor i/2 \rfloor$$
#
# `pos` is a column of N positions, shape (N, 1). `i` is a row of column numbers, shape (1, D), or fewer of them, and
# `d` is D. Together they broadcast to (N, D); a position may be negative, some steps back. Columns $2j$ and $2j+1$
# belong to the same hand, so they share one angle. Keep the angles in float64, NumPy's own: further on they must be
# right to ten digits.
#
# If you are stuck, `hint("get_angles")`, once the check below has run, prints the first of three hints, then the next.


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
# an axis of length 1 in front, for the batch: (1, positions, D), in float32 and right to five digits.
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
# Loop and slices agree, to five digits behind the point:

# %%
encoding = np.asarray(positional_encoding(60, 128))[0]  # (60, 128)
assert np.allclose(encoding, encode_by_loop(60, 128), atol=1e-5)

# %% [markdown]
# ## The barber's pole
#
# The whole encoding: 60 positions from top to bottom, 128 columns, red for +1 and blue for −1. Even and odd columns
# are drawn apart. The stripes wind down, tight on the left, ever wider to the right.

# %%
from utils.plots.positional_encoding import barber_pole

changes = barber_pole(encoding)
show(sign_changes=changes[[0, 8, 16, 24, 32]], columns_without=int((changes == 0).sum()))
assert changes[0] == 18 and (np.diff(changes) <= 0).all() and (changes == 0).sum() == 43

# %% [markdown]
# Down the first column the sign changes 18 times. In 43 of the 64 sine columns it does not within these 60 positions.
#
# ## The clock hands
#
# The same numbers, drawn as what they are. Four of the eight hands of a small encoding, $D = 16$, position by position:

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
# It has shape (D, D), zeros nearly everywhere, and one 2 × 2 block along the diagonal for each hand, in float64, right
# to twelve digits. The block follows from two identities known from school, with $a = p\,\omega_j$ and $b =
# k\,\omega_j$:
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
# One matrix, built from k alone, moves 100 different positions, on or back. In float64 no number is off by more than
# $10^{-12}$, at any width:

# %%
E = encode_by_loop(100, 128)  # (100, 128) float64
for k, D in ((7, 128), (1, 16), (-3, 128), (40, 512)):
    longer = encode_by_loop(100 + abs(k), D)
    here, there = (longer[:100], longer[k:]) if k > 0 else (longer[-k:], longer[:100])
    error = np.abs(here @ np.transpose(shift_matrix(k, D)) - there).max()
    print(f"k = {k:2}, D = {D:3}: largest error below 1e-12: {error < 1e-12}")
    assert error < 1e-12

# %% [markdown]
# That is the third wish, and a reason that the paper gives for sines: *seven words back* is one and the same matrix
# in the whole text. Attention is made of matrices (03), so it can learn this once for all places, which does not mean
# that it will.
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
# similarity; its mean over the pairs is 1 at distance 0. Count, at $D = 100$.


# %%
def similarity(lags, D, base=10000):
    omega = 1 / base ** (np.arange(0, D, 2) / D)  # (D/2,)
    return np.cos(np.outer(lags, omega)).mean(axis=1)


assert np.allclose(similarity(range(100), 128), E @ E[0] / 64)

# %% [markdown]
# The line is thick where one step further is *more* alike, against the legend:

# %%
from utils.plots.positional_encoding import similarity_against_lag

rises = similarity_against_lag(similarity(range(100), 100))
print(rises, "rises in 99 steps")
assert rises == 36

# %% [markdown]
# It falls at first. Further out it ripples: the fast hands come round and point the same way again. Is that a whim of
# this width?

# %%
for D in (16, 64, 128, 512):
    steps = np.diff(similarity(range(100), D))
    print(f"D = {D:3}: falls for {np.argmax(steps > 0):2} steps, then rises {np.sum(steps > 0):2} times in 99")
    assert 3 <= np.argmax(steps > 0) < 50 and np.sum(steps > 0) > 10

# %% [markdown]
# At every width it falls, then ripples. Near and far are different; but the similarity is no ruler.
#
# ## Why 10000?
#
# The paper gives no reason. What do other bases do? The larger the base, the slower the slowest hand. Each line below
# is drawn to the distance at which the similarity first falls to 0.

# %%
from utils.plots.positional_encoding import reach_of_bases

bases = (10, 100, 1000, 10000, 500000)
reach = reach_of_bases({base: similarity(range(20000), 128, base) for base in bases})
assert reach[10] == 5 and 1600 < reach[10000] < 1800

# %% [markdown]
# A larger base stretches the fall. Why not take a huge one, then? Look at the left end of the lines, at several
# widths:

# %%
for D in (16, 128, 512):
    ends = [int(np.argmax(similarity(range(4000), D, base) <= 0)) for base in bases[:4]]
    alike = [similarity([1], D, base)[0] for base in bases]
    print(f"D = {D:3}: reach {ends}, neighbours alike {np.round(alike, 3)}")
    assert (np.diff(ends) > 0).all() and (np.diff(alike) > 0).all()

# %% [markdown]
# The price of a long reach is that neighbours look more alike, at every width: more hands hardly move from one word
# to the next. So 10000 is a compromise. Models for long texts choose larger ones: Llama 3 has 500,000 (Grattafiori et
# al. 2024). Two bases must not be mixed: a model trained with one gets other numbers from the other.
#
# ## Exercise: `PositionalEncoding`
#
# Now as a Keras layer. It has no weights: `build` computes the table once, (max_length, D). `call` adds to the words
# `x`, (B, T, D), the T rows that begin with row `start`, and gives back the sum, (B, T, D). Usually `start` is 0. When
# a text is written one word at a time (09), the newest word comes alone, and `start` says where it stands.
#
# Before training, Keras compiles the model: it calls the layer once on a tensor without values, whose B is unknown.
# There `x.shape[0]` is None; broadcasting does not ask for it. The same layer is called many times, with other lengths
# and starts, and gradients flow back through it to the words. In `call`, two lines of conditions come first in the
# library; yours may do without them.


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
        positions = ops.add(start, ops.arange(ops.shape(x)[1], dtype="int32"))  # (T,)
        return x + ops.take(ops.cast(self.encoding, x.dtype), positions, axis=0)

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
# Several sentences, several lengths, several starts, and a compiled model:

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
# ## And the dog?
#
# The same attention as at the top, with positions added. Word by word the outputs now differ. But that proves little:
# *dog* has been given another number at another place, and differs even if nobody listens to anybody. A fairer
# measure is the **mean over the words** of the outputs: both sentences have the same words and the same positions, so
# whatever is only added cancels in it.


# %%
def felt(read, words):
    """What turning the sentence around changes: word by word, and in the mean over the words."""
    one, other = read(words), read(words[:, ::-1])
    return np.abs(one - other[::-1]).max(), np.abs(one.mean(axis=0) - other.mean(axis=0)).max()


add_positions = PositionalEncoding(max_length=9)
readers = {
    "attention to words": attend,
    "attention to positions, words left out": lambda x: attend(add_positions(0 * x)),
    "words + positions, attention left out": lambda x: np.asarray(add_positions(x))[0],
    "attention to words + positions": lambda x: attend(add_positions(x)),
}

# %% [markdown]
# Three readers that cannot know who bites, and one that could:

# %%
print(f"{'what the order changes':40}{'by word':>9}{'in the mean':>13}")
for name, read in readers.items():
    by_word, in_mean = felt(read, dog_bites_man)
    print(f"{name:40}{by_word:9.2f}{in_mean:13.4f}")
    assert (in_mean > 1e-3) == (name == "attention to words + positions")

# %% [markdown]
# Word by word, the two readers in the middle look as if they had understood; the mean unmasks them. Only attention to
# words *with* positions tells biting from being bitten. The difference is small, as nothing has been trained. But it
# is there, and not only for the dog:

# %%
sentences = ("cat chases mouse", "king loves queen", "train leaves city", "john sees mary", "old red house")
vectors = [word_vectors(s.split())[np.newaxis] for s in sentences]
changes = np.array([[felt(read, x)[1] for read in readers.values()] for x in vectors])
print("smallest change with words + positions:", f"{changes[:, 3].min():.5f}")
assert changes[:, 3].min() > 1e-4 > 100 * changes[:, :3].max()

# %% [markdown]
# ## How loud is a position?
#
# You may read that the encoding is a small nudge which does not distort the word. Compare the lengths. A position has
# the length $\sqrt{D/2}$. The words come from an embedding, which the paper multiplies by √D (section 3.4). Three
# random starts are common:

# %%
rng = np.random.default_rng(0)
starts = {
    "Keras: uniform, ±0.05": lambda D: rng.uniform(-0.05, 0.05, (1000, D)),
    "normal, variance 1/D": lambda D: rng.normal(size=(1000, D)) / np.sqrt(D),
    "PyTorch: normal, variance 1": lambda D: rng.normal(size=(1000, D)),
}
loudness = {}
for name, start in starts.items():
    for D in (128, 512):
        words = start(D) * np.sqrt(D)  # (1000, D)
        loudness[name, D] = np.sqrt(D / 2) / np.linalg.norm(words, axis=1).mean()
    print(f"{name:28} position / word: {loudness[name, 128]:.2f} at D = 128, {loudness[name, 512]:.2f} at 512")
assert loudness["Keras: uniform, ±0.05", 128] > 2 and loudness["PyTorch: normal, variance 1", 512] < 0.05

# %% [markdown]
# From twice as long as the word to a thirtieth: whether it is a nudge depends on the start. And after training? The
# translator of this course (lesson 08) began with the first row, at D = 128. Here is where it ended, for its French
# words and its English ones:

# %%
from safetensors.numpy import load_file

from utils.notebook import ROOT

stored = load_file(ROOT / "data/translator/model.safetensors")  # its arrays, numbered in the order of the layers
for name, table in (("encoder, French", stored["0000"]), ("decoder, English", stored["0035"])):
    words = table * np.sqrt(128)  # (V, 128)
    loudness[name] = np.sqrt(128 / 2) / np.linalg.norm(words, axis=1).mean()
    longer = loudness["Keras: uniform, ±0.05", 128] / loudness[name]
    print(f"{name:17} position / word: {loudness[name]:.2f}, words {longer:.1f} times as long as at the start")
    assert 0.5 < loudness[name] < 1 < loudness["Keras: uniform, ±0.05", 128]

# %% [markdown]
# Training made the words longer. Even so, a position stays 0.7 to 0.9 times as long as a word. What does that look
# like?
#
# ## Words on a plane
#
# Eleven words of four families, shuffled into a "sentence". Words and positions are scaled to length 1; then you can
# choose how loud the positions are.

# %%
sentence = "wolf yellow king football red woman dog green queen basketball man".split()
family = "animals colours people games colours people animals colours people games people".split()
words = word_vectors(sentence)
words = words / np.linalg.norm(words, axis=1, keepdims=True)  # (11, 384)
positions = encode_by_loop(11, 384) / np.sqrt(384 / 2)  # (11, 384)

# %% [markdown]
# 384 dimensions do not fit on a screen. The singular value decomposition finds the plane on which the words spread
# most, and says which share of their variance lies in it; its first direction is the *main axis*.


# %%
def plane(x):
    x = x - x.mean(axis=0)
    u, s, _ = np.linalg.svd(x, full_matrices=False)
    return u[:, :2] * s[:2], (s[:2] ** 2).sum() / (s**2).sum()  # (words, 2), share of the variance


def nearest_is_family(x):
    distances = np.linalg.norm(x[:, np.newaxis] - x, axis=-1) + 1e9 * np.eye(len(x))
    return sum(family[n] == family[m] for n, m in enumerate(distances.argmin(axis=1)))


# %% [markdown]
# Left the words alone, right with positions twice as long. The grey line follows the sentence.

# %%
from utils.plots.positional_encoding import words_on_a_plane

loud = words + 2 * positions
(alone, share_alone), (with_positions, share_loud) = plane(words), plane(loud)
planes = {f"Words alone ({share_alone:.0%} of the variance)": alone}
planes[f"Positions twice as long ({share_loud:.0%})"] = with_positions
_, axis = words_on_a_plane(planes, sentence, family)
assert axis[-3:].min() > axis[:3].max()  # the last three words lie right of the first three

# %% [markdown]
# On the right the sentence can nearly be read from left to right. Is a word's nearest neighbour of its own family?
# Counted on the plane, which holds a third of the variance on the left, and in all 384 dimensions:

# %%
for name, x, flat in (("alone", words, alone), ("with positions", loud, with_positions)):
    print(f"words {name:14}: nearest is family for {nearest_is_family(flat):2} of 11 on the plane,", end=" ")
    print(f"{nearest_is_family(x):2} in all dimensions")
assert nearest_is_family(words) == 11 and nearest_is_family(alone) == 7 and nearest_is_family(loud) == 0

# %% [markdown]
# (By chance it would be about 2.) With loud positions meaning gives way to order. How far, at which loudness? Compare
# the words' places on the main axis with their places in the sentence: the rank correlation is 1 for perfect order.
# An axis may point either way, so `abs` takes off the sign; that is why even shuffled words do not have 0.


# %%
def order_on_axis(x):
    ranks = plane(x)[0][:, 0].argsort().argsort()
    return abs(np.corrcoef(ranks, np.arange(len(ranks)))[0, 1])


# %% [markdown]
# 60 random orders of the eleven words: the line is the median, the shade holds all of them. The dashed lines are
# ratios measured above.

# %%
from utils.plots.positional_encoding import order_against_weight

weights = [0, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4]
rng = np.random.default_rng(0)
orders = [rng.permutation(11) for _ in range(60)]
correlations = np.array([[order_on_axis(words[o] + w * positions) for w in weights] for o in orders])
marks = {"PyTorch": loudness["PyTorch: normal, variance 1", 128], "trained": loudness["encoder, French"]}
marks |= {f"Keras {D}": loudness["Keras: uniform, ±0.05", D] for D in (128, 512)}
median = order_against_weight(weights, correlations, marks)
show(median_at_0_1_2_4=median[[0, 3, 6, 8]], digits=2)
assert median[0] < 0.4 and median[6] > 0.85 and correlations[:, 6].min() > 0.7

# %% [markdown]
# Does a model that starts on the right hear little but positions? Less so than the ratio says: what all keys have in
# common adds the same to all scores, and the softmax takes it out. In a short text that is much of what positions
# are:

# %%
encoding = encode_by_loop(100, 128)
for T in (5, 11, 100):
    apart = np.linalg.norm(encoding[:T] - encoding[:T].mean(axis=0), axis=1).mean()
    print(f"{T:3} positions: length {np.linalg.norm(encoding[:T], axis=1).mean():.1f}, about their mean {apart:.1f}")
    assert apart < (0.5 if T < 100 else 0.9) * 8

# %% [markdown]
# ## Turning instead of adding: RoPE
#
# Adding makes words and positions share one vector, and compete. There is another way, and `shift_matrix` is all it
# needs: leave the words alone, and **turn** each query by its own position, and each key by its own. A dot product of
# two turned vectors depends on the *difference* of the turns only:
#
# $$(R_p\,a) \cdot (R_{p+k}\,b) = a \cdot R_k\,b \quad \text{for every } p$$
#
# That is RoPE, *rotary position embedding* (Su et al. 2021). Here a query a and a key b stand 7 places apart, at the
# beginning of a text and further on:

# %%
a, b = np.random.default_rng(0).normal(size=(2, 128))
for p in (0, 5, 90):
    turned = np.dot(np.dot(shift_matrix(p, 128), a), np.dot(shift_matrix(p + 7, 128), b))
    added = np.dot(a + E[p], b + E[p + 7])
    print(f"p = {p:2}: score {turned:.3f} turned, {added:6.3f} added")
    assert np.isclose(turned, np.dot(a, np.dot(shift_matrix(7, 128), b)))

# %% [markdown]
# Turned, the score depends on *seven apart* alone; added, on where the pair stands, too. Nobody multiplies by these
# matrices, which are nearly all zeros: two products for each number do the same.


# %%
def turn(x, base=10000):
    """Row p of x (T, K), turned p steps."""
    T, K = x.shape
    angles = np.arange(T)[:, np.newaxis] / base ** (np.arange(0, K, 2) / K)  # (T, K/2)
    c, s, turned = np.cos(angles), np.sin(angles), np.empty_like(x)
    turned[:, 0::2] = c * x[:, 0::2] + s * x[:, 1::2]
    turned[:, 1::2] = c * x[:, 1::2] - s * x[:, 0::2]
    return turned


x = np.random.default_rng(1).normal(size=(9, 16))
assert np.allclose(turn(x), [np.dot(shift_matrix(p, 16), row) for p, row in enumerate(x)])
assert np.allclose(np.linalg.norm(turn(x), axis=1), np.linalg.norm(x, axis=1))  # no vector gets longer

# %% [markdown]
# The same query and the same key at every pair of places. If only the distance counts, each diagonal has one colour
# (each panel has a scale of its own):

# %%
from utils.plots.positional_encoding import scores_by_place

queries, keys = np.tile(a, (60, 1)), np.tile(b, (60, 1))  # (60, 128): one query, one key, wherever they stand
added = (queries + E[:60]) @ (keys + E[:60]).T  # (60, 60)
along = scores_by_place(
    {"Added: the place counts too": added, "Turned: only the distance": turn(queries) @ turn(keys).T}
)
show(difference_along_diagonals=np.array(list(along.values())), digits=1)

# %% [markdown]
# So it is for other queries and keys, other widths and other bases:

# %%
for seed, K, base in ((1, 8, 10000), (2, 64, 10000), (3, 64, 500000), (4, 512, 10)):
    q, k = np.random.default_rng(seed).normal(size=(2, K))
    scores = turn(np.tile(q, (60, 1)), base) @ turn(np.tile(k, (60, 1)), base).T  # (60, 60)
    apart = [np.ptp(np.diagonal(scores, lag)) for lag in range(-59, 60)]
    assert max(apart) < 1e-10 and np.ptp(scores[0]) > 1
print("the same along every diagonal, in all four")

# %% [markdown]
# Nothing is added, so no loudness has to be balanced, and no value is turned. Llama and many other language models
# turn so, in every layer anew. (Their code often pairs column j with column j + K/2 instead of its neighbour: the
# same hands in another order.) This course goes on with the paper's sum; you build RoPE as a layer, and try it on
# longer texts than it learnt from, in [15 · Since 2017](15_since_2017.ipynb).
#
# ## Two more things you will meet
#
# **Another layout.** Some code puts all sines into the left half and all cosines into the right. All dot products
# between positions stay the same, so a model can learn with it as well. But a trained model expects its own layout.

# %%
halves = np.concatenate([E[:, 0::2], E[:, 1::2]], axis=1)
assert np.allclose(halves @ halves.T, E @ E.T, atol=1e-12)
assert not np.allclose(halves, E)

# %% [markdown]
# **Learned positions.** One can also give each position a row of free numbers and learn them like words; BERT does
# (10). In the paper this scored nearly the same (table 3, row E: 25.7 against 25.8 in BLEU, a score of translations,
# the higher the better). So the sines are not there for a better score. They stay between −1 and 1 for a text of any
# length, need no weights, and make each shift a turn.

# %% [markdown]
# ## What to remember
#
# - Attention alone is blind to order: shuffled in, shuffled out. With positions it can tell who bites.
# - A position is a row of clock hands. Each pair of columns is one hand, from fast to slow.
# - Moving k positions on is one fixed rotation, the same at every place.
# - Lengths and distances are constant. The similarity falls at first, then ripples.
# - A larger base reaches further, and makes neighbours more alike.
# - Positions are added, so their length competes with the words'. It depends on the start: measure it.
# - RoPE turns queries and keys instead: their score then depends on their distance alone.

# %% [markdown]
# ## Three questions for yourself
#
# <details><summary>1. Why does each speed need both a sine and a cosine?</summary>
# A sine alone takes each value twice in a turn. And the sine of a sum contains the cosine: without it there would be no
# matrix that moves a position on.
# </details>
#
# <details><summary>2. Keras' start without the factor √128: how much longer is a position than a word?</summary>
# The factor is 11.3, and with it the ratio is 2.2. Without it: about 25.
# </details>
#
# <details><summary>3. A model has learnt its positions 0 to 511 as free numbers. What of word 600?</summary>
# There is no row for it: an error, or a wrong row. The clock hands have an answer for every position; whether a model
# that never saw it understands it is another question.
# </details>

# %% [markdown]
# **Where to read on:** Vaswani et al. 2017, section 3.5; Su et al. 2021, *RoFormer: Enhanced Transformer with Rotary
# Position Embedding*.
#
# **Next:** [03 · Self-attention](03_self_attention.ipynb)
