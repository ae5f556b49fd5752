# %% [markdown]
# # 00 · Start here
#
# **How does this course work?**
#
# You build the Transformer, the machine behind today's language models, out of parts that you write yourself. This
# first lesson shows how: a cell, a check, a mistake that gets named, a cell that passes.
#
# | | |
# |---|---|
# | **You build** | one line of Python |
# | **Minutes** | 10 |
# | **You need** | Python; a little NumPy. No network, no graphics card |

# %% [markdown]
# ## One cell before all others
#
# Every lesson begins like this. The first two lines say where the course's library lies. `setup` then imports
# Keras in silence, fixes the random seeds, and compares your versions with the ones that this lesson was made with.

# %%
import sys

sys.path[:0] = ["..", "../.."]  # where the course's library, utils, lies

from utils.notebook import setup, show

setup(seed=0)

# %% [markdown]
# A cell runs with **Shift + Enter**. The number in brackets beside it counts the cells you have run.
#
# If the line above begins with *Note*, your versions differ from ours. All should work; digits may differ.

# %% [markdown]
# ## The map
#
# Fifteen lessons, in order, and three more for those who want them. Each stands on the ones before it: what you build
# in 03, you use in 05.

# %%
from utils.plots.course_map import series_map

lessons = series_map()
assert len(lessons) == 18

# %% [markdown]
# Every lesson comes twice. In `notebooks/exercises/` some bodies are left blank: **work there**. In `notebooks/`
# the same lesson stands with its answers and outputs: look there when the hints are used up.

# %% [markdown]
# ## Numbers, shapes, and how we print them
#
# A *shape* says how many numbers lie along each axis. All lessons use one alphabet: **B** sentences in a batch, **T**
# words that ask (queries), **S** words that are asked (keys), **H** heads, **K** the width of a head, **D** the width
# of the model, which is how many numbers a word's vector has, **V** words in the vocabulary. Here are B = 2 sentences
# of T = 3 words, D = 4 numbers each.

# %%
import numpy as np

B, T, D = 2, 3, 4
x = np.arange(B * T * D, dtype="float32").reshape(B, T, D)
show(x=x, first_word=x[0, 0], digits=1)

# %% [markdown]
# `show` prints a name, its shape, and the numbers rounded, so that your output and ours can be compared by eye.
#
# Now a layer. It turns every word's 4 numbers into 5 others. The shape says so: the last axis changes from 4 to 5, the
# others stay, whatever they are.

# %%
import keras

layer = keras.layers.Dense(5)
y = layer(x)
show(shape_in=x.shape, shape_out=tuple(y.shape))
assert y.shape == (2, 3, 5)
for sentences, words in ((1, 7), (6, 1)):
    assert layer(np.ones((sentences, words, 4))).shape == (sentences, words, 5)

# %% [markdown]
# How long does one such step take on your machine? The time is yours, so it will not match ours.

# %% tags=["nbval-ignore-output"]
import time

start = time.perf_counter()
for _ in range(100):
    layer(x)
milliseconds = (time.perf_counter() - start) * 10
print(f"one pass through the layer: {milliseconds:.2f} milliseconds")

# %% [markdown]
# ## A check that fails, and says why
#
# Exercises are checked on the spot. Suppose you were asked for a function that gives **twice x**, and wrote this:

# %%
from utils.checks import check


def attempt(x):
    return x**2


# %% [markdown]
# Before you run the next cell: what is `attempt(2)`?

# %%
attempt(2), attempt(3)

# %% [markdown]
# For 2 it is right by accident. Give it to `check`, and read all that it says.

# %%
warm_up_so_far = check(attempt, exercise="warm_up")

# %% [markdown]
# Read it from top to bottom:
#
# - **✓ and ✗**: what holds and what does not, each worth points.
# - **What is wrong**: not *wrong*, but *which mistake this is*.
# - **input, expected, yours**: a small example on which it shows.
# - **The last line**: `check` hands you something to go on with: your own version where it passes, the library's
#   where it does not. You are never stuck behind one exercise.
#
# Where an exercise's docstring has **Raises**, the library refuses such input. Yours may; a check asks for it only
# where the text above the exercise does.

# %%
warm_up_so_far(3)

# %% [markdown]
# Another mistake, another name:

# %%
for slip in (lambda x: x + 2, lambda x: 2.0**x):
    assert check(slip, exercise="warm_up")(3) == 6

# %% [markdown]
# ## Exercise: `warm_up`
#
# Give back twice `x`, where `x` is a number or an array. One line does it; replace
# `raise NotImplementedError` with yours, run the cell, then run the check below it.


# %% tags=["from:utils.checks.start_here.warm_up.warm_up", "exercise"]
def warm_up(x):
    """Twice x, for a number or an array."""
    return 2 * x


# %% [markdown]
# Then hand it over:

# %%
warm_up = check(warm_up)

# %% [markdown]
# Stuck? `hint` gives three hints, one at a time. None gives the answer away. Run this cell again for the next one.

# %%
from utils.checks import hint

hint("warm_up")

# %% [markdown]
# Whatever you came back with now works on arrays of any shape:

# %%
doubled = warm_up(x)
show(doubled=doubled[0], digits=0)
assert np.array_equal(doubled, x + x)

# %% [markdown]
# ## Where you are
#
# `progress` shows every lesson, and the exercises of those that you have begun. It is kept in one file at the top of
# this course, `.progress.json`, and nowhere else; delete that file to start over. (In the lessons with answers nothing
# is counted.)

# %% tags=["nbval-ignore-output"]
from utils.checks import progress

progress()

# %% [markdown]
# ## What to remember
#
# - Work in `notebooks/exercises/`. `check(f)` names the mistake and hands back something that works; `hint("f")`
#   helps three times; the answers stand in `notebooks/`.
# - A layer changes the axis that it works on: a dense one the last, and no other. When lost, print the shapes.

# %% [markdown]
# ## Three questions for yourself
#
# <details><summary>1. An array has shape (2, 3, 4). How many words is that, if the letters are B, T, D?</summary>
# Six: two sentences of three words. Each word is a vector of four numbers.
# </details>
#
# <details><summary>2. Your check fails. What does <code>f = check(f)</code> leave in <code>f</code>?</summary>
# The library's version, so that the cells below still run. Your own returns as soon as it passes.
# </details>
#
# <details><summary>3. Why is <code>attempt(2) == 4</code> no evidence that <code>attempt</code> doubles?</summary>
# Because squaring 2 gives 4 as well. One example can agree by accident; the check tries several, among them zero, a
# negative number and a fraction.
# </details>

# %% [markdown]
# **Read on:** [01 · Why attention?](01_why_attention.ipynb)
