# %% [markdown]
# # 10 · A pre-trained encoder
#
# **Is the thing I built really BERT?**
#
# Somebody has trained an encoder on more text than you will read in your life, and put its weights in a file. You
# open that file, give its numbers to the layers that you wrote, and compare what comes out with what the original
# computes. Then you ask it what a *date* is.
#
# | | |
# |---|---|
# | **You build** | `wordpiece_tokenize`, `map_weights`, `mean_pool` |
# | **Minutes** | 60 |
# | **You need** | 06. The encoder's files, fetched once by the set-up |

# %%
import sys

sys.path[:0] = ["..", "../.."]  # where the course's library, utils, lies

from utils.notebook import ROOT, setup, show

setup(seed=10)

# %% [markdown]
# ## What lies in the folder
#
# BERT (Devlin et al. 2018) is the encoder of lesson 06, trained on billions of words, above all by **masked-language
# modelling**: some words are hidden, and it must guess them from the rest. Ours is a small relative, all-MiniLM-L6-v2:
# taught by a larger model (Wang et al. 2020), then by a billion pairs of sentences to give similar sentences similar
# vectors. `fetch` finds its folder:

# %%
import json

from utils.pretrained import fetch

folder = fetch("minilm")
for name in ("config.json", "vocab.txt", "tokenizer.json", "model.safetensors"):
    print(f"{name:20}{(folder / name).stat().st_size:>12,} bytes")

# %% [markdown]
# How large is it?

# %%
config = json.loads((folder / "config.json").read_text())
for key in ("num_hidden_layers", "hidden_size", "num_attention_heads", "intermediate_size", "hidden_act"):
    print(f"{key:22}{config[key]}")
assert config["hidden_size"] % config["num_attention_heads"] == 0

# %% [markdown]
# In this course's words: 6 layers, D = 384, H = 12 heads of width 32, F = 1536. From text to the last hidden states it
# is this machine. Blue you have built; red is new.

# %%
from utils.plots.pretrained_encoder import machine

boxes = machine(config["num_hidden_layers"], config["num_attention_heads"], config["hidden_size"])
assert len(boxes) == 5

# %% [markdown]
# ## From text to pieces
#
# A model has a table with one row for each word, so the words must be few. `vocab.txt` has one **piece** a line:
# frequent words whole, others in parts. A piece that continues a word begins with `##`.

# %%
vocab = set((folder / "vocab.txt").read_text(encoding="utf-8").split("\n"))
for word in ("train", "station", "snowflakes", "untranslatable"):
    print(f"{word:15}is a piece: {word in vocab}")
assert "station" in vocab and "snowflakes" not in vocab and {"snow", "##fl", "##akes"} <= vocab

# %% [markdown]
# ## Exercise: `wordpiece_tokenize`
#
# Cut a word into pieces, greedily: take the **longest** piece of the vocabulary that stands at the start; then the
# longest that stands behind it, looked up with `##` in front; and so on to the end. What was taken is never taken
# back. If at some place not even one letter fits, the **whole** word becomes `[unknown]`, a list with one piece.
#
# `vocab` answers to `in`: `"##fl" in vocab`. Back comes a list of pieces; an empty word has none.


# %% tags=["from:utils.pretrained.checkpoint.wordpiece_tokenize", "exercise"]
def wordpiece_tokenize(word: str, vocab, unknown: str = "[UNK]") -> list[str]:
    """Cuts a word into the longest pieces that the vocabulary holds, from the left, as BERT does (Devlin et al. 2018).

    Args:
        word: one word, already lower-cased where the vocabulary is.
        vocab: the pieces; one that continues a word is written "##…".
        unknown: what the whole word becomes where some part of it is in no piece.

    Returns:
        The pieces, none for an empty word.
    """
    pieces, start = [], 0
    while start < len(word):
        mark = "##" if start else ""
        for end in range(len(word), start, -1):  # the longest first
            if mark + word[start:end] in vocab:
                break
        else:
            return [unknown]
        pieces.append(mark + word[start:end])
        start = end
    return pieces


# %% [markdown]
# The check has little vocabularies of its own, made of traps. If you are stuck, `hint("wordpiece_tokenize")`,
# once the check has run, helps a little, a second and a third time a little more.

# %%
from utils.checks import check, hint

wordpiece_tokenize = check(wordpiece_tokenize)

# %% [markdown]
# Now real words. This vocabulary is English and lower-cased: French falls to pieces in it.

# %%
for word in ("snowflakes", "untranslatable", "september", "septembre", "afrique", "東"):
    print(f"{word:15}{wordpiece_tokenize(word, vocab)}")
assert wordpiece_tokenize("snowflakes", vocab) == ["snow", "##fl", "##akes"]

# %% [markdown]
# A rare word costs several places, and a strange one is still a few known pieces, **if** the vocabulary has each of its
# letters. Where one is missing, the word leaves a hole:

# %%
letters = {piece.removeprefix("##") for piece in vocab if len(piece.removeprefix("##")) == 1}
print(len(letters), "letters and signs")
for word in ("🙂", "ᚠ", "5₿", "café"):
    print(f"{word:6}{wordpiece_tokenize(word, vocab)}")
