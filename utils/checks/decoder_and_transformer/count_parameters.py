"""The exercise count_parameters: what must hold, and what each mistake looks like."""

import numpy as np
from keras import ops

from utils.checks.frame import Exercise, Mistake, Property, case, register
from utils.layers.transformer import count_parameters


def _count(
    attention=lambda D, H: 4 * (D * D + D),
    feed_forward=lambda D, F: D * F + F + F * D + D,
    norm=lambda D: 2 * D,
    norms=(2, 3),
    attentions=(1, 2),
    stacks=(1, 1),
    embeddings=lambda D, V, W: (V + W) * D,
    output=lambda D, V, W: D * W + W,
    more=lambda N, D, V, W: 0,
):
    """The formula with one of its parts changed; (encoder, decoder) where a part is a pair."""

    def count(num_layers, embedding_dim, num_heads, fully_connected_dim, input_vocab_size, target_vocab_size):
        N, D, V, W = num_layers, embedding_dim, input_vocab_size, target_vocab_size
        layers = [
            a * attention(D, num_heads) + feed_forward(D, fully_connected_dim) + n * norm(D)
            for a, n in zip(attentions, norms, strict=True)
        ]
        stacked = N * sum(s * layer for s, layer in zip(stacks, layers, strict=True))
        return stacked + embeddings(D, V, W) + output(D, V, W) + more(N, D, V, W)

    return count


def _counts(*names, layers=None):
    """Sizes, all different but for no words: layers, width, heads, inner width, source's and target's words.

    Last come sizes by chance, of so many layers, where these are given.
    """
    sizes = {
        "tiny": (1, 4, 2, 5, 7, 3),
        "small": (1, 12, 3, 20, 11, 13),
        "deep": (3, 16, 8, 64, 30, 7),
        "wordless": (2, 8, 4, 12, 0, 0),
        "odd": (2, 510, 5, 2047, 36999, 31999),
        "base": (6, 512, 8, 2048, 37000, 32000),
    }
    by_chance = lambda rng: (4 * int(rng.integers(4, 12)), 4, *map(int, rng.integers((50, 100, 200), (99, 199, 299))))  # noqa: E731
    return lambda rng: [case(*sizes[name]) for name in names] + [case(layers, *by_chance(rng))] * (layers is not None)


def _number(answer, *sizes):
    """What came back, what it is called, and what comes of twice the sizes."""
    number, twice = answer(*sizes), answer(*(2 * size for size in sizes))
    return np.asarray(number), type(number).__name__, np.asarray(twice)


def _kind(shown, *sizes):
    """Whether a whole number came back, in words."""
    number, name, twice = shown
    whole = number.dtype.kind in "iu" and (name == "int" or name == number.dtype.name)
    if not whole:
        return f"a {name}"
    return "a whole number" if np.all(twice > number) else "a number that does not grow with the sizes"


