"""Weights in several files with an index, as transformers saves large models: read as one, or refused by a name."""

import json
import pathlib
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from utils.pretrained.checkpoint import EncoderError, read_config, read_weights
from utils.pretrained.files import INDEX
from utils.pretrained.llama import load_llama
from utils.tasks.folders import read_head
from utils.tasks.shell.saved import task_of
from utils.tasks.token_classification import HEAD

from .reference import STORED

PARTS = [f"model-{n:05}-of-00003.safetensors" for n in (1, 2, 3)]


@pytest.fixture
def folder(tmp_path):
    """A stored BERT, its weights dealt out to three files."""
    return dealt_out(pathlib.Path(shutil.copytree(STORED / "bert_tokens", tmp_path / "bert")))


def dealt_out(folder):
    path = folder / "model.safetensors"
    tensors, places = load_file(path), {}
    for n, part in enumerate(PARTS):
        held = dict(list(tensors.items())[n :: len(PARTS)])
        places |= dict.fromkeys(held, part)
        save_file(held, folder / part)
    (folder / INDEX).write_text(json.dumps({"metadata": {"total_size": 1}, "weight_map": places}))
    path.unlink()
    return folder


def change_index(folder, change):
    content = json.loads((folder / INDEX).read_text())
    change(content)
    (folder / INDEX).write_text(json.dumps(content))


def test_the_parts_hold_the_same_as_one_file(folder):
    whole = read_weights(STORED / "bert_tokens")
    found = read_weights(folder)
    assert whole.keys() == found.keys() and all(np.array_equal(whole[path], found[path]) for path in whole)
    width = read_config(folder)["embedding_dim"]
    labels = load_file(STORED / "bert_tokens" / "model.safetensors")["classifier.bias"].size
    shapes = {"head/kernel": (width, labels), "head/bias": (labels,)}
    heads = [read_head(f, HEAD, shapes, "named entities") for f in (STORED / "bert_tokens", folder)]
    assert all(np.array_equal(heads[0][name], heads[1][name]) for name in shapes)
    assert task_of(folder) == "ner"


def test_one_file_goes_before_an_index(folder):
    shutil.copy(STORED / "bert_tokens" / "model.safetensors", folder)
    (folder / INDEX).write_text("{")
    assert read_weights(folder)


def test_a_llama_may_lie_in_parts(tmp_path):
    source = pathlib.Path("data/pretrained/tiny_llama")
    parts = dealt_out(pathlib.Path(shutil.copytree(source, tmp_path / "llama")))
    for a, b in zip(load_llama(source).get_weights(), load_llama(parts).get_weights(), strict=True):
        assert np.array_equal(a, b)


def test_transformers_own_parts_are_read(tmp_path):
    transformers = pytest.importorskip("transformers")
    model = transformers.AutoModel.from_pretrained(STORED / "bert_tokens")
    model.save_pretrained(tmp_path, max_shard_size="20KB")
    assert (tmp_path / INDEX).is_file() and len(list(tmp_path.glob("*.safetensors"))) > 1
    whole, found = read_weights(STORED / "bert_tokens"), read_weights(tmp_path)
    assert all(np.array_equal(whole[path], found[path]) for path in whole)


def exchanged(content):
    places = content["weight_map"]
    first = next(iter(places))
    places[first] = next(part for part in PARTS if part != places[first])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c.pop("weight_map"), 'must say under "weight_map" in which file each tensor lies. Received: null'),
        (lambda c: c.update(weight_map=[]), "Received: []"),
        (lambda c: c.update(weight_map={"a": 1}), 'Received: {"a": 1}'),
        (lambda c: c["weight_map"].update(a="../a.safetensors"), "files of safetensors beside it. Received: '../a.s"),
        (lambda c: c["weight_map"].update(a="/a.safetensors"), "beside it. Received: '/a.safetensors' for a"),
        (lambda c: c["weight_map"].update(a="a.bin"), "beside it. Received: 'a.bin' for a"),
        (lambda c: c["weight_map"].update(a="b.safetensors"), "names 4 files, of which these are not there: b.saf"),
        (lambda c: c["weight_map"].update(a=PARTS[1]), f"{PARTS[1]} does not hold what {INDEX} says: it lacks a (1 s"),
        (lambda c: c["weight_map"].popitem(), "says: it has classifier."),
        (exchanged, f"does not hold what {INDEX} says: it "),
    ],
)
def test_an_index_that_contradicts_its_files_is_refused(folder, change, said):
    change_index(folder, change)
    with pytest.raises(EncoderError) as failure:
        read_weights(folder)
    assert said in str(failure.value) and "\n" not in str(failure.value)


def test_a_missing_a_broken_and_a_foreign_part_are_refused(folder):
    content = (folder / PARTS[1]).read_bytes()
    (folder / PARTS[1]).write_bytes(content[:-1])
    with pytest.raises(EncoderError, match=f"{PARTS[1]} is damaged or cut short"):
        read_weights(folder)
    (folder / PARTS[1]).write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(EncoderError, match=f"{PARTS[1]} is a Git LFS pointer"):
        read_weights(folder)
    (folder / PARTS[1]).unlink()
    with pytest.raises(EncoderError, match=f"of which these are not there: {PARTS[1]}"):
        read_weights(folder)
    (folder / INDEX).write_text("{")
    with pytest.raises(EncoderError, match=f"{INDEX} cannot be read, or is damaged"):
        read_weights(folder)