assert [wordpiece_tokenize(word, vocab) for word in ("🙂", "ᚠ", "5₿", "café")] == [["[UNK]"]] * 4

# %% [markdown]
# With `₿` the 5 is lost too. Even *café* would be, were it not for what the library's tokenizer does first. It
# lower-cases, **strips accents**, and splits off punctuation; then it cuts as you do, fast; then it frames the text,
# `[CLS]` in front and `[SEP]` behind.

# %%
from utils.pretrained import load_tokenizer

tokenizer = load_tokenizer(folder)
sentence = "Jane visite l'Afrique en septembre"
code = tokenizer.encode(sentence)
print(code.tokens)
words = "jane visite l ' afrique en septembre".split()
assert code.tokens[1:-1] == [piece for word in words for piece in wordpiece_tokenize(word, vocab)]

# %% [markdown]
# What accents tell apart is one for this model. In French a peach is no sin:

# %%
for text in ("café", "pêche", "péché", "Zoë sent 🙂"):
    print(f"{text:12}{tokenizer.encode(text).tokens[1:-1]}")
assert tokenizer.encode("pêche").ids == tokenizer.encode("péché").ids
assert "[UNK]" in tokenizer.encode("Zoë sent 🙂").tokens

# %% [markdown]
# Each piece becomes its line number in `vocab.txt`, its **id**. Each also remembers where it came from: `offsets` are
# places in the text, first letter and one past the last.

# %%
for token, number, (start, end) in list(zip(code.tokens, code.ids, code.offsets, strict=True))[5:9]:
    print(f"{token:7}{number:>6}   {sentence[start:end]!r}")
assert [sentence[start:end] for start, end in code.offsets[6:9]] == ["Af", "ri", "que"]

# %% [markdown]
# Two texts can go in together, a question and a page, say. Then each place has a **segment**, 0 or 1, which tells the
# first text from the second.

# %%
pair = tokenizer.encode("When?", "In September.")
print(pair.tokens)
print(pair.type_ids)
assert pair.type_ids == [0, 0, 0, 0, 1, 1, 1, 1]

# %% [markdown]
# ## The skeleton
#
# BERT's layers are yours. Its embedding is not. What differs from lesson 06:
#
# | | the paper's encoder (06) | BERT |
# |---|---|---|
# | positions | sines, computed | a table, learnt: as many rows as the longest text |
# | word vectors | times √D | as they are |
# | segments | none | a table of two rows |
# | after the sum | dropout | layer norm, then dropout |
# | the feed-forward network's bend (activation) | relu | gelu, a smooth relu |
# | epsilon in the norms | 1e-6 | 1e-12 |
#
# The last two are arguments of your `EncoderLayer`. The rest is one new layer. `segments` fills in zeros where no
# segments are given.

# %%
import keras
import numpy as np
from keras import ops

from utils.layers.contract import arguments_of, check_positive, check_token_ids
from utils.layers.pretrained_encoder import segments, spread

# %% [markdown]
# Three tables, added up, then a norm and dropout:


