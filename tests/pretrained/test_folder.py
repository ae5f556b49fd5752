"""What is read from a folder, and what is refused: which file, what was found, what to do, nothing half done."""

import json
import pathlib
import pickle
import shutil
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from utils.pretrained import encoder as encoders
from utils.pretrained import encoder_folder, fetch, load_encoder
from utils.pretrained.checkpoint import (
    RENAMED,
    EncoderError,
    load_tokenizer,
    map_weights,
    read_config,
    read_weights,
    weight_shapes,
    wordpiece_tokenize,
)

from .reference import STORED

ROOT = pathlib.Path(__file__).parents[2]
BERT, DISTIL = "bert_tokens", "distil_answers"
QUERY = "bert.encoder.layer.1.attention.self.query.weight"


@pytest.fixture
def folder(tmp_path):
    """A copy of a stored BERT, to be spoilt."""
    return pathlib.Path(shutil.copytree(STORED / BERT, tmp_path / "bert"))


def change_config(folder, **changes):
    path = folder / "config.json"
    config = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({name: value for name, value in config.items() if value != "absent"}))


def change_tensors(folder, changes, source=None):
    """Rewrites the weights; a change to None removes a tensor."""
    path = folder / "model.safetensors"
    tensors = {**load_file(path), **changes}
    save_file({name: np.ascontiguousarray(array) for name, array in tensors.items() if array is not None}, path)


def assert_refused(folder, *said, monkeypatch=None):
    with pytest.raises(EncoderError) as failure:
        load_encoder(folder)
    for words in said:
        assert words in str(failure.value), failure.value
    assert "\n" not in str(failure.value)


@pytest.fixture(autouse=True)
def _nothing_half_done(monkeypatch, request):
    """Where loading is refused, no encoder has been made before."""
    if "refused" in request.node.name:
        monkeypatch.setattr(encoders, "PretrainedEncoder", lambda *a, **k: pytest.fail("an encoder was made"))


# config.json ---------------------------------------------------------------------------------------


def test_the_pretrained_encoders_sizes():
    config = read_config(fetch())
    sizes = {"num_layers": 6, "embedding_dim": 384, "num_heads": 12, "fully_connected_dim": 1536}
    assert sizes.items() <= config.items()
    assert (config["layernorm_eps"], config["activation"], config["num_token_types"]) == (1e-12, "gelu", 2)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model_type": "roberta"}, ["not supported", "model_type='roberta'", "Supported: ['bert', 'distilbert']"]),
        ({"model_type": None, "hidden_size": "absent"}, ["not supported", "model_type=None"]),
        ({"hidden_act": "mish"}, ["activation is not supported", "'mish'", "gelu, gelu_python, gelu_new"]),
        ({"hidden_act": ["gelu"]}, ["activation is not supported"]),
        ({"hidden_size": 0}, ["hidden_size must be a whole number of at least 1", "hidden_size=0"]),
        ({"hidden_size": "30"}, ["hidden_size='30'"]),
        ({"num_hidden_layers": True}, ["num_hidden_layers=True"]),
        ({"num_attention_heads": 7}, ["multiple of the number of heads", "width 30, 7 heads"]),
        ({"hidden_dropout_prob": 1.0}, ["hidden_dropout_prob must be a number in [0, 1)"]),
        ({"layer_norm_eps": -1e-12}, ["layer_norm_eps"]),
        ({"position_embedding_type": "relative_key"}, ["position_embedding_type must be 'absolute'", "relative_key"]),
        ({"is_decoder": True}, ["is_decoder must be False"]),
        ({"add_cross_attention": True}, ["add_cross_attention must be False"]),
        ({"pruned_heads": {"0": [1]}}, ["pruned_heads must be {}"]),
        ({"quantization_config": {"load_in_8bit": True}}, ["quantization_config must be None"]),
        ({"pad_token_id": 97}, ["pad_token_id=97, vocab_size=97"]),
        ({"model_type": "absent", "architectures": ["RobertaModel"]}, ["no model_type", "['RobertaModel']", "no BERT"]),
    ],
)
def test_a_config_is_refused(folder, changes, said):
    change_config(folder, **changes)
    assert_refused(folder, "config.json", *said)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"{", "cannot be read, or is damaged"), (b"[1]", "must hold an object in braces"), (b"\xff\xfe", "damaged")],
)
def test_a_config_that_is_no_json_is_refused(folder, content, said):
    (folder / "config.json").write_bytes(content)
    assert_refused(folder, said)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_missing_file_is_refused(folder, name):
    (folder / name).unlink()
    assert_refused(folder, f"There is no {name} in {folder}")


