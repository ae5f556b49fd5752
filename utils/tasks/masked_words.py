"""Masked words: pieces are hidden, and an encoder learns to say which they were (Devlin et al. 2018, section 3.1)."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from tokenizers import Tokenizer

from utils.layers.pretrained_encoder import PretrainedEncoder
from utils.pretrained.encoder import named_weights
from utils.pretrained.files import EncoderError
from utils.pretrained.tokenizer import marks_of
from utils.tasks.fine_tuning import make_optimizer
from utils.tasks.labels import IGNORED
from utils.text.buckets import EncodingBatches
from utils.training.steps import CLIP_NORM

MASK, BLANK = "[MASK]", "___"  # the vocabulary's, and how a text to be filled writes it
UNSEEN = 0.01  # so often a piece counts as met that no text holds
SIGNATURE = [tf.TensorSpec((None, None), kind) for kind in ("int32", "int32", "bool")]  # inputs, labels, padding mask


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


@keras.saving.register_keras_serializable(package="transformer_course")
class MaskedWords(keras.Model):
    """An encoder that says which piece stands where, with BERT's own head: a dense layer, a norm, and the table again.

    What comes out of the norm is compared with every row of the encoder's own table of pieces, which so is used twice,
    and only a bias is added.

    Args:
        encoder: a `PretrainedEncoder`.

    Call arguments:
        token_ids, padding_mask: (B, T), as the encoder takes them.
        places: (N, 2), row and column of the pieces asked for; None asks for all. Returns logits (N, V) or (B, T, V).
    """

    def __init__(self, encoder: PretrainedEncoder, **kwargs):
        super().__init__(**kwargs)
        self.encoder = encoder
        self.transform = keras.layers.Dense(encoder.embedding_dim, activation="gelu")
        self.norm = keras.layers.LayerNormalization(epsilon=encoder.layernorm_eps)
        self.bias = self.add_weight(name="bias", shape=(encoder.input_vocab_size,), initializer="zeros")
        self.transform.build((None, None, encoder.embedding_dim))
        self.norm.build((None, None, encoder.embedding_dim))

    def build(self, token_ids_shape):
        """Makes the weights that are not there yet."""
        if not self.encoder.built:
            self.encoder.build(token_ids_shape)

    def call(self, token_ids, padding_mask=None, places=None, training=None):
        """Logits, of all places or of those asked for."""
        hidden = self.encoder(token_ids, padding_mask=padding_mask, training=training)  # (B, T, D)
        hidden = hidden if places is None else tf.gather_nd(hidden, places)  # (N, D)
        table = ops.convert_to_tensor(self.encoder.embedding.word.embeddings)  # (V, D)
        return ops.matmul(self.norm(self.transform(hidden)), ops.transpose(table)) + self.bias

    def get_config(self):
        """What it was made with."""
        return {"encoder": self.encoder.get_config()}

    @classmethod
    def from_config(cls, config):
        """The model that `get_config` described, with weights of its own."""
        return cls(PretrainedEncoder.from_config(config["encoder"]))

    def weights_by_path(self) -> dict[str, keras.Variable]:
        """Every weight: the encoder's under the paths of `map_weights`, then the head's."""
        parts = {"transform": self.transform, "norm": self.norm}
        head = {f"head/{name}/{w.name}": w for name, part in parts.items() for w in part.weights}
        return named_weights(self.encoder) | head | {"head/bias": self.bias}


class Blanks:
    """Texts whose pieces are hidden anew at each step.

    Args:
        tokenizer: the encoder's.
        texts: N of them.
        batch_size: texts a step.
        seed: of order and hiding; a step's batch depends on it and the step alone.
        rate: see `mask_tokens`.

    Raises:
        EncoderError: the tokenizer has no [MASK].
        ValueError: a text has no piece that could be hidden, or the rate hides none.
    """

    def __init__(self, tokenizer: Tokenizer, texts: Sequence[str], batch_size: int = 32, seed: int = 0,
                 rate: float = 0.15):  # fmt: skip
        self.mask_id, self.vocabulary_size = mask_id_of(tokenizer), tokenizer.get_vocab_size()
        self.marks = marks_of(tokenizer)
        self.batches = EncodingBatches(tokenizer.encode_batch(list(texts)), batch_size, seed=seed)
        if not 0 < rate <= 1:
            raise ValueError(f"`rate` must be above 0 and at most 1. Received: rate={rate!r}")
        if empty := [n for n, code in enumerate(self.batches.encodings) if len(code) <= len(self.marks)]:
            raise ValueError(f"Every text needs a piece to hide. Received: text {empty[0]} is {texts[empty[0]]!r}")
        self.seed, self.rate = seed, rate

    def batch(self, step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Inputs, labels and padding mask, (B, T) each, of step `step`; at least one piece is asked for."""
        _, (token_ids, _, padding_mask) = self.batches.batch(step)
        maskable = padding_mask & ~np.isin(token_ids, self.marks)
        rng = np.random.default_rng([self.seed, step])
        while True:
            made = mask_tokens(token_ids, maskable, self.mask_id, self.vocabulary_size, rng, self.rate)
            if (made[1] != IGNORED).any():
                return (*made, padding_mask)


