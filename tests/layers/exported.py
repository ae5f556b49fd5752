"""Exports one model and reads it back: python -m tests.layers.exported LAYER FORMAT FOLDER.

In a process of its own: it is run on every backend, and an exporter brings its own libraries along.
"""

import sys

import keras
import numpy as np

from utils.layers import Encoder, MultiHeadAttention, PositionalEncoding, Transformer

WIDTH = 12


def model_of(name):
    if name == "positional_encoding":
        x = keras.Input((None, WIDTH))
        return keras.Model(x, PositionalEncoding(9)(x))
    if name == "attention":
        x = keras.Input((5, WIDTH))  # only the batch is unknown
        return keras.Model(x, MultiHeadAttention(3, 4)(x, x))
    source, target = (keras.Input((None,), dtype="int32") for _ in range(2))
    if name == "encoder":
        return keras.Model(source, Encoder(1, WIDTH, 3, 20, 11, 9)(source))
    return keras.Model([source, target], Transformer(1, WIDTH, 3, 20, 11, 13, 9, 8)([source, target]))


def example(symbol, batch, length):
    rng = np.random.default_rng([batch, length])
    shape = (batch, symbol.shape[1] or length, *symbol.shape[2:])
    return rng.normal(size=shape).astype("float32") if len(shape) == 3 else rng.integers(1, 11, shape).astype("int32")


def reader_of(path, form):
    """What runs the file without Keras and without our layers."""
    if form == "tf_saved_model":
        import tensorflow as tf

        served = tf.saved_model.load(path)
        return lambda xs: served.serve(*xs if len(xs) == 1 else [xs]).numpy()
    if form == "openvino":
        import openvino

        compiled = openvino.compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        return lambda xs: compiled(xs)[0]
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return lambda xs: session.run(None, {i.name: x for i, x in zip(session.get_inputs(), xs, strict=True)})[0]


def main(name, form, folder):
    model = model_of(name)
    path = f"{folder}/{name}" + {"onnx": ".onnx", "openvino": ".xml"}.get(form, "")
    inputs = [[example(symbol, *sizes) for symbol in model.inputs] for sizes in ((2, 5), (3, 7), (1, 2))]
    wanted = [keras.ops.convert_to_numpy(model(xs if len(xs) > 1 else xs[0])) for xs in inputs]
    model.export(path, format=form, verbose=False)
    read = reader_of(path, form)
    for xs, want in zip(inputs, wanted, strict=True):
        np.testing.assert_allclose(read(xs), want, atol=5e-6)


if __name__ == "__main__":
    main(*sys.argv[1:])