def test_an_old_config_without_its_type_is_a_bert(folder):
    change_config(folder, model_type="absent", type_vocab_size="absent", hidden_act="absent", pad_token_id=None)
    config = read_config(folder)
    assert (config["num_token_types"], config["activation"], config["pad_id"]) == (2, "gelu", 0)
    load_encoder(folder)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"model_type": "absent", "architectures": "absent"},
            "neither model_type nor architectures.*taken for a BERT's",
        ),
        ({"architectures": ["RobertaModel"]}, "names RobertaModel beside model_type='bert'"),
        ({"architectures": ["BertCRF"]}, "names BertCRF beside model_type='bert'"),
        ({"auto_map": {"AutoModel": "x.Y"}}, "names code of its own .auto_map. beside"),
    ],
)
def test_what_is_taken_for_a_bert_by_a_guess_is_said(folder, changes, said):
    change_config(folder, **changes)
    with pytest.warns(UserWarning, match=said):
        read_config(folder)


def test_a_distilbert_may_use_the_names_of_a_bert(tmp_path):
    folder = shutil.copytree(STORED / DISTIL, tmp_path / "distil")
    expected = read_config(folder)
    config = json.loads((folder / "config.json").read_text())
    changes = {"hidden_size": config["dim"], "num_attention_heads": config["n_heads"], "dim": "absent"}
    change_config(folder, **changes, n_heads="absent", num_hidden_layers=config["n_layers"])
    assert read_config(folder) == expected
    change_config(folder, dim=config["dim"] * 2)
    assert_refused(folder, f"contradicts itself: dim={config['dim'] * 2}, and hidden_size={config['dim']}")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_where_else_a_file_may_lie_is_said(folder, tmp_path, name):
    deep = tmp_path / "snapshots of it" / "ä b"
    deep.mkdir(parents=True)
    shutil.copytree(folder, deep / "model")
    (folder / name).unlink()
    (folder / name).symlink_to("../blobs/gone")
    assert_refused(folder, f"There is no {name} in {folder}. A link is, to ../blobs/gone, where nothing is")
    assert_refused(deep, f"There is one further down: pass {deep / 'model'}")
    path = deep / "model" / name
    path.rename(tmp_path / "blob")
    path.symlink_to(tmp_path / "blob")
    assert read_weights(deep / "model")


def test_a_file_or_a_name_in_place_of_a_folder_is_refused(folder):
    path = folder / "model.safetensors"
    assert_refused(path, f"{path} is a file. Pass the folder", "unpack an archive")
    with pytest.raises(EncoderError, match="a file: pass the folder that it is in"):
        encoder_folder(path)
    with pytest.raises(EncoderError, match="name on a hub, download its files"):
        encoder_folder("google-bert/bert-base-uncased")


# model.safetensors ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pytorch_model-00001-of-00002.bin", "AutoModel.from_pretrained("),
        ("model-00001-of-00002.safetensors", "Get model.safetensors.index.json, too"),
        ("tf_model.h5", "transformers before 5"),
        ("flax_model.msgpack", "transformers before 5"),
        ("bert_model.ckpt.index", "transformers before 5"),
        ("model.gguf", "a form to run"),
        ("onnx/model.onnx", "a form to run"),
        ("adapter_model.safetensors", "merge_and_unload"),
        ("model.safetensors.incomplete", "broken off: get it again"),
        ("model.fp16.safetensors", "rename it to model.safetensors"),
    ],
)
def test_weights_in_another_form_are_refused_by_their_name(folder, name, said):
    (folder / "model.safetensors").unlink()
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"weights")
    assert_refused(folder, f"only {name}. ", said)


@pytest.mark.parametrize("front", ["module.", "model.", "_orig_mod.", "module._orig_mod.", "0.auto_model."])
@pytest.mark.parametrize("kept", ["bert.", ""])
def test_what_a_wrapper_put_before_all_names_is_taken_off(folder, front, kept):
    tensors, wanted = load_file(folder / "model.safetensors"), read_weights(folder)
    tensors = {name.removeprefix("bert."): array for name, array in tensors.items() if name.startswith("bert.")}
    save_file({front + kept + name: array for name, array in tensors.items()}, folder / "model.safetensors")
    with pytest.warns(UserWarning, match=f"all names begin with '{front}', of a wrapper; that is taken off"):
        found = read_weights(folder)
    assert found.keys() == wanted.keys() and all(np.array_equal(found[path], wanted[path]) for path in wanted)


