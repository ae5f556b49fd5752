"""A saved model as one file that runs without Keras: `python -m utils.tasks export DIR --to onnx`.

The file is run before it is handed over: what does not say what our model says is not left behind.
"""

import importlib.util
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from utils.pretrained.checkpoint import read_config
from utils.pretrained.files import read_json

NEEDED = ("onnx", "onnxruntime", "tf2onnx")
INPUTS = ("input_ids", "token_type_ids", "attention_mask")  # as transformers calls them
OUTPUTS = {"names": ("logits",), "answers": ("start_logits", "end_logits"), "encoder": ("last_hidden_state",)}
OPSET = 17
TOLERANCE = 1e-4


class ExportError(RuntimeError):
    """A model cannot be exported, or what came out does not agree with it: the message says what to do."""


def export_onnx(folder: str | os.PathLike, path: str | os.PathLike) -> float:
    """Writes a saved model as ONNX, for batches of every size and texts of every length that the encoder takes.

    Inputs are input_ids, token_type_ids and attention_mask (1 = token), int64 (B, T), as `transformers` names them.
    Outputs are logits (B, T, C) of a model that finds names; start_logits and end_logits (B, T), very low at padding,
    of one that finds answers; last_hidden_state (B, T, D) of an encoder alone. The tokenizer stays in the folder.
    One that looks for the sentence first takes the sentences' numbers for token_type_ids, 0 for the question, then 1, 2
    and so on; given 0 and 1 alone, it reads without looking: see `utils.tasks.question_answering.FindThenRead`.

    Args:
        folder: what `save` of either task wrote, or the folder of a BERT or DistilBERT.
        path: of the file; one that stands there is replaced once the new one is known to be right.

    Returns:
        The largest difference between the file's outputs in onnxruntime and the model's own, over batches with and
        without padding.

    Raises:
        EncoderError: the folder does not hold a model that can be read.
        ExportError: a package is missing, the model cannot be converted, or the file computes something else.
        OSError: the file cannot be written.
    """
    if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
        raise ExportError(
            f"ONNX needs {', '.join(missing)}. Run: .venv/bin/pip install --require-hashes -r requirements-onnx.txt"
        )
    folder, path = Path(folder), Path(path)
    if path.is_dir():
        raise ExportError(f"{path} is a folder. Name the file, such as {path / 'model.onnx'}")
    config, kind = read_config(folder), kind_of(folder)
    compute = function_of(folder, kind)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".onnx-", dir=path.parent) as scratch:
        made = Path(scratch) / path.name
        convert(compute, made)
        difference = largest_difference(compute, made, config)
        if not difference <= TOLERANCE:
            raise ExportError(
                f"The ONNX file does not compute what {folder} does: outputs differ by up to {difference:.1e}, more "
                f"than {TOLERANCE:.0e}. Nothing was written. Other versions of {', '.join(NEEDED)} may do better"
            )
        made.replace(path)
    return difference


def kind_of(folder: Path) -> str:
    """Whether a folder's model finds "names" or "answers", or is an "encoder" alone, by its config.json."""
    made_for = " ".join(map(str, read_json(folder / "config.json").get("architectures") or []))
    if made_for.endswith("ForTokenClassification"):
        return "names"
    return "answers" if made_for.endswith("ForQuestionAnswering") else "encoder"


def function_of(folder: Path, kind: str) -> Callable:
    """The model as a TensorFlow graph: three int64 (B, T) to a dictionary of outputs, without dropout."""
    import tensorflow as tf

    if kind == "encoder":
        from utils.pretrained.encoder import load_encoder

        model = load_encoder(folder)
    else:
        from utils.tasks import question_answering, token_classification

        model = (token_classification if kind == "names" else question_answering).load(folder).model
    signature = [tf.TensorSpec((None, None), "int64", name=name) for name in INPUTS]

    @tf.function(input_signature=signature, autograph=False)
    def compute(input_ids, token_type_ids, attention_mask):
        ids = (tf.cast(x, "int32") for x in (input_ids, token_type_ids))
        found = model(*ids, padding_mask=attention_mask > 0, training=False)
        return dict(zip(OUTPUTS[kind], found if isinstance(found, tuple) else (found,), strict=True))

    return compute


def convert(compute: Callable, path: Path) -> None:
    """Writes a graph as ONNX."""
    import onnx
    import tf2onnx

    from utils.layers.onnx import know_erfc  # needs Keras

    know_erfc()
    try:
        model, _ = tf2onnx.convert.from_function(compute, compute.input_signature, opset=OPSET)
    except Exception as error:  # whatever the converter meets
        raise ExportError(f"The model cannot be written as ONNX: {error}") from error
    for value in (*model.graph.input, *model.graph.output):
        for dimension, name in zip(value.type.tensor_type.shape.dim, ("batch", "length"), strict=False):
            dimension.dim_param = name
    onnx.save(model, os.fspath(path))


def largest_difference(compute: Callable, path: Path, config: dict) -> float:
    """Over batches of random ids, how far the file's outputs are from the graph's where there are tokens."""
    import onnxruntime
    import tensorflow as tf

    try:
        session = onnxruntime.InferenceSession(os.fspath(path), providers=["CPUExecutionProvider"])
        names, largest = [output.name for output in session.get_outputs()], 0.0
        for batch, length in ((1, 1), (2, 5), (3, config["maximum_position_encoding"])):
            inputs = example(config, batch, length)
            wanted = compute(*(tf.constant(inputs[name]) for name in INPUTS))
            used = {i.name: inputs[i.name] for i in session.get_inputs()}
            for name, got in zip(names, session.run(names, used), strict=True):
                there = inputs["attention_mask"] > 0
                largest = max(largest, float(np.abs(got[there] - wanted[name].numpy()[there]).max()))
    except Exception as error:  # the library raises many kinds
        raise ExportError(f"onnxruntime cannot run what was written: {error}. Nothing was left") from error
    return largest


def example(config: dict, batch: int, length: int) -> dict[str, np.ndarray]:
    """Random ids (B, T), segments, and a mask with padding after row 0."""
    random = np.random.default_rng([batch, length])
    ends = np.array([length, *random.integers(1, length + 1, batch - 1)])
    arrays = (
        random.integers(0, config["input_vocab_size"], (batch, length)),
        random.integers(0, max(config["num_token_types"], 1), (batch, length)),
        np.arange(length) < ends[:, np.newaxis],
    )
    return {name: array.astype("int64") for name, array in zip(INPUTS, arrays, strict=True)}
