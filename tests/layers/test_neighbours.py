"""Our layers beside Keras' own: masks that travel, ids as floats, classes derived from ours, parts changed later."""

import keras
import numpy as np
import pytest
from keras import ops

from utils.layers import (
    Block,
    BlockStack,
    DecoderLayer,
    Encoder,
    EncoderLayer,
    FeedForward,
    GroupedQueryAttention,
    LanguageModel,
    MultiHeadAttention,
    PaddingMask,
    PositionalEncoding,
    ScaledDotProductAttention,
    SwiGLU,
    Transformer,
)
from utils.layers.low_rank import LoRADense
from utils.layers.onnx import ExportsGelu
from utils.layers.pretrained_encoder import PretrainedEncoder

from .harness import SOURCE, TARGET, B, D, F, H, S, T, array, assert_close, numpy_of, token_ids

V, registered = 13, keras.saving.register_keras_serializable(package="tests")
IDS = token_ids(T, V, padding=2)
TO_ITSELF = {
    "multi-head": lambda: MultiHeadAttention(H, 4),
    "grouped": lambda: GroupedQueryAttention(H, 4, 1),
    "one head": ScaledDotProductAttention,
}
OTHERS = {
    "encoder layer": lambda: EncoderLayer(D, H, F),
    "pre": lambda: EncoderLayer(D, H, F, norm="pre"),
    "block": lambda: Block(D, H, F),
    "positions": lambda: PositionalEncoding(9),
    "feed-forward": lambda: FeedForward(D, F),
    "gated": lambda: SwiGLU(D, F),
    "low rank": lambda: LoRADense(D, 2),
}


def reopened(model, tmp_path):
    model.save(tmp_path / "model.keras")
    return keras.saving.load_model(tmp_path / "model.keras")


@pytest.mark.parametrize("name", [*TO_ITSELF, *OTHERS])
def test_a_mask_that_travels_hides_padding_and_travels_on(name, tmp_path):
    """Words are read alike however much padding is behind them, and what comes behind knows where it is."""
    ids = keras.Input((None,), dtype="int32")
    x = keras.layers.Embedding(V, D, mask_zero=True)(ids)
    y = TO_ITSELF[name]()(x, x) if name in TO_ITSELF else OTHERS[name]()(x)
    model = keras.Model(ids, [y, keras.layers.GlobalAveragePooling1D()(y)])
    words, mean = numpy_of(model(IDS))
    for each in (model, reopened(model, tmp_path)):
        longer, as_before = numpy_of(each(np.pad(IDS, ((0, 0), (0, 3)))))
        assert_close(longer[:, :T][IDS != 0], words[IDS != 0])
        assert_close(as_before, mean)


def test_a_decoder_layer_hears_the_masks_of_both():
    layer, table = DecoderLayer(D, H, F), keras.layers.Embedding(V, D, mask_zero=True)
    source = token_ids(S, V, padding=3)
    heard = layer(table(IDS), table(source))
    masks = {"self_attention_mask": (IDS != 0)[:, None], "cross_attention_mask": (source != 0)[:, None]}
    told = layer(numpy_of(table(IDS))[0], numpy_of(table(source))[0], **masks)  # arrays of NumPy carry no mask
    assert_close(heard, told)


def test_a_mask_that_travels_and_one_that_is_given_both_hide():
    layer, table, causal = MultiHeadAttention(H, 4), keras.layers.Embedding(V, D, mask_zero=True), np.tri(T, dtype=bool)
    x = table(IDS)
    _, scores = layer(x, x, attention_mask=causal, return_attention_scores=True)
    seen = numpy_of(scores)[0] > 0
    np.testing.assert_array_equal(seen, np.broadcast_to(causal & (IDS != 0)[:, None, None], seen.shape))


@pytest.mark.parametrize("kind", [Encoder, LanguageModel, PretrainedEncoder, BlockStack])
def test_ids_as_floats_are_not_rounded_in_half_precision(kind):
    """bfloat16 has no 257."""
    arguments = {"num_layers": 1, "embedding_dim": D, "num_heads": H, "fully_connected_dim": F, "input_vocab_size": 300}
    model = kind(**arguments, maximum_position_encoding=9, dtype="mixed_bfloat16")
    ids = np.array([[257, 3, 259]])
    expected = ops.cast(model(ids), "float32")
    assert_close(ops.cast(model(ids.astype("float32")), "float32"), expected, atol=0)
    assert np.abs(numpy_of(ops.cast(model(np.array([[256, 3, 260]])), "float32"))[0] - numpy_of(expected)[0]).max() > 0
    assert numpy_of(PaddingMask(257, dtype="mixed_bfloat16")(ids.astype("float32")))[0].tolist() == [[[[False, 1, 1]]]]


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        (np.array([[1.5, 2.0]]), "Received: 1.5"),
        (np.array([[np.nan, 2.0]]), "Received: nan"),
        (np.array([[True, False]]), "dtype.*bool"),
    ],
)
def test_what_is_no_id_is_refused(ids, words):
    with pytest.raises(ValueError, match=f"must be whole numbers. {words}" if "dtype" not in words else words):
        Encoder(1, D, H, F, V, 9)(ids)


NO_PAIR = {
    "by name": ({"source_ids": SOURCE, "target_ids": TARGET}, "dict of 2"),
    "three": ((SOURCE, TARGET, TARGET), "tuple of 3"),
    "one": (SOURCE, "one array"),
    "of other batches": ((SOURCE, token_ids(T, V, batch=3)), r"shapes \(2, 7\) and \(3, 5\)"),
}