def test_a_front_that_not_all_names_have_is_no_wrappers(folder):
    tensors = load_file(folder / "model.safetensors")
    other = {"own.weight": np.zeros(2, "float32")} | {f"model.{name}": array for name, array in tensors.items()}
    save_file(other, folder / "model.safetensors")
    assert_refused(folder, "begin with 'model.bert.'", "Save the model inside alone")


@pytest.mark.parametrize("front", ["roberta.", "bert."])
def test_names_with_something_in_front_are_refused_by_it(folder, front):
    tensors = load_file(folder / "model.safetensors")
    save_file({front + name: array for name, array in tensors.items()}, folder / "model.safetensors")
    front += "bert."
    assert_refused(folder, f"the names of its tensors begin with {front!r}", "Save the model inside alone")


def test_two_tensors_for_one_weight_must_be_the_same(folder):
    name = "bert.embeddings.LayerNorm.weight"
    norm = load_file(folder / "model.safetensors")[name]
    change_tensors(folder, {"bert.embeddings.LayerNorm.gamma": norm})
    assert read_weights(folder)
    change_tensors(folder, {"bert.embeddings.LayerNorm.gamma": norm + 1})
    with pytest.raises(EncoderError, match="two tensors for one weight, and they differ: .*gamma and .*weight"):
        read_weights(folder)


def test_an_adapter_beside_the_model_is_said(folder):
    (folder / "adapter_config.json").write_text("{}")
    with pytest.warns(UserWarning, match="adapter beside the model.*merge_and_unload"):
        read_weights(folder)


@pytest.mark.parametrize("kept", [0, 4, 100, 5000, -1])
def test_a_file_cut_short_is_refused(folder, kept):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:kept])
    assert_refused(folder, "model.safetensors is damaged or cut short", "Delete it and get it again")


@pytest.mark.parametrize("content", [b"<!DOCTYPE html>", bytes(1000), b"\xff" * 100])
def test_a_file_of_something_else_is_refused(folder, content):
    (folder / "model.safetensors").write_bytes(content)
    assert_refused(folder, "is damaged or cut short")


class Bomb:
    """Unpickled, it runs code."""

    def __reduce__(self):
        return (open, ("pickle_ran", "w"))


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.safetensors"])
def test_a_pickle_is_refused_and_never_run(folder, monkeypatch, name):
    monkeypatch.chdir(folder)
    (folder / "model.safetensors").unlink()
    (folder / name).write_bytes(pickle.dumps(Bomb()))
    said = ["only pytorch_model.bin", "never pickle", "save_pretrained"] if "bin" in name else ["is damaged"]
    assert_refused(folder, *said)
    assert not (folder / "pickle_ran").exists()


def test_a_missing_tensor_is_refused(folder):
    change_tensors(folder, {QUERY: None})
    ours = "encoder_layers/1/self_attention/query_kernel"
    assert_refused(
        folder, f"1 tensor is missing: {ours} (in a BERT: {QUERY.removeprefix('bert.')})", "Nothing was loaded"
    )


def test_missing_layers_are_refused_and_counted(folder):
    change_config(folder, num_hidden_layers=5)
    assert_refused(folder, "32 tensors are missing", "encoder_layers/3/", "and 28 more")


@pytest.mark.parametrize("name", ["bert.encoder.layer.1.adapter.weight", "bert.embeddings.extra.weight"])
def test_an_unexpected_tensor_is_refused(folder, name):
    change_tensors(folder, {name: np.zeros((2, 2), "float32")})
    assert_refused(folder, f"1 tensor is unexpected: {name}")


def test_unexpected_layers_are_refused(folder):
    change_config(folder, num_hidden_layers=2)
    assert_refused(folder, "16 tensors are unexpected: bert.encoder.layer.2.")


def test_an_unexpected_tensor_without_a_prefix_is_refused(tmp_path):
    folder = shutil.copytree(STORED / DISTIL, tmp_path / "distil")
    tensors = load_file(folder / "model.safetensors")
    plain = {name.removeprefix("distilbert."): array for name, array in tensors.items()}
    save_file(plain, folder / "model.safetensors")
    assert len(read_weights(folder)) == 4 + 3 * 16  # its head, qa_outputs, is known and left out
    save_file(plain | {"surprise.weight": np.zeros(3, "float32")}, folder / "model.safetensors")
    assert_refused(folder, "1 tensor is unexpected: surprise.weight")


