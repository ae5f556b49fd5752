"""Saved models as ONNX: run by onnxruntime they say what ours say, or no file is left."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.tasks.small_bert import make, questions
from utils.pretrained.encoder import load_encoder
from utils.tasks import export, question_answering, token_classification
from utils.tasks.__main__ import main
from utils.tasks.export import INPUTS, ExportError, example, export_onnx, kind_of
from utils.text.buckets import EncodingBatches

ROOT = Path(__file__).parents[2]
ABSENT = [name for name in export.NEEDED if importlib.util.find_spec(name) is None]
needs_onnx = pytest.mark.skipif(bool(ABSENT), reason=f"{', '.join(ABSENT)}: not installed")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A folder of each kind, by its name; two steps of training each, on a BERT and a DistilBERT."""
    root = tmp_path_factory.mktemp("models")
    kinds = {"encoder": "bert", "distil": "distilbert"}
    made = {name: make(path, kind) for name, kind in kinds.items() if (path := root / name).mkdir() is None}
    train = root / "train.conll"
    train.write_text("Jane B-PER\ntook O\na O\nmap O\n\n" * 4)
    options = {"steps": 2, "batch_size": 2, "progress": False}
    token_classification.fine_tune(train, encoder=made["encoder"], **options).save(root / "names")
    question_answering.fine_tune(questions(6), encoder=made["distil"], **options).save(root / "answers")
    return made | {name: root / name for name in ("names", "answers")}


def run(path, config, batch=3, length=7):
    import onnxruntime

    session = onnxruntime.InferenceSession(os.fspath(path), providers=["CPUExecutionProvider"])
    inputs = example(config, batch, length)
    dimensions = [(i.type, i.shape) for i in session.get_inputs()]
    assert dimensions == [("tensor(int64)", ["batch", "length"])] * len(dimensions)
    found = session.run(None, {i.name: inputs[i.name] for i in session.get_inputs()})
    return inputs, dict(zip([output.name for output in session.get_outputs()], found, strict=True))


def as_ours(inputs):
    return *(inputs[name].astype("int32") for name in INPUTS[:2]), inputs[INPUTS[2]] > 0


@needs_onnx
@pytest.mark.parametrize("kind", ["encoder", "distil", "names", "answers"])
def test_the_file_says_what_the_model_says(folders, kind, tmp_path):
    folder, path = folders[kind], tmp_path / "new" / "model.onnx"
    assert export_onnx(folder, path) < 1e-5
    assert [p.name for p in path.parent.iterdir()] == ["model.onnx"]
    config = export.read_config(folder)
    inputs, found = run(path, config)
    if kind == "names":
        wanted = {"logits": token_classification.load(folder).model(*as_ours(inputs))}
    elif kind == "answers":
        wanted = dict(
            zip(("start_logits", "end_logits"), question_answering.load(folder).logits(*as_ours(inputs)), strict=True)
        )
    else:
        wanted = {"last_hidden_state": load_encoder(folder)(*as_ours(inputs))}
    assert found.keys() == wanted.keys()
    there = inputs["attention_mask"] > 0
    for name, array in wanted.items():
        np.testing.assert_allclose(found[name][there], np.asarray(array)[there], atol=1e-5)


@needs_onnx
def test_a_text_read_by_the_file_alone_gets_the_same_labels(folders, tmp_path):
    export_onnx(folders["names"], tmp_path / "model.onnx")
    import onnxruntime

    model = token_classification.load(folders["names"])
    ((_, (ids, types, mask)),) = EncodingBatches(
        model.tokenizer.encode_batch(["Jane took a map", "Omar"]), 2
    ).in_order()
    session = onnxruntime.InferenceSession(os.fspath(tmp_path / "model.onnx"))
    arrays = (np.asarray(a).astype("int64") for a in (ids, types, mask))
    (logits,) = session.run(None, dict(zip(INPUTS, arrays, strict=True)))
    np.testing.assert_array_equal(logits.argmax(-1)[mask], model.model(ids, types, mask).numpy().argmax(-1)[mask])


@needs_onnx
def test_a_file_that_does_not_agree_is_not_left_behind(folders, tmp_path, monkeypatch):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"the old one")
    right = export.function_of

    def wrong(folder, kind):
        compute = right(folder, kind)
        monkeypatch.setattr(export, "convert", lambda _, made: convert(off_by_a_little(compute), made))
        return compute

    def off_by_a_little(compute):
        import tensorflow as tf

        return tf.function(
            lambda *x: {name: y + 3e-4 for name, y in compute(*x).items()}, input_signature=compute.input_signature
        )

    convert = export.convert
    monkeypatch.setattr(export, "function_of", wrong)
    with pytest.raises(ExportError, match="differ by up to 3.0e-04, more than 1e-04. Nothing was written"):
        export_onnx(folders["encoder"], path)
    assert path.read_bytes() == b"the old one" and [p.name for p in tmp_path.iterdir()] == ["model.onnx"]


@needs_onnx
def test_from_a_shell(folders):
    command = [sys.executable, "-m", "utils.tasks", "export", str(folders["names"]), "--to", "onnx"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert f"{folders['names'] / 'model.onnx'}: 0." in done.stdout and "outputs logits." in done.stdout
    assert (folders["names"] / "model.onnx").is_file()
    token_classification.load(folders["names"])  # the file beside them is in nobody's way


def test_without_its_packages_the_command_says_what_to_run(folders, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(export, "NEEDED", ("onnx_that_is_nowhere",))
    assert main(["export", str(folders["names"]), "--to", "onnx", "--out", str(tmp_path / "x.onnx")]) == 1
    assert "requirements-onnx.txt" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_exported_is_said(folders, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(export, "NEEDED", ())
    monkeypatch.setattr("utils.tasks.shell.export.start_quietly", lambda: None)
    (tmp_path / "target.json").touch()
    (tmp_path / "model.safetensors").touch()
    wrong = {"nowhere": "is not there: check the spelling", "model.safetensors": "is a file: pass the folder",
             "": "holds a translator, and is not exported"}  # fmt: skip
    for name, said in wrong.items():
        assert main(["export", str(tmp_path / name), "--to", "onnx"]) == 2
        assert said in capsys.readouterr().err
    (tmp_path / "target.json").unlink()
    assert main(["export", str(tmp_path), "--to", "onnx"]) == 2
    assert "There is no config.json" in capsys.readouterr().err
    (tmp_path / "config.json").write_text((folders["encoder"] / "config.json").read_text())
    assert main(["export", str(tmp_path), "--to", "onnx"]) == 2
    assert "model.safetensors is damaged or cut short" in capsys.readouterr().err
    assert main(["export", str(folders["names"]), "--to", "onnx", "--out", str(tmp_path)]) == 2
    assert "is a folder. Name the file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("architectures", "kind"),
    [
        (["BertForTokenClassification"], "names"),
        (["DistilBertForQuestionAnswering"], "answers"),
        (["BertModel"], "encoder"),
        (None, "encoder"),
    ],
)
def test_the_kind_is_told_by_the_config(tmp_path, architectures, kind):
    (tmp_path / "config.json").write_text(json.dumps({"architectures": architectures}))
    assert kind_of(tmp_path) == kind