@pytest.mark.parametrize("name", NO_PAIR)
def test_a_transformer_says_that_it_wants_a_pair(name):
    inputs, words = NO_PAIR[name]
    with pytest.raises(ValueError, match=f"Received: {words}"):
        Transformer(1, D, H, F, 11, V, 9, 9)(inputs)


def test_a_transformer_called_on_two_arguments_says_how():
    with pytest.raises(TypeError, match=r"model\(\(source_ids, target_ids\)\)"):
        Transformer(1, D, H, F, 11, V, 9, 9)(SOURCE, TARGET)


@pytest.mark.parametrize("layer", [EncoderLayer(D, H, F), Block(D, H, F), DecoderLayer(D, H, F)], ids=repr)
@pytest.mark.parametrize("width", [1, D - 2])
def test_what_cannot_be_added_is_refused(layer, width):
    x = array(B, T, width)
    with pytest.raises(ValueError, match=f"Received: shape .*{width}.*embedding_dim=12"):
        layer(*([x, x] if isinstance(layer, DecoderLayer) else [x]))


def test_sizes_of_numpy_and_activations_with_weights_are_refused():
    with pytest.raises(ValueError, match=r"Write int\(20\)"):
        FeedForward(D, np.int64(20))
    with pytest.raises(ValueError, match="without weights. Received: PReLU"):
        EncoderLayer(D, H, F, activation=keras.layers.PReLU())


# Classes derived from ours


@registered
class HandsAllOn(EncoderLayer):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)


@registered
class Scaled(EncoderLayer):
    def __init__(self, scale=1.0, **options):
        super().__init__(**options)
        self.scale = scale

    def call(self, x, **options):
        return super().call(x, **options) * self.scale


@registered
class TellsItself(EncoderLayer):
    def __init__(self, scale=1.0, **kwargs):
        super().__init__(**kwargs)
        self._scale = scale

    def get_config(self):
        return {**super().get_config(), "scale": self._scale}

    def call(self, x, **options):
        return super().call(x, **options) * self._scale


@registered
class Decided(MultiHeadAttention):
    def __init__(self, width, **kwargs):
        super().__init__(H, width // H, **kwargs)
        self.width = width

    def call(self, x):
        return super().call(x, x)

    def build(self, shape):
        super().build(shape, shape)

    def compute_output_shape(self, shape):
        return shape


@registered
class DecidedModel(LanguageModel):
    def __init__(self, vocabulary, **kwargs):
        super().__init__(1, D, H, F, vocabulary, 9, **kwargs)
        self.vocabulary = vocabulary


class Forgets(EncoderLayer):
    def __init__(self, scale=1.0, **kwargs):
        super().__init__(**kwargs)


SIZES = {"embedding_dim": D, "num_heads": H, "fully_connected_dim": F, "norm": "pre"}
DERIVED = {
    "by position": lambda: HandsAllOn(D, H, F, norm="pre"),
    "by name": lambda: HandsAllOn(**SIZES),
    "one more": lambda: Scaled(2.0, **SIZES),
    "one more, and a function": lambda: Scaled(2.0, **SIZES, activation=keras.activations.silu),
    "one more, told by itself": lambda: TellsItself(2.0, **SIZES),
    "decided": lambda: Decided(D, dropout=0.1),
    "a model": lambda: DecidedModel(V, norm="post"),
}


@pytest.mark.parametrize("name", DERIVED)
def test_a_class_derived_from_ours_comes_back(name, tmp_path):
    layer, x = DERIVED[name](), IDS if name == "a model" else array(B, T, D)
    model = layer if name == "a model" else keras.Sequential([keras.Input((T, D)), layer])
    expected = numpy_of(model(x))
    assert_close(reopened(model, tmp_path)(x), expected, atol=0)


def test_a_derived_class_that_forgets_an_argument_says_so():
    with pytest.raises(NotImplementedError, match=r"Forgets takes `scale`.*Write `self\.scale = scale`"):
        Forgets(2.0, **SIZES).get_config()


# Parts changed after they were made


@pytest.mark.parametrize("kind", [Encoder, LanguageModel, PretrainedEncoder])
def test_frozen_before_it_is_built_it_stays_frozen(kind):
    model = kind(1, D, H, F, V, maximum_position_encoding=9)
    model.trainable = False
    ids = keras.Input((None,), dtype="int32")
    whole = keras.Model(ids, model(ids))
    assert not whole.trainable_weights and whole.weights
    again = keras.Model.from_config(whole.get_config())
    assert not again.trainable_weights and len(again.weights) == len(whole.weights)
    model.trainable = True
    assert len(whole.trainable_weights) == len(whole.weights)


def test_frozen_parts_and_parts_in_float32_come_back_so(tmp_path):
    model = LanguageModel(2, D, H, F, V, 9, dtype="mixed_bfloat16")
    model.output_layer.dtype_policy = "float32"
    expected = numpy_of(model(IDS))
    model.encoder.embedding.trainable = model.encoder.encoder_layers[0].trainable = False
    learns = [w.name for w in model.trainable_weights]
    assert 0 < len(learns) < len(model.weights)
    loaded = reopened(model, tmp_path)
    assert_close(loaded(IDS), expected, atol=0)
    assert keras.backend.standardize_dtype(loaded(IDS).dtype) == "float32"
    assert [w.path.rpartition("/")[2] for w in loaded.trainable_weights] == learns


@pytest.mark.parametrize("kind", [LanguageModel, BlockStack, PretrainedEncoder])
def test_models_that_may_have_the_exact_gelu_export_it(kind):
    assert issubclass(kind, ExportsGelu)