@pytest.mark.parametrize("shape", [(30, 31), (30,), (15, 60), (30, 30, 1)])
def test_a_wrong_shape_is_refused(folder, shape):
    change_tensors(folder, {QUERY: np.zeros(shape, "float32")})
    assert_refused(folder, f"1 tensor is of another shape: {QUERY} gives", "config.json says (30, 30)")


def test_the_config_of_another_model_is_refused(folder):
    change_config(folder, intermediate_size=40)
    assert_refused(folder, "9 tensors are of another shape", "feed_forward/widen/kernel")


def test_a_bert_called_a_distilbert_is_refused(folder):
    change_config(folder, model_type="distilbert", n_layers=3, dim=30, n_heads=5, hidden_dim=33)
    assert_refused(folder, "1 tensor is unexpected: bert.embeddings.token_type_embeddings.weight")


# Names ---------------------------------------------------------------------------------------------


def test_every_weight_has_a_name_and_a_shape():
    for name in (BERT, DISTIL):
        encoder = load_encoder(STORED / name)
        named, shapes = encoders.named_weights(encoder), weight_shapes(read_config(STORED / name))
        assert named.keys() == shapes.keys() and len(named) == len(encoder.trainable_weights)
        assert {id(w) for w in named.values()} == {id(w) for w in encoder.trainable_weights}
        assert {p: int(np.prod(s)) for p, s in shapes.items()} == {p: int(np.prod(w.shape)) for p, w in named.items()}
    assert {path.split("/")[0] for path in RENAMED.values()} == {"embedding", "encoder_layers"}


def test_map_weights_renames_and_turns_the_matrices_of_dense_layers():
    random = np.random.default_rng(0)
    word, query, bias, narrow = (random.normal(size=s) for s in ((7, 4), (4, 4), (4,), (4, 6)))
    for prefix in ("", "bert."):
        mapped = map_weights(
            {
                f"{prefix}embeddings.word_embeddings.weight": word,
                f"{prefix}encoder.layer.11.attention.self.query.weight": query,
                f"{prefix}encoder.layer.11.attention.self.query.bias": bias,
                f"{prefix}encoder.layer.0.output.dense.weight": narrow,
                f"{prefix}pooler.dense.weight": query,
                "cls.predictions.bias": bias,
            }
        )
        assert list(mapped) == [
            "embedding/word/embeddings",
            "encoder_layers/11/self_attention/query_kernel",
            "encoder_layers/11/self_attention/query_bias",
            "encoder_layers/0/feed_forward/narrow/kernel",
        ]
        for got, expected in zip(mapped.values(), (word, query.T, bias, narrow.T), strict=True):
            np.testing.assert_array_equal(got, expected)


def test_the_old_names_of_norms_and_other_heads_are_understood(folder):
    expected = read_weights(folder)
    old = {}
    for name, array in load_file(folder / "model.safetensors").items():
        if "LayerNorm" in name:
            name = name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
        old[name] = array
    old |= {"crf.transitions": np.zeros((3, 3), "float32"), "bert.embeddings.position_ids": np.arange(5)[np.newaxis]}
    save_file(old, folder / "model.safetensors")
    got = read_weights(folder)
    assert got.keys() == expected.keys()
    assert all(np.array_equal(got[path], expected[path]) for path in got)


def test_a_name_or_a_folder(tmp_path):
    assert encoder_folder("minilm") == fetch() and encoder_folder(tmp_path) == tmp_path
    for wrong in ("bert-base-uncased", tmp_path / "no"):
        with pytest.raises(EncoderError, match="An encoder is one of minilm, or a folder. Received"):
            encoder_folder(wrong)


# Tokens --------------------------------------------------------------------------------------------

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##aff", "##able", "aff", "the", "s", "##s", "cafe", "?"]


def vocabulary(folder, pieces=PIECES, **settings):
    folder.mkdir(exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    if settings:
        (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    return folder


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("unaffable", ["un", "##aff", "##able"]),
        ("the", ["the"]),
        ("thes", ["the", "##s"]),
        ("them", ["[UNK]"]),
        ("able", ["[UNK]"]),
        ("", []),
    ],
)
def test_the_longest_piece_first(word, pieces):
    for vocab in (PIECES, set(PIECES), dict.fromkeys(PIECES)):
        assert wordpiece_tokenize(word, vocab) == pieces
    assert wordpiece_tokenize("zz", PIECES, unknown="?") == ["?"]


