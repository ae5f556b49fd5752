"""The translator from before the Transformer: recurrent, with additive attention (Bahdanau, Cho and Bengio 2014).

`GRUAttention` is called as our `Transformer` is, with (source_ids, target_ids), and gives logits (B, T, V), so that
`utils.training.fit` trains it as it is. `greedy` decodes it: one compiled loop, one step a token.
"""

import weakref

import keras
import numpy as np
import tensorflow as tf

from utils.decoding import cut_at_end

LOW = -1e9  # the score of padding: no exponential of it is seen in float32


class GRUAttention(keras.Model):
    """Reads the source both ways, then says the target word by word, looking back at the source before each.

    At each step the last state s asks the annotations h_j, one for each source word: e_j = v · tanh(s w + h_j u),
    softmax over j, weighted sum. The context joins the last word said as the decoder's input.

    Args:
        input_vocab_size, target_vocab_size: how many ids source and target have.
        embedding_dim: the width of words.
        encoder_units: the width of the encoder, in each direction.
        decoder_units: the width of the decoder's state.
        attention_units: the width of the small network that scores.
        dropout_rate: on words, and before the output.
        pad_id: the id of padding.

    Call arguments:
        inputs: the pair source_ids (B, S), target_ids (B, T); the target begins with the start token.
    """

    def __init__(self, input_vocab_size, target_vocab_size, embedding_dim=128, encoder_units=168, decoder_units=208,
                 attention_units=128, dropout_rate=0.1, pad_id=0, **kwargs):  # fmt: skip
        super().__init__(**kwargs)
        self.input_vocab_size, self.target_vocab_size, self.pad_id = input_vocab_size, target_vocab_size, pad_id
        self.embedding_dim, self.encoder_units, self.decoder_units = embedding_dim, encoder_units, decoder_units
        words = {"output_dim": embedding_dim, "embeddings_initializer": keras.initializers.RandomNormal(stddev=1.0)}
        self.source_embedding = keras.layers.Embedding(input_vocab_size, **words)  # Keras' own are 35 times smaller,
        self.target_embedding = keras.layers.Embedding(target_vocab_size, **words)  # and learn far more slowly here
        self.dropout_layer = keras.layers.Dropout(dropout_rate)
        self.encoder = keras.layers.Bidirectional(keras.layers.GRU(encoder_units, return_sequences=True))
        self.first_state = keras.layers.Dense(decoder_units, activation="tanh")
        self.cell = keras.layers.GRUCell(decoder_units)
        self.ask = keras.layers.Dense(attention_units, use_bias=False)  # w
        self.answer = keras.layers.Dense(attention_units)  # u
        self.score = keras.layers.Dense(1, use_bias=False)  # v
        self.readout = keras.layers.Dense(embedding_dim, activation="tanh")
        self.output_layer = keras.layers.Dense(target_vocab_size)

    def build(self, input_shape):
        """Every part, whatever the lengths."""
        E, H, Z = self.embedding_dim, 2 * self.encoder_units, self.decoder_units
        self.source_embedding.build((None, None))
        self.target_embedding.build((None, None))
        self.encoder.build((None, None, E))
        self.first_state.build((None, self.encoder_units))
        self.cell.build((None, E + H))
        self.ask.build((None, Z))
        self.answer.build((None, None, H))
        self.score.build((None, None, self.ask.units))
        self.readout.build((None, None, E + Z + H))
        self.output_layer.build((None, None, E))

    def read(self, source_ids, training=None) -> tuple:
        """Annotations (B, S, 2·units), what they answer (B, S, A), scores' mask (B, S), and the first state (B, Z)."""
        mask = tf.not_equal(source_ids, self.pad_id)
        words = self.dropout_layer(self.source_embedding(source_ids), training=training)
        annotations = self.encoder(words, mask=mask, training=training)
        state = self.first_state(annotations[:, 0, self.encoder_units :])  # the way back has read all by then
        hidden = tf.where(mask, 0.0, LOW)
        return annotations, self.answer(annotations), hidden, state

    def step(self, word, state, annotations, answers, hidden) -> tuple:
        """One step: the word's vector (B, E) and the state (B, Z) to the new state and the context."""
        scores = self.score(tf.tanh(self.ask(state)[:, None] + answers))[..., 0] + hidden  # (B, S)
        context = tf.einsum("bs,bsh->bh", tf.nn.softmax(scores), annotations)
        _, (state,) = self.cell(tf.concat([word, context], axis=-1), [state])
        return state, context

    def logits(self, words, states, contexts, training=None):
        """Scores (…, V) for the next word."""
        x = self.readout(tf.concat([words, states, contexts], axis=-1))
        return self.output_layer(self.dropout_layer(x, training=training))

    def call(self, inputs, training=None):
        """Source ids (B, S) and target ids (B, T) to logits (B, T, V)."""
        source_ids, target_ids = inputs
        annotations, answers, hidden, state = self.read(source_ids, training)
        words = self.dropout_layer(self.target_embedding(target_ids), training=training)  # (B, T, E)
        by_step, B, T = tf.transpose(words, (1, 0, 2)), tf.shape(words)[0], tf.shape(words)[1]
        empty = (state, tf.zeros((B, 2 * self.encoder_units)))
        states, contexts = tf.scan(
            lambda last, word: self.step(word, last[0], annotations, answers, hidden), by_step, empty
        )
        states, contexts = (tf.transpose(x, (1, 0, 2)) for x in (states, contexts))  # (B, T, …)
        shape = (B, T)
        states = tf.reshape(states, (*shape, self.decoder_units))
        return self.logits(words, states, tf.reshape(contexts, (*shape, 2 * self.encoder_units)), training)


_COMPILED = weakref.WeakKeyDictionary()  # model -> its compiled loop


def greedy(model: GRUAttention, source_ids, max_length: int, start_id: int, end_id: int) -> np.ndarray:
    """The likeliest next word, again and again, until the end.

    Returns:
        (B, at most `max_length`) int32: no start, no end, padding after the end.
    """
    if model not in _COMPILED:
        owner, number = weakref.ref(model), tf.TensorSpec((), "int32")
        signature = (tf.TensorSpec((None, None), "int32"), number, number, number)
        _COMPILED[model] = tf.function(lambda *args: greedy_loop(owner(), *args), input_signature=signature)
    ids = _COMPILED[model](tf.cast(source_ids, "int32"), max_length, start_id, end_id)
    return cut_at_end(ids.numpy(), end_id, model.pad_id)


def greedy_loop(model: GRUAttention, source_ids, max_length, start_id, end_id):
    """Ids (B, max_length), whatever follows the end left in place."""
    annotations, answers, hidden, state = model.read(source_ids)
    B = tf.shape(source_ids)[0]
    said = tf.TensorArray("int32", size=max_length, element_shape=(None,), clear_after_read=False)
    said = said.unstack(tf.fill((max_length, B), end_id))

    def going_on(t, token, state, finished, said):
        return (t < max_length) & ~tf.reduce_all(finished)

    def say(t, token, state, finished, said):
        word = model.target_embedding(token)
        state, context = model.step(word, state, annotations, answers, hidden)
        token = tf.argmax(model.logits(word, state, context), axis=-1, output_type="int32")
        return t + 1, token, state, finished | (token == end_id), said.write(t, token)

    start = (0, tf.fill((B,), start_id), state, tf.zeros((B,), "bool"), said)
    return tf.transpose(tf.while_loop(going_on, say, start)[-1].stack())