# %% tags=["from:utils.layers.pretrained_encoder.BertEmbedding"]
class BertEmbedding(keras.layers.Layer):
    """Word + position + segment, each a row of a table that is learnt; then a norm. No factor √D, no sines.

    Args:
        input_vocab_size: V. embedding_dim: D. maximum_position_encoding: the longest text.
        num_token_types: how many segments; 0 for none.
        layernorm_eps: the norm's epsilon. dropout_rate: after the norm.

    Call arguments:
        token_ids: (B, T). token_type_ids: (B, T), the segment; None is all 0; unused where there are none.
        Returns (B, T, D).
    """

    def __init__(self, input_vocab_size, embedding_dim, maximum_position_encoding, num_token_types=2,
                 layernorm_eps=1e-12, dropout_rate=0.1, **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        check_positive(input_vocab_size=input_vocab_size, maximum_position_encoding=maximum_position_encoding)
        self.input_vocab_size, self.embedding_dim = input_vocab_size, embedding_dim
        self.maximum_position_encoding, self.num_token_types = maximum_position_encoding, num_token_types
        self.layernorm_eps, self.dropout_rate = layernorm_eps, dropout_rate
        self.word = self.make_table(input_vocab_size)
        self.position = self.make_table(maximum_position_encoding)
        self.token_type = self.make_table(num_token_types) if num_token_types else None
        self.norm = keras.layers.LayerNormalization(epsilon=layernorm_eps, dtype=self.dtype_policy)
        self.dropout_layer = keras.layers.Dropout(dropout_rate, dtype=self.dtype_policy)

    def make_table(self, rows):
        initializer = keras.initializers.TruncatedNormal(stddev=0.02)  # BERT's; a checkpoint overwrites it
        return keras.layers.Embedding(rows, self.embedding_dim, initializer, dtype=self.dtype_policy)

    def build(self, token_ids_shape):
        for table in (self.word, self.position, self.token_type):
            if table is not None:
                table.build(token_ids_shape)
        self.norm.build((*token_ids_shape, self.embedding_dim))

    def call(self, token_ids, token_type_ids=None, training=None):
        x = self.word(token_ids)  # (B, T, D)
        x = x + self.position(ops.arange(ops.shape(token_ids)[1]))  # (T, D), the same for every text
        if self.token_type is not None:
            x = x + self.token_type(segments(token_ids, token_type_ids, self.num_token_types))
        return self.dropout_layer(self.norm(x), training=training)

    def get_config(self):
        return {**super().get_config(), **arguments_of(self)}

    def compute_output_shape(self, token_ids_shape):
        return (*token_ids_shape, self.embedding_dim)


# %% [markdown]
# Two sentences of five ids, D = 6:

# %%
embedding = BertEmbedding(input_vocab_size=23, embedding_dim=6, maximum_position_encoding=11)
x = embedding(np.array([[4, 7, 2, 0, 0], [4, 4, 4, 4, 4]]))
show(shape=tuple(x.shape), same_id_elsewhere=np.allclose(x[1, 0], x[1, 1]))
assert x.shape == (2, 5, 6) and not np.allclose(x[1, 0], x[1, 1])

# %% [markdown]
# The same id at two places has two vectors, as positions are in the sum. The whole encoder is this embedding and a
# list of `EncoderLayer`s. This is its method `call`, shown alone. `spread` gives the padding mask (B, T) the shape
# (B, 1, 1, T), the same for every head and every query, and each layer gets it.


# %% tags=["from:utils.layers.pretrained_encoder.PretrainedEncoder.call"]
def call(self, token_ids, token_type_ids=None, padding_mask=None, training=None):
    check_token_ids(token_ids, self.input_vocab_size)
    self.compute_output_shape(token_ids.shape)  # raises where it is too long
    x = self.embedding(token_ids, token_type_ids=token_type_ids, training=training)
    mask = None if padding_mask is None else spread(padding_mask)
    for layer in self.encoder_layers:
        x = layer(x, attention_mask=mask, training=training)
    return x


# %% [markdown]
# One of the right size, with random weights, and each weight with a **path** that says where it sits:

# %%
from utils.pretrained.encoder import named_weights, random_encoder

encoder = random_encoder(folder)
ours = named_weights(encoder)
print(f"{len(ours)} arrays, {encoder.count_params():,} numbers")
for path in list(ours)[:3] + list(ours)[5:7]:
    print(f"{path:48}{tuple(ours[path].shape)}")
assert len(ours) == 5 + 6 * 16

# %% [markdown]
# ## The file
#
# `model.safetensors` is a dictionary on disk: names and arrays, nothing else. (Older checkpoints are *pickles*, and
# loading a pickle runs whatever code is in it. This course never does.)

# %%
from safetensors.numpy import load_file

checkpoint = load_file(folder / "model.safetensors")
print(len(checkpoint), "tensors")
for name in sorted(checkpoint)[6:10]:
    print(f"{name:52}{checkpoint[name].shape}")

# %% [markdown]
# The same machine, other names. This table says which is which, once for BERT and once for DistilBERT, a smaller
# sister; each layer has the same sixteen, so `{n}` stands for its number.

# %%
from utils.pretrained.checkpoint import RENAMED

rows = {}
for theirs, path in RENAMED.items():
    rows.setdefault(path, []).append(theirs)
layer = ("encoder_layers/{n}/", "encoder.layer.{n}.", "transformer.layer.{n}.")
print(f"{'ours: encoder_layers/{n}/…':33}{'BERT: encoder.layer.{n}.…':41}DistilBERT: transformer.layer.{{n}}.…")
for path, names in rows.items():
    cells = [text.removeprefix(start) for text, start in zip([path, *names], layer, strict=False)]
    print(f"{cells[0]:33}{cells[1]:41}{cells[2] if len(cells) > 2 else 'the same'}")
assert len(rows) == 5 + 16

# %% [markdown]
# Two things need care.
#
# **What is not the encoder's.** The file has 104 tensors, ours 101. The other three are a list of positions 0, 1, 2,
# … and a *pooler*, a small network on top that is not needed here. `our_path` gives None for those.

# %%
import re

# %% [markdown]
# The function that finds our name for one of theirs:


# %% tags=["from:utils.pretrained.checkpoint.our_path"]
def our_path(name: str) -> str | None:
    """The path of our weight for a name in a checkpoint, or None for what is not the encoder's."""
    name = name.removeprefix("bert.").removeprefix("distilbert.")
    n = "".join(re.findall(r"layer\.(\d+)\.", name))  # the number of the layer, "" outside the layers
    path = RENAMED.get(name.replace(f"layer.{n}.", "layer.{n}."))
    return path and path.replace("{n}", n)


# %% [markdown]
# It strips a prefix, puts `{n}` where the layer's number was, looks the name up, and puts the number back.

# %%
left_out = [name for name in checkpoint if our_path(name) is None]
print(our_path("bert.encoder.layer.3.output.dense.bias"))
print(left_out)
assert len(left_out) == 3 and not any("predictions" in name for name in checkpoint)

# %% [markdown]
# The part that guesses hidden words, BERT calls it `predictions`, is not in the file: this small one learnt from a
# teacher's attention, and only the teacher had filled in blanks.
#
# **Which way round.** A dense layer's matrix is (inputs, outputs) here, and the layer computes $x W$. PyTorch, which
# wrote the file, keeps (outputs, inputs) and computes $x W^\top$. So the matrix of a dense layer must be turned
# (transposed). Its shape may not tell you: attention's four are square, 384 × 384.

# %%
name = "encoder.layer.0.intermediate.dense.weight"
show(there=checkpoint[name].shape, here=tuple(ours[our_path(name)].shape))
name = "encoder.layer.0.attention.self.query.weight"
show(there=checkpoint[name].shape, here=tuple(ours[our_path(name)].shape))

# %% [markdown]
# (Our query kernel is folded into (D, H, K), as in lesson 05. Those are the same numbers in the same order as the
# matrix (D, D), so folding is left to the loader.)
#
# ## Exercise: `map_weights`
#
# From a dictionary name → array make a dictionary path → array. Leave out what has no path. Turn the matrices of dense
# layers: they are those whose path ends in `kernel`. Leave everything else as it is: a table of embeddings has one row
# for each piece, there as here.


# %% tags=["from:utils.pretrained.checkpoint.map_weights", "exercise"]
def map_weights(checkpoint: dict) -> dict:
    """Gives each tensor of a BERT's or DistilBERT's encoder the path of our weight, and our orientation.

    Args:
        checkpoint: name -> array, with or without "bert." or "distilbert." in front. The matrix of a dense
            layer is (outputs, inputs) there.

    Returns:
        Path -> array; the matrix of a dense layer is (inputs, outputs). What is not the encoder's is left out.
    """
    mapped = {}
    for name, array in checkpoint.items():
        path = our_path(name)
        if path is not None:
            mapped[path] = array.T if path.endswith("kernel") else array
    return mapped


# %% [markdown]
# Small checkpoints with and without prefix, with heads to leave out, and one DistilBERT:

# %%
map_weights = check(map_weights)

# %% [markdown]
# Then the 22.6 million numbers move in. `assign` refuses a wrong shape; it cannot see a wrong orientation.

# %%
arrays = map_weights(checkpoint)
assert arrays.keys() == ours.keys()
for path, weight in ours.items():
    weight.assign(arrays[path].reshape(weight.shape))

# %% [markdown]
# ## Is it BERT?
#
# Eight sentences went through the original, `transformers` on PyTorch, by the command in `data/README.md`, and its last
# hidden states were stored. Ours must give the same numbers. The texts go in as one batch, so most places are padding.

# %%
from benchmarks.encoder_reference import load
from utils.text.buckets import pad_encodings

texts, reference = load()
token_ids, token_type_ids, padding_mask = pad_encodings([tokenizer.encode(text) for text in texts])
show(token_ids=token_ids.shape, share_of_padding=1 - padding_mask.mean(), digits=2)

# %% [markdown]
# The gap is the largest difference over all tokens and all 384 columns. The numbers themselves go up to 5.8.


# %%
def gap_of(encoder, padding_mask=padding_mask):
    hidden = np.asarray(encoder(token_ids, token_type_ids, padding_mask))
    return max(np.abs(rows[: len(r)] - r).max() for rows, r in zip(hidden, reference, strict=True))


gap = gap_of(encoder)
show(largest_number=max(np.abs(r).max() for r in reference), digits=1)
print("gap below 1e-5:", gap < 1e-5)
assert gap < 1e-5

# %% [markdown]
# It is. Layers such as you wrote (the library's copy) agree with the original to five decimals. And in other company?
# Every second text by itself, without any padding:

# %%
for text, rows in zip(texts[::2], reference[::2], strict=True):
    hidden = np.asarray(encoder(*pad_encodings([tokenizer.encode(text)])))
    print(f"{len(rows):3} tokens, gap below 1e-5: {np.abs(hidden[0] - rows).max() < 1e-5}   {text[:40]}")
    assert np.abs(hidden[0] - rows).max() < 1e-5

# %% [markdown]
# A text's numbers do not depend on the batch.
#
# ## What if one detail were wrong?
#
# None of the following raises an error. Change one thing at a time and measure:


# %%
spare = random_encoder(folder)


def with_weights(weights, **changes):
    other = random_encoder(folder, **changes) if changes else spare  # other weights need no other layers
    for path, weight in named_weights(other).items():
        weight.assign(np.reshape(weights[path], weight.shape))
    return other


def changed(where, how):
    return with_weights({path: how(a) if where in path else a for path, a in arrays.items()})


# %% [markdown]
# First lesson 06's epsilon, gelu by a common approximation, relu in its place. Then padding that everyone may look
# at.

# %%
gaps = {
    "all as it should be": gap,
    "epsilon 1e-6": gap_of(with_weights(arrays, layernorm_eps=1e-6)),
    "gelu by a tanh": gap_of(with_weights(arrays, activation="gelu_tanh")),
    "relu": gap_of(with_weights(arrays, activation="relu")),
    "no padding mask": gap_of(encoder, padding_mask=None),
}

# %% [markdown]
# Then weights that went astray: square matrices not turned, the segment's row forgotten, sines for positions, and the
# biases of all keys lost.

# %%
from utils.layers import positional_encoding

gaps["square kernels not turned"] = gap_of(changed("self_attention", lambda a: a.T))
gaps["no segment row"] = gap_of(changed("token_type", np.zeros_like))
gaps["sines for positions"] = gap_of(changed("position", lambda a: positional_encoding(*a.shape)))
gaps["key biases lost"] = gap_of(changed("key_bias", np.zeros_like))

# %% [markdown]
# The scale is logarithmic: from one label to the next it is ten times more wrong. One bar will surprise you.

# %%
from utils.plots.pretrained_encoder import wrong_details

seen = wrong_details(gaps)
assert len(seen) == 7 and "key biases lost" not in seen
assert gaps["epsilon 1e-6"] < gaps["gelu by a tanh"] < 0.1 < gaps["relu"]

# %% [markdown]
# Seven of the eight are seen. Epsilon and the approximation do small harm, the others wreck it, and no error is
# raised. That is why a port is compared number by number.
#
# And the keys' biases change **nothing**. A key bias $b$ adds $q \cdot b$ to every score of query $q$, the same for all
# keys, and softmax does not mind what all scores share (lesson 01). Or are they only too small to matter? Noise of size
# 10 in their place, three times, and then the queries' biases set to zero:

# %%
largest = {
    part: max(np.abs(a).max() for path, a in arrays.items() if part in path) for part in ("key_bias", "query_bias")
}
show(**{f"largest_{part}": value for part, value in largest.items()})
for seed in (0, 1, 2):
    rng = np.random.default_rng(seed)
    noisy = gap_of(changed("key_bias", lambda a, rng=rng: rng.normal(0, 10, a.shape)))
    print("keys' biases from N(0, 10): gap below 1e-4:", noisy < 1e-4)
    assert noisy < 1e-4
queries_lost = gap_of(changed("query_bias", np.zeros_like))
show(query_biases_lost=queries_lost, digits=1)
assert queries_lost > 0.5 and largest["key_bias"] < 0.01 < 1 < largest["query_bias"]

# %% [markdown]
# Whatever stands there, the model is the same, so no loss can pull at these 2,304 numbers. They are next to 0, at
# most 0.005, where the queries' go up to 1.3.
#
# The library's `load_encoder(folder)` does all this for any BERT or DistilBERT, and says what is wrong where a tensor
# is missing, unexpected or of another shape.
#
# ## One word, many vectors
#
# *Mark the date. Go on a date. Eat a date.* In the embedding table *date* has **one** row, whatever it means. What
# has it after six layers? Run the layers one by one and pick the word's place, the first or a later one:


# %%
def vectors_of(word, sentences, occurrence=0, alone=False):
    codes = [tokenizer.encode(s) for s in sentences]
    ids, types, mask = pad_encodings(codes)
    places = [[i for i, token in enumerate(code.tokens) if token == word][occurrence] for code in codes]
    seen = np.eye(ids.shape[1], dtype=bool)[None, None] if alone else spread(mask)  # alone: each sees itself only
    x, found = encoder.embedding(ids, token_type_ids=types), []
    for layer in (None, *encoder.encoder_layers):
        x = x if layer is None else layer(x, attention_mask=seen)
        found.append(np.asarray(x)[np.arange(len(codes)), places])
    return np.stack(found)  # (layers + 1, sentences, D)


# %% [markdown]
# Three sentences, and the cosine between each two of the three *dates*: before the layers, after them, and after them
# if every piece may look at itself alone.

# %%
from utils.checks import cosine_similarity

three = [
    "Mark the date in your calendar.",
    "They went on a date by the river.",
    "She likes to eat a date with her tea.",
]
dates = vectors_of("date", three)  # (7, 3, 384)
stages = dates[0], dates[-1], vectors_of("date", three, alone=True)[-1]
before, after, after_alone = (cosine_similarity(v[[0, 0, 1]], v[[1, 2, 2]]) for v in stages)
show(before=before, after=after, after_alone=after_alone, digits=2)
assert min(before.min(), after_alone.min()) > 0.95 and after.max() < 0.9

# %% [markdown]
# Before, the three differ by their positions alone. After, each has its own vector; without a look at the others they
# stay as alike as they were. So attention mixes in the company that a word keeps.
#
# Do they sort by **meaning**? 24 sentences with *date* and 18 with *station* (train, radio, space), written by hand
# before anything was measured on them:

# %%
senses = json.loads((ROOT / "data/pretrained/senses.json").read_text(encoding="utf-8"))
for sense, sentences in senses["date"].items():
    print(f"{sense:10}{len(sentences)} sentences, such as {sentences[6]!r}")

# %% [markdown]
# Drawn in the plane in which the final vectors differ most; both sides have the same scale.

# %%
from functools import cache

from utils.plots.pretrained_encoder import one_word


@cache  # asked again further on
def all_vectors(word):
    labels = [sense for sense, sentences in senses[word].items() for _ in sentences]
    return vectors_of(word, [s for sentences in senses[word].values() for s in sentences]), np.array(labels)


dates, labels = all_vectors("date")
named = {0: "mark the date", 8: "on a date", 16: "eat a date"}
points = one_word(dates[0], dates[-1], labels, named)
assert np.ptp(points["after the last"]) > 3 * np.ptp(points["before the first layer"])

# %% [markdown]
# Left one point, more or less; right, three groups that touch. In how many of the sentences does the **nearest**
# other *date* mean the same? By luck, 7 of the other 23 do. And beside it a rival that does not look at the word at
# all: the mean of the whole sentence's vectors, its **topic**.


# %%
def same_sense(vectors, labels):
    alike = cosine_similarity(vectors[:, None], vectors[None])  # (N, N)
    np.fill_diagonal(alike, -1)  # not oneself
    return float(np.mean(labels == labels[alike.argmax(axis=1)]))


def topic_of(sentences):
    ids, types, mask = pad_encodings([tokenizer.encode(s) for s in sentences])
    return np.stack([row[m].mean(axis=0) for row, m in zip(np.asarray(encoder(ids, types, mask)), mask, strict=True)])


by_layer, by_topic, by_luck, number = {}, {}, {}, {}
for word in senses:
    vectors, labels = all_vectors(word)
    number[word] = len(labels)
    by_layer[word] = [same_sense(layer, labels) for layer in vectors]
    by_topic[word] = same_sense(topic_of([s for group in senses[word].values() for s in group]), labels)
    by_luck[word] = (number[word] / 3 - 1) / (number[word] - 1)
    show(**{word: np.array(by_layer[word])}, topic=by_topic[word], luck=by_luck[word], digits=2)

# %% [markdown]
# Layer 0 is what enters the first layer. The bar at the end is Wilson's interval: where the true share may well lie,
# when so few sentences were asked.

# %%
from utils.plots.pretrained_encoder import senses_by_layer

ends = senses_by_layer(by_layer, by_topic, by_luck, number)
assert all(low > by_luck[word] for word, (low, high) in ends.items())
assert all(low < by_topic[word] < high for word, (low, high) in ends.items())

# %% [markdown]
# Both bars lie above luck. But the topic lies within both, once below the word and once above. So this test cannot
# tell sense from topic.
#
# A sound one needs **both senses in one sentence**: *On our first date he offered me a dried date.* The topic is the
# same for both. Eighteen such sentences, again written first and measured later. Each of the two is compared with the
# mean vectors of both senses: which is which?


# %%
both = json.loads((ROOT / "data/pretrained/two_senses.json").read_text(encoding="utf-8"))


def told_apart(word):
    known, labels = all_vectors(word)  # (layers + 1, N, D)
    texts, *pair = zip(*both[word], strict=True)
    a, b = (np.stack([known[:, labels == sense].mean(axis=1) for sense in column], axis=1) for column in pair)
    first, second = (vectors_of(word, texts, n) for n in (0, 1))  # (layers + 1, texts, D)
    leans = [cosine_similarity(v, a) - cosine_similarity(v, b) for v in (first, second)]
    return leans[0] > leans[1]  # the first one leans more to its own sense than the second does


right = {word: told_apart(word) for word in both}
show(**{word: rows.sum(axis=1) for word, rows in right.items()}, digits=0)

# %% [markdown]
# How many of 12 and of 6 are right, layer by layer. All eighteen together, before the layers and after them, with
# Wilson's interval; and those that went wrong:

# %%
from utils.plots.intervals import wilson

together = np.concatenate(list(right.values()), axis=1)  # (layers + 1, 18)
for name, layer in (("before", 0), ("after", -1)):
    low, high = wilson(together[layer].sum(), together.shape[1])
    print(f"{name:7}{together[layer].sum():3} of {together.shape[1]}, interval {low:.2f} to {high:.2f}")
for wrong in [both[word][n][0] for word, rows in right.items() for n in np.flatnonzero(~rows[-1])]:
    print("   wrong:", wrong)
assert wilson(together[-1].sum(), 18)[0] > 0.5 > wilson(together[0].sum(), 18)[0]

# %% [markdown]
# Before the layers it may be a coin. After them 15 of 18 are told apart, and not by the topic. By what? Leave the
# word itself out, and take the mean of the **table's rows** of its neighbours, no layer, so many to each side:


# %%
from utils.pretrained import word_vectors


def by_neighbours(word, texts, n, reach):
    rows = []
    for text in texts:
        near = re.findall(r"\w+", text.lower())
        i = [i for i, other in enumerate(near) if other == word][n]
        rows.append(word_vectors(near[max(i - reach, 0) : i] + near[i + 1 : i + 1 + reach]).mean(axis=0))
    return np.stack(rows)  # (texts, D)


def told_by_neighbours(word, reach):
    labels, (texts, *pair) = all_vectors(word)[1], zip(*both[word], strict=True)
    known = by_neighbours(word, [s for sentences in senses[word].values() for s in sentences], 0, reach)
    a, b = (np.stack([known[labels == sense].mean(axis=0) for sense in column]) for column in pair)
    first, second = (by_neighbours(word, texts, n, reach) for n in (0, 1))
    leans = [cosine_similarity(v, a) - cosine_similarity(v, b) for v in (first, second)]
    return np.sum(leans[0] > leans[1])


for reach in (1, 2, 3, 5):
    told = sum(told_by_neighbours(word, reach) for word in both)
    print(f"{reach} to each side: {told} of 18")
    assert told >= 12

# %% [markdown]
# The nearest neighbours tell about as much. So this test does not show that a **place** has gained more in the layers
# than its neighbourhood.
#
# ## One vector for a sentence
#
# This model was trained for sentences: their vector is the **mean** of their tokens' vectors, without padding.
#
# ## Exercise: `mean_pool`
#
# Hidden states `hidden` (B, T, D) and a `padding_mask` (B, T), True = token. For each text $b$, with $m$ the mask as 0
# and 1:
#
# $$\mathrm{pooled}_b = \frac{\sum_t m_{b,t}\; \mathrm{hidden}_{b,t}}{\max(1, \sum_t m_{b,t})}$$
#
# The sums run over the T places. Back comes one array (B, D); a text without a token gives zeros.


# %% tags=["from:utils.pretrained.encoder.mean_pool", "exercise"]
def mean_pool(hidden, padding_mask):
    """One vector for each text: the mean of its tokens' vectors, padding left out.

    Args:
        hidden: hidden states (B, T, D).
        padding_mask: bool (B, T), True = token.

    Returns:
        (B, D); zeros for a text without a token.
    """
    hidden = ops.convert_to_tensor(hidden)
    is_token = ops.expand_dims(ops.cast(padding_mask, hidden.dtype), -1)  # (B, T, 1)
    return ops.sum(hidden * is_token, axis=1) / ops.maximum(ops.sum(is_token, axis=1), 1)


# %% [markdown]
# Masks with holes are tried too: it is the mask that decides.

# %%
mean_pool = check(mean_pool)

# %% [markdown]
# Does it matter? The same sentence, alone and beside each of the others:


# %%
def hidden_of(texts):
    ids, types, mask = pad_encodings([tokenizer.encode(text) for text in texts])
    return np.asarray(encoder(ids, types, mask)), mask


short = texts[1]
alone = hidden_of([short])[0][0].mean(axis=0)
for company in texts[2:]:
    hidden, mask = hidden_of([short, company])
    pooled, naive = np.asarray(mean_pool(hidden, mask))[0], hidden[0].mean(axis=0)
    with_mask, without = cosine_similarity(alone, pooled), cosine_similarity(alone, naive)
    print(f"with mask {with_mask:.3f}, without {without:.3f}   beside {company[:40]}")
    assert np.allclose(pooled, alone, atol=1e-5)
assert without < 0.9

# %% [markdown]
# Without the mask a sentence's vector depends on who else is in the batch: the longer the company, the more.
#
# Now *station* again, as a whole phrase: radio station, space station, train station. Which description fits which?
# Left, lesson 02's way: the mean of word vectors. Right, the encoder.

# %%
from utils.plots.pretrained_encoder import phrases_grid


def by_words(texts):
    words = [re.findall(r"\w+", text) for text in texts]
    vectors = np.split(word_vectors(sum(words, [])), np.cumsum([len(row) for row in words])[:-1])
    return np.stack([rows.mean(axis=0) for rows in vectors])


def by_encoder(texts):
    return np.asarray(mean_pool(*hidden_of(texts)))


# %% [markdown]
# None of the descriptions has a word of its phrase in it, but for *trains*.

# %%
phrases = ["radio station", "space station", "train station"]
described = [
    "A company that broadcasts music and news.",
    "A laboratory in orbit around the Earth.",
    "A place where trains stop and people get on.",
]
panels = {
    title: cosine_similarity(vectors(phrases)[:, None], vectors(described)[None])
    for title, vectors in {"mean of word vectors": by_words, "the encoder": by_encoder}.items()
}

# %% [markdown]
# Read along the rows; the largest of each is bold.

# %%
leads = phrases_grid(phrases, ["broadcasts…", "in orbit…", "trains stop…"], panels)
show(**{title.replace(" ", "_"): lead for title, lead in leads.items()}, digits=2)
best = {title: values.argmax(axis=1).tolist() for title, values in panels.items()}
assert best == {"mean of word vectors": [0, 2, 2], "the encoder": [0, 1, 2]}

# %% [markdown]
# The mean of words sends people to the space station by train. The encoder finds all three. Is that understanding? Take
# *a* and *the* out of the descriptions:

# %%
bare = [re.sub(r"\b(a|the) ", "", text, flags=re.IGNORECASE) for text in described]
for title, vectors in {"mean of word vectors": by_words, "the encoder": by_encoder}.items():
    values = cosine_similarity(vectors(phrases)[:, None], vectors(bare)[None])
    leads = np.ptp(np.sort(values)[:, -2:], axis=1)
    print(f"{title:21} finds {values.argmax(axis=1).tolist()}, leads by {leads.round(2)}")
    assert values.argmax(axis=1).tolist() == [0, 1, 2]

# %% [markdown]
# Now both do, the mean just so: two words that say nothing had misled it. What can the encoder do that a mean of
# words cannot?

# %%
contrasts = {
    "roles changed": [
        ("The dog bit the man.", "The man bit the dog."),
        ("The cat chased the mouse.", "The mouse chased the cat."),
        ("Emma invited Omar.", "Omar invited Emma."),
    ],
    "the same, put otherwise": [
        ("The dog bit the man.", "The man was bitten by the dog."),
        ("The cat chased the mouse.", "The mouse was chased by the cat."),
        ("Emma invited Omar.", "Omar was invited by Emma."),
    ],
    "the contrary": [
        ("I like this.", "I do not like this."),
        ("It is raining.", "It is not raining."),
        ("The film was good, not bad.", "The film was bad, not good."),
    ],
}
sentences = [sentence for pairs in contrasts.values() for pair in pairs for sentence in pair]
vectors = np.stack([by(sentences).reshape(3, 3, 2, -1) for by in (by_words, by_encoder)])  # way, kind, pair, which, D
alike = cosine_similarity(vectors[..., 0, :], vectors[..., 1, :])  # way, kind, pair
for n, (kind, pairs) in enumerate(contrasts.items()):
    print(f"{kind}\n{'words':>8}{'encoder':>9}")
    for (by_word, by_model), pair in zip(alike[:, n].T, pairs, strict=True):
        print(f"{by_word:8.2f}{by_model:9.2f}   {' / '.join(pair)}")

# %% [markdown]
# A mean of words cannot tell who bit whom: exactly 1. The encoder can, but barely: where roles are changed two
# sentences are **nearer** to each other than where the same is put otherwise. And a contrary may be far (0.55) or
# near (0.93).

# %%
in_words, (roles_changed, same_thing, contrary) = alike  # each (3,), of the encoder
assert np.allclose(in_words[0], 1) and np.isclose(in_words[2, 2], 1)
assert roles_changed.min() > same_thing.max() and np.ptp(contrary) > 0.3

# %% [markdown]
# These vectors say what a text is **about**. They were trained for that.
#
# ## Your turn
#
# A search engine in three lines, over all 42 sentences. Change the question, to something near and to something far
# from what is on the shelf, and look at the scores.

# %%
question = "What is it like to float in a spaceship?"
shelf = [s for groups in senses.values() for group in groups.values() for s in group]
scores = cosine_similarity(by_encoder([question]), by_encoder(shelf))
for i in scores.argsort()[::-1][:3]:
    print(f"{scores[i]:.2f}  {shelf[i]}")
assert "gravity" in shelf[scores.argmax()]

# %% [markdown]
# ## What to remember
#
# - BERT is the encoder you built, with tables for positions and segments, a norm on the embedding, gelu. Its weights
#   fit yours, to five decimals.
# - Porting weights is renaming and turning. Shapes do not prove that it was done right; numbers do.
# - Text becomes pieces: frequent words whole, rare ones in parts, cut greedily. A letter that is in no piece costs the
#   whole word, and accents are gone before.
# - The table has one vector for a word; the layers make one for each place, with its neighbourhood in it. To show that,
#   keep the topic the same, and ask what the neighbours tell without any layer.
# - Here a sentence's vector says what it is about, not what it claims. Padding stays out of the mean.
#
# ## Three questions for yourself
#
# <details><summary>1. Why can a missing transposition of the query's matrix not raise an error?</summary>
# The matrix is square, 384 × 384, so it fits both ways. Only its numbers stand in the wrong places.
# </details>
#
# <details><summary>2. *Date* has one row in the table. Where do its three vectors come from?</summary>
# From the other words: in each layer, attention adds to *date* what it finds in its sentence.
# </details>
#
# <details><summary>3. Two sentences have a cosine of 0.95. Do they say the same?</summary>
# They are about the same thing, no more. *The dog bit the man* and *The man bit the dog* have 0.98.
# </details>
#
# ## Where to read on
#
# - Devlin et al. 2018, [BERT](https://arxiv.org/abs/1810.04805); Sanh et al. 2019,
#   [DistilBERT](https://arxiv.org/abs/1910.01108); Wang et al. 2020, [MiniLM](https://arxiv.org/abs/2002.10957).
# - Wu et al. 2016, [Google's translation system](https://arxiv.org/abs/1609.08144), section 4.1: word pieces.
# - Reimers and Gurevych 2019, [Sentence-BERT](https://arxiv.org/abs/1908.10084): the mean as a sentence's vector.
# - Ethayarajh 2019, [How contextual are contextualized word representations?](https://arxiv.org/abs/1909.00512)
#
# **Next:** [11 · Named-entity recognition](11_named_entity_recognition.ipynb) teaches this encoder to find people,
# places and dates.