def test_wordpiece_is_the_tokenizers():
    tokenizer = load_tokenizer(fetch())
    vocab = tokenizer.get_vocab()
    words = "unaffordable lafrique septembre transformers dates embeddings xqzjk 1999 naïveté ébène日本".split()
    for word in words + sorted(vocab)[5000:5200]:
        for code in (tokenizer.encode(word, add_special_tokens=False),):
            whole = {start for start, _ in code.offsets} and tokenizer.pre_tokenizer.pre_tokenize_str(
                tokenizer.normalizer.normalize_str(word)
            )
            assert code.tokens == [p for part, _ in whole for p in wordpiece_tokenize(part, vocab)]


def test_vocab_txt_alone_is_as_tokenizer_json(tmp_path):
    shutil.copy(fetch() / "vocab.txt", tmp_path)
    one, other = load_tokenizer(fetch()), load_tokenizer(tmp_path)
    for pair in (["Jane visite l'Afrique!", "à Paris [SEP] 東京"], ["naïve\ttext\x00 ,x"], [""], ["x" * 101]):
        a, b = one.encode(*pair), other.encode(*pair)
        assert (a.ids, a.type_ids, a.offsets, a.sequence_ids) == (b.ids, b.type_ids, b.offsets, b.sequence_ids)


@pytest.mark.parametrize(
    ("pieces", "settings", "lowercase"),
    [(PIECES, {}, True), ([*PIECES, "The"], {}, False), (PIECES, {"do_lower_case": False}, False),
     ([*PIECES, "The"], {"do_lower_case": True}, True), ([*PIECES, "[unused1]"], {}, True)],
)  # fmt: skip
def test_lower_casing_is_the_vocabularys(tmp_path, pieces, settings, lowercase):
    tokenizer = load_tokenizer(vocabulary(tmp_path / "v", pieces, **settings))
    assert tokenizer.encode("the S").tokens == ["[CLS]", "the", "s" if lowercase else "[UNK]", "[SEP]"]


def test_text_is_never_cut_padded_or_taken_for_a_special_piece():
    tokenizer = load_tokenizer(fetch())
    assert len(tokenizer.encode("a " * 700)) == 702 and len(tokenizer.encode("a")) == 3
    code = tokenizer.encode("[SEP] [PAD]", "[CLS]")
    assert [piece for piece in code.tokens if piece in ("[CLS]", "[SEP]", "[PAD]")] == ["[CLS]", "[SEP]", "[SEP]"]


def test_a_piece_may_hold_an_odd_line_end(tmp_path):
    pieces = [*PIECES, "\u2028", "\x85", "last"]
    assert load_tokenizer(vocabulary(tmp_path / "v", pieces)).token_to_id("last") == len(pieces) - 1


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: (f / "vocab.txt").unlink(), "neither tokenizer.json nor vocab.txt"),
        (lambda f: vocabulary(f, PIECES[2:]), r"one piece a line.*Missing: \['\[PAD\]', '\[UNK\]'\]"),
        (lambda f: (f / "vocab.txt").write_bytes(b"\xff\xfe\x00"), "vocab.txt cannot be read"),
        (lambda f: (f / "tokenizer.json").write_text("{"), "tokenizer.json cannot be read, or is damaged"),
        (lambda f: (f / "config.json").write_text('{"model_type": "bert", "vocab_size": 13}'), "14 pieces.* 13"),
    ],
)
def test_a_tokenizer_that_cannot_be_used(tmp_path, spoil, said):
    folder = vocabulary(tmp_path / "v")
    spoil(folder)
    with pytest.raises(EncoderError, match=said):
        load_tokenizer(folder)


# What it may import --------------------------------------------------------------------------------


def test_reading_a_folder_needs_no_framework():
    code = f"""
import sys
from utils.pretrained.checkpoint import load_tokenizer, read_weights
from utils.text.buckets import EncodingBatches
from utils.pretrained import fetch, map_weights, wordpiece_tokenize
read_weights({str(STORED / BERT)!r})
print({{"keras", "tensorflow", "torch", "transformers"}} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_no_module_of_the_library_reads_pickles():
    own = {ROOT / "utils" / "course" / "grade" / name for name in ("box.py", "sealed.py")}  # from us, into a box
    for path in set((ROOT / "utils").rglob("*.py")) - own:
        text = path.read_text(encoding="utf-8")
        for word in ("import pickle", "torch.load", "allow_pickle=True", "joblib"):
            assert word not in text, path