def know_frequencies(model: MaskedWords, blanks: Blanks) -> None:
    """Sets the head's bias to the logarithm of how often each piece stands in the texts: then that need not be learnt.

    By small steps a bias would take thousands: it moves by about the learning rate at each.
    """
    ids = np.concatenate([code.ids for code in blanks.batches.encodings])
    counts = np.bincount(ids[~np.isin(ids, blanks.marks)], minlength=model.bias.shape[0])  # the table may have more
    model.bias.assign(np.log((counts + UNSEEN) / (counts + UNSEEN).sum()).astype("float32"))


def mask_id_of(tokenizer: Tokenizer) -> int:
    """The id of [MASK].

    Raises:
        EncoderError: there is none.
    """
    if (number := tokenizer.token_to_id(MASK)) is None:
        raise EncoderError(f"This tokenizer has no {MASK}: it is of no encoder that learnt from masked words")
    return number


def learn(model: MaskedWords, blanks: Blanks, steps: int, learning_rate: float) -> list[float]:
    """Teaches the weights of a model that learn to fill blanks.

    Args:
        model: what learns.
        blanks: what it learns from.
        steps: how many.
        learning_rate: the highest; see `make_optimizer`.

    Returns:
        The loss before each step, in nats a blank.
    """
    weights = model.trainable_variables
    optimizer = make_optimizer(learning_rate, steps)
    optimizer.build(weights)

    @tf.function(input_signature=SIGNATURE, autograph=False)
    def step(inputs, labels, padding_mask):
        with tf.GradientTape() as tape:
            loss, _ = loss_and_right(model, inputs, labels, padding_mask, training=True)
        gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, weights)]
        gradients, _ = tf.clip_by_global_norm(gradients, CLIP_NORM)
        optimizer.apply_gradients(zip(gradients, weights, strict=True))
        return loss

    return [float(step(*blanks.batch(n))) for n in range(steps)]


def loss_and_right(model: MaskedWords, inputs, labels, padding_mask, training: bool) -> tuple[tf.Tensor, tf.Tensor]:
    """The mean loss of the N pieces asked for, in nats, and for each whether its likeliest piece is the right one."""
    places = tf.where(tf.not_equal(labels, IGNORED))  # (N, 2)
    logits = model(inputs, padding_mask, places, training=training)  # (N, V)
    right = tf.gather_nd(labels, places)  # (N,)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(right, logits)
    return tf.reduce_mean(losses), tf.equal(tf.argmax(logits, axis=-1, output_type=right.dtype), right)


def filled(model: MaskedWords, blanks: Blanks, batches: int | None = None) -> np.ndarray:
    """For every blank of the batches, the first so many or all of an epoch, whether its likeliest piece is right."""

    @tf.function(input_signature=SIGNATURE, autograph=False)
    def score(inputs, labels, padding_mask):
        return loss_and_right(model, inputs, labels, padding_mask, training=False)[1]

    number = blanks.batches.batches_per_epoch if batches is None else batches
    return np.concatenate([score(*blanks.batch(n)).numpy() for n in range(number)])


def fill(model: MaskedWords, tokenizer: Tokenizer, text: str, number: int = 5) -> list[tuple[str, float]]:
    """What the model would write into the one blank of a text, the likeliest first, each with its probability.

    Args:
        model: encoder and head.
        tokenizer: the encoder's.
        text: with one blank, `___`.
        number: how many.

    Raises:
        ValueError: the text has no blank, or several.
    """
    parts = text.split(BLANK)
    if len(parts) != 2:
        raise ValueError(f"One blank, {BLANK}, is wanted. Received {len(parts) - 1} in: {text!r}")
    before, after = (code.ids for code in tokenizer.encode_batch(parts, add_special_tokens=False))
    first, last = marks_of(tokenizer)
    ids = np.array([[first, *before, mask_id_of(tokenizer), *after, last]], "int32")
    logits = model(ids, places=np.array([[0, len(before) + 1]]), training=False)[0]
    shares = tf.nn.softmax(logits).numpy()
    return [(tokenizer.id_to_token(int(i)), float(shares[i])) for i in np.argsort(-shares)[:number]]