register(
    Exercise(
        name="count_parameters",
        notebook="07_decoder_and_transformer",
        reference=count_parameters,
        properties=(
            Property("one layer of each kind", 2, _counts("tiny", "small", layers=1), tolerance=0),
            Property(
                "several layers, and the size of the paper's",
                2,
                _counts("deep", "wordless", "odd", "base", layers=5),
                tolerance=0,
            ),
            Property("a whole number, an int", 1, _counts("tiny"), run=_number, read=_kind),
        ),
        mistakes=(
            Mistake(
                "attention has four matrices, here are three: query, key, value and output",
                _count(attention=lambda D, H: 3 * (D * D + D)),
            ),
            Mistake("the attention's biases are forgotten: D each, four times", _count(lambda D, H: 4 * D * D)),
            Mistake("an attention has four biases of D, here is one of them", _count(lambda D, H: 4 * D * D + D)),
            Mistake(
                "a dense layer has a bias for each of its m outputs, here is one number for all",
                _count(lambda D, H: 4 * (D * D + 1)),
            ),
            Mistake(
                "attention has four matrices, here is one: query, key, value and output",
                _count(attention=lambda D, H: D * D + D),
            ),
            Mistake(
                "the biases of the attention's output are forgotten: D, as for query, key and value",
                _count(attention=lambda D, H: 4 * D * D + 3 * D),
            ),
            Mistake(
                "each head is counted at the full width: they share it, so H cancels out",
                _count(attention=lambda D, H: 4 * H * (D * D) + 3 * H * D + D),
            ),
            Mistake(
                "each head is counted at the full width: they share it, so H cancels out",
                _count(attention=lambda D, H: H * 4 * (D * D + D)),
            ),
            Mistake(
                "only one head is counted: all H together are D wide",
                _count(attention=lambda D, H: 4 * (D * (D // H) + D // H)),
            ),
            Mistake(
                "only one head is counted: all H together are D wide",
                _count(attention=lambda D, H: 4 * (D * (D // H) + D)),
            ),
            Mistake(
                "the feed-forward's biases are F on the way there and D on the way back, here both are F",
                _count(feed_forward=lambda D, F: 2 * (D * F + F)),
            ),
            Mistake(
                "the feed-forward's biases are F on the way there and D on the way back, here both are D",
                _count(feed_forward=lambda D, F: 2 * (D * F + D)),
            ),
            Mistake(
                "the feed-forward's F biases are forgotten: the first of its layers has F, the second D",
                _count(feed_forward=lambda D, F: 2 * D * F + D),
            ),
            Mistake(
                "the biases of attention and feed-forward are forgotten",
                _count(lambda D, H: 4 * D * D, lambda D, F: 2 * D * F),
            ),
            Mistake(
                "the feed-forward's biases are forgotten: F and D",
                _count(feed_forward=lambda D, F: 2 * D * F),
            ),
            Mistake(
                "all biases are forgotten, in attention, feed-forward and at the end",
                _count(lambda D, H: 4 * D * D, lambda D, F: 2 * D * F, output=lambda D, V, W: D * W),
            ),
            Mistake(
                "the feed-forward has two matrices, here is one: D to F, and F back to D",
                _count(feed_forward=lambda D, F: D * F + F),
            ),
            Mistake("both feed-forwards are missing", _count(feed_forward=lambda D, F: 0)),
            *(
                Mistake(
                    what,
                    lambda N, D, H, F, V, W, times=times: _count()(N, D, H, F, V, W) + times * N * (2 * D * F + F + D),
                )
                for what, times in (
                    ("one feed-forward is missing: each layer of encoder and decoder has one", -1),
                    ("one feed-forward too many: each layer of encoder and decoder has one", 1),
                )
            ),
            Mistake("the norms are forgotten: gamma and beta, D each", _count(norm=lambda D: 0)),
            Mistake("a norm has two vectors, gamma and beta: here is one", _count(norm=lambda D: D)),
            Mistake(
                "2·D are missing in every pair of layers: the decoder's has three norms, the encoder's two, and the "
                "feed-forward's way back D biases",
                _count(norms=(2, 2)),
            ),
            *(
                Mistake(
                    f"a pair of layers has {have} norms here: an encoder's has two, a decoder's three", _count(norms=n)
                )
                for have, n in (("two", (1, 1)), ("three", (1, 2)), ("six", (3, 3)))
            ),
            Mistake(
                "the decoder's layer has two attentions, here is one",
                _count(attentions=(1, 1)),
            ),
            Mistake(
                "the decoder's layer is counted as an encoder's: it has one attention and one norm more",
                _count(attentions=(1, 1), norms=(2, 2)),
            ),
            Mistake(
                "the decoder's layer is counted as two of the encoder's: it has one feed-forward, and three norms",
                lambda N, D, H, F, V, W: _count()(N, D, H, F, V, W) + N * (2 * D * F + F + 3 * D),
            ),
            Mistake(
                "the layers are counted twice: `num_layers` is of each half",
                _count(stacks=(2, 2)),
            ),
            *(
                Mistake(
                    "only one half is multiplied by `num_layers`: encoder and decoder have so many each",
                    lambda N, *sizes, half=half: (
                        _count(stacks=half)(N, *sizes)
                        + _count(stacks=half[::-1])(1, *sizes)
                        - _count(stacks=(0, 0))(1, *sizes)
                    ),
                )
                for half in ((1, 0), (0, 1))
            ),
            Mistake("the encoder's layers are missing", _count(stacks=(0, 1))),
            Mistake("the decoder's layers are missing", _count(stacks=(1, 0))),
            Mistake("both embeddings are missing", _count(embeddings=lambda D, V, W: 0)),
            Mistake("the source's embedding is missing", _count(embeddings=lambda D, V, W: W * D)),
            Mistake(
                "W·D are missing: the target's embedding and the last layer's matrix are two, neither is the other's",
                _count(embeddings=lambda D, V, W: V * D),
            ),
            *(
                Mistake("the embeddings are of V and of W words, here both are of one size", _count(embeddings=two))
                for two in (lambda D, V, W: 2 * V * D, lambda D, V, W: 2 * W * D)
            ),
            Mistake(
                "the embeddings are counted in every layer: they are there once",
                _count(more=lambda N, D, V, W: (N - 1) * (V + W) * D),
            ),
            Mistake(
                '2·D too many: a norm at the end is there with norm="pre" only, and an embedding has no biases',
                _count(more=lambda N, D, V, W: 2 * D),
            ),
            Mistake(
                "an embedding has no biases: it is a table of V rows",
                _count(embeddings=lambda D, V, W: (V + W) * (D + 1)),
            ),
            Mistake("the layer at the end is missing: D times V, and V biases", _count(output=lambda D, V, W: 0)),
            Mistake("the last layer's biases are forgotten: one for each word", _count(output=lambda D, V, W: D * W)),
            Mistake(
                "the last layer's biases are D: there is one for each word",
                _count(output=lambda D, V, W: D * W + D),
            ),
            Mistake(
                "the last layer has as many outputs as the target has words, not the source",
                _count(output=lambda D, V, W: D * V + V),
            ),
            Mistake(
                "positions are counted: they are computed, not learned",
                _count(more=lambda N, D, V, W: 2 * 512 * D),
            ),
            Mistake(
                'norms at the end of both stacks are counted: only norm="pre" has them',
                _count(more=lambda N, D, V, W: 4 * D),
            ),
            Mistake(
                "all is multiplied by the number of layers: embeddings and the last layer are there once",
                _count(more=lambda N, D, V, W: (N - 1) * ((V + W) * D + D * W + W)),
            ),
            *(
                Mistake(
                    "a text came back: give back the number itself", lambda *sizes, text=text: text(_count()(*sizes))
                )
                for text in (str, "{:,}".format)
            ),
            Mistake(
                "rounded on the way: a float32 holds seven digits. Nothing here is divided, and no float comes in",
                lambda *sizes: int(np.float32(_count()(*sizes))),
            ),
            *(
                Mistake(
                    "a tensor or an array came back: an int is asked for",
                    lambda *sizes, kind=kind: kind(_count()(*sizes)),
                )
                for kind in (np.asarray, ops.convert_to_tensor)
            ),
            *(
                Mistake(
                    "the count is not an int: nothing here is divided with /, and no float comes in",
                    lambda *sizes, kind=kind: kind(_count()(*sizes)),
                )
                for kind in (float, np.float64, np.float32)
            ),
            Mistake(
                "the layers are not multiplied by `num_layers`",
                lambda N, *sizes: _count()(1, *sizes),
            ),
        ),
        hints=(
            "Count the parts of each kind of layer: an encoder's has one attention, one feed-forward, two norms. "
            "What has a decoder's?",
            "A dense layer from n to m numbers has n·m weights and m biases. An attention is four of them, from D "
            "to D; a norm has gamma and beta.",
            "num_layers times (one encoder layer + one decoder layer), two tables of D numbers for each word, and "
            "a dense layer from D to the target's words.",
        ),
    )
)
