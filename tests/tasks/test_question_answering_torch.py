"""PyTorch's question answering, in a process without Keras: the same logits and answers from the same files."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.tasks import small_bert
from utils.tasks import question_answering as qa

HERE = Path(__file__)
NEEDS_TORCH = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="PyTorch is not installed: see requirements-torch.txt"
)
SHAPES = {
    "small": ("bert", {}),
    "odd": ("bert", {"num_hidden_layers": 3, "hidden_size": 30, "num_attention_heads": 5, "intermediate_size": 17}),
    "no-types": ("distilbert", {}),
    "relu": ("bert", {"hidden_act": "relu", "layer_norm_eps": 1e-5}),
    "tanh": ("bert", {"hidden_act": "gelu_new", "num_hidden_layers": 1}),
}


@NEEDS_TORCH
def test_in_a_process_of_its_own(tmp_path):
    rng = np.random.default_rng(0)
    for n, (name, (kind, changes)) in enumerate(SHAPES.items()):
        (tmp_path / f"in-{name}").mkdir()
        encoder = small_bert.make(tmp_path / f"in-{name}", kind, seed=n, **changes)
        reader = qa.fine_tune(small_bert.questions(20), None, encoder, steps=2, progress=False, max_length=40)
        folder = tmp_path / name
        reader.save(folder)
        mask = np.arange(23) < np.array([[23], [9], [17]])
        sentences = np.arange(23) // 4 * mask  # 0 for the question, then 1, 2, …
        arrays = rng.integers(5, 30, (3, 23)).astype("int32"), sentences.astype("int32"), mask
        start, end = reader.logits(*arrays)
        names = ("token_ids", "token_type_ids", "padding_mask", "start", "end")
        np.savez(folder / "logits.npz", **dict(zip(names, (*arrays, start, end), strict=True)))
        asked = ["What did Omar take?", "Omar took the map. " * 6, 3]
        (folder / "answers.json").write_text(json.dumps({"asked": asked, "answers": reader.answer(*asked)}))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"KERAS_MODELS": str(tmp_path), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(HERE.with_name("in_torch.py"))]
    done = subprocess.run(command, cwd=HERE.parents[2], env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{done.stdout[-10000:]}\n{done.stderr[-2000:]}"


READ = """
import json, sys
import numpy as np, torch
from transformers import AutoModelForQuestionAnswering
folder = sys.argv[1]
d = np.load(folder + "/logits.npz")
model = AutoModelForQuestionAnswering.from_pretrained(folder).eval()
inputs = {"input_ids": d["token_ids"], "attention_mask": d["padding_mask"], "token_type_ids": d["token_type_ids"]}
if model.config.model_type == "distilbert":
    del inputs["token_type_ids"]
with torch.no_grad():
    out = model(**{k: torch.from_numpy(np.asarray(v, "int64")) for k, v in inputs.items()})
for name in ("start", "end"):
    gap = np.abs(getattr(out, name + "_logits").numpy() - d[name])[d["padding_mask"]].max()
    assert gap < 1e-4, gap
"""


@NEEDS_TORCH
@pytest.mark.skipif(importlib.util.find_spec("transformers") is None, reason="transformers is not installed")
@pytest.mark.parametrize("kind", ["bert", "distilbert"])
def test_transformers_reads_what_is_saved(kind, tmp_path):
    (tmp_path / "in").mkdir()
    encoder = small_bert.make(tmp_path / "in", kind)
    reader = qa.fine_tune(small_bert.questions(20), None, encoder, steps=2, progress=False, max_length=40)
    reader.save(tmp_path / "out")
    mask = np.arange(23) < np.array([[23], [9], [17]])
    arrays = np.random.default_rng(0).integers(5, 30, (3, 23)).astype("int32"), (np.arange(23) > 5) * mask * 1, mask
    arrays = arrays[0], arrays[1].astype("int32"), arrays[2]
    names = ("token_ids", "token_type_ids", "padding_mask", "start", "end")
    np.savez(tmp_path / "out" / "logits.npz", **dict(zip(names, (*arrays, *reader.logits(*arrays)), strict=True)))
    command = [sys.executable, "-c", READ, str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
