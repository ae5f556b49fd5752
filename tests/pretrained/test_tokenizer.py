"""A folder's tokenizer: its settings obeyed or refused, what contradicts said, what we save read by `transformers`."""

import importlib.util
import json
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from utils.pretrained.checkpoint import EncoderError, load_tokenizer, read_weights
from utils.pretrained.tokenizer import marks_of, tokenizer_settings, within
from utils.tasks.folders import write_folder

ROOT = Path(__file__).parents[2]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = ["the", "rye", "The", "Rye", "café", "cafe", "Café", "東", "京", "東京", "##京", "!", "e", "1", "[", "]"]
TEXTS = ["The Rye, the rye!", "Café café cafe", "東京", "[E1] The Rye [E1]", "cafe\u0301 [MASK]", "", "[SEP] the"]
BERT = {"model_type": "bert", "max_position_embeddings": 32, "pad_token_id": 0}


def folder_of(folder, settings=None, pieces=(*SPECIAL, *WORDS), config=BERT, **files):
    """A folder with vocab.txt, the settings, and further files of JSON."""
    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    files = {"tokenizer_config": settings, "config": {**config, "vocab_size": len(pieces) + 2}, **files}
    for name, content in files.items():
        if content is not None:
            (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def tokens(folder, text):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing was guessed
        return load_tokenizer(folder).encode(text).tokens[1:-1]


CASED = {"do_lower_case": False}


@pytest.mark.parametrize(
    ("settings", "text", "expected"),
    [
        (CASED, "The Café", ["The", "Café"]),
        ({"do_lower_case": True}, "The Café", ["the", "cafe"]),
        ({"do_lower_case": True, "strip_accents": False}, "The Café", ["the", "café"]),
        ({**CASED, "strip_accents": True}, "The Café", ["The", "[UNK]"]),
        ({**CASED, "tokenize_chinese_chars": True}, "東京", ["東", "京"]),
        ({**CASED, "tokenize_chinese_chars": False}, "東京", ["東京"]),
        (CASED, "[E1] The", ["[", "[UNK]", "]", "The"]),
    ],
)
def test_the_settings_beside_a_vocabulary_are_obeyed(tmp_path, settings, text, expected):
    assert tokens(folder_of(tmp_path / "f", settings), text) == expected


def test_without_a_setting_the_guess_is_said(tmp_path):
    for pieces, said in (((*SPECIAL, *WORDS), "False"), ((*SPECIAL, "the", "[unused1]"), "True")):
        with pytest.warns(UserWarning, match=f"nothing says.*do_lower_case={said} is taken.*tokenizer_config.json"):
            load_tokenizer(folder_of(tmp_path / said, {}, pieces))


N = len(SPECIAL) + len(WORDS)
ADDED = [
    {"added_tokens": {"[E1]": N}},
    {"settings": {**CASED, "added_tokens_decoder": {str(N): {"content": "[E1]", "special": True}}}},
    {"settings": {**CASED, "additional_special_tokens": ["[E1]"]}},
    {"settings": {**CASED, "extra_special_tokens": {"entity": "[E1]"}}},
    {"special_tokens_map": {"additional_special_tokens": [{"content": "[E1]", "lstrip": False}]}},
]


@pytest.mark.parametrize("given", ADDED)
@pytest.mark.parametrize("beside", ["vocab.txt", "tokenizer.json"])
def test_added_tokens_are_kept_whole(tmp_path, given, beside):
    folder = folder_of(tmp_path / "f", **{"settings": CASED, **given})
    if beside == "tokenizer.json":
        plain = load_tokenizer(folder_of(tmp_path / "plain", CASED))
        (folder / beside).write_text(plain.to_str(), encoding="utf-8")
    assert tokens(folder, "[E1] The Rye[E1]") == ["[E1]", "The", "Rye", "[E1]"]
    assert load_tokenizer(folder).token_to_id("[E1]") == N


def test_a_piece_that_is_called_special_is_kept_whole(tmp_path):
    settings = {**CASED, "additional_special_tokens": ["[x]"]}
    folder = folder_of(tmp_path / "f", settings, (*SPECIAL, *WORDS, "[x]"))
    assert tokens(folder, "[x] The[x]") == ["[x]", "The", "[x]"]
    assert load_tokenizer(folder).get_vocab_size() == N + 1


def test_an_added_token_may_take_the_spaces_around_it(tmp_path):
    how = {"content": "[E1]", "lstrip": True, "rstrip": True}
    folder = folder_of(tmp_path / "f", {**CASED, "added_tokens_decoder": {str(N): how}})
    assert load_tokenizer(folder).encode("The [E1] Rye").offsets[2] == (3, 9)


def with_tokenizer_json(folder, change=lambda content: None, **given):
    """The same as tokenizer.json, changed."""
    folder_of(folder, **{"settings": CASED, **given})
    content = json.loads(load_tokenizer(folder).to_str())
    change(content)
    (folder / "tokenizer.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def special(content):
    for token in content["added_tokens"]:
        token["special"] = True


def test_special_tokens_of_tokenizer_json_are_kept_whole_and_marks_are_text(tmp_path):
    folder = with_tokenizer_json(tmp_path / "f", special, added_tokens={"[E1]": N})
    assert tokens(folder, "[E1] The [SEP]") == ["[E1]", "The", "[", "[UNK]", "]"]


def test_a_tokenizer_without_its_post_processor_gets_the_marks(tmp_path):
    folder = with_tokenizer_json(tmp_path / "f", lambda content: content.update(post_processor=None))
    assert load_tokenizer(folder).encode("the").tokens == ["[CLS]", "the", "[SEP]"]
    code = load_tokenizer(folder).encode("the", "rye")
    assert (code.tokens, code.type_ids) == (["[CLS]", "the", "[SEP]", "rye", "[SEP]"], [0, 0, 0, 1, 1])


OTHER = {"pad_token": "<pad>", "unk_token": "<unk>", "cls_token": "<s>", "sep_token": "</s>", "mask_token": "<mask>"}
OTHER_PIECES = (*OTHER.values(), *WORDS)


def test_marks_may_have_other_names(tmp_path):
    folder = folder_of(tmp_path / "f", {**CASED, **OTHER}, OTHER_PIECES)
    assert load_tokenizer(folder).encode("The <s>").tokens[:2] == ["<s>", "The"]
    assert marks_of(load_tokenizer(folder)) == (2, 3)


@pytest.mark.parametrize(
    ("settings", "beside", "said"),
    [
        ({"do_lower_case": True}, {}, "tokenizer.json has lowercase=False.*do_lower_case=True.*Mend"),
        ({**CASED, "strip_accents": True}, {}, "strip_accents=None.*strip_accents=True"),
        ({**CASED, "tokenize_chinese_chars": False}, {}, "handle_chinese_chars=True.*tokenize_chinese_chars=False"),
        (CASED, {"vocab.txt": "[PAD]\nthe\n[CLS]\n"}, "number 1 pieces differently, such as 'the'"),
        ({**CASED, "cls_token": "[MASK]"}, {}, r"sets \[CLS\], tokenizer_config.json has cls_token='\[MASK\]'"),
        ({**CASED, "tokenizer_class": "BertJapaneseTokenizer"}, {}, "not what a BertJapaneseTokenizer does"),
        ({**CASED, "tokenizer_class": "RobertaTokenizerFast"}, {}, "not what a RobertaTokenizerFast does"),
        (CASED, {"sentence_bert_config.json": '{"do_lower_case": true}'}, "small letters.*pass text.lower"),
    ],
)
def test_files_that_contradict_each_other_are_said(tmp_path, settings, beside, said):
    folder = with_tokenizer_json(tmp_path / "f")
    assert tokens(folder, "The") == ["The"]  # without a word
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    for name, content in beside.items():
        (folder / name).write_text(content)
    with pytest.warns(UserWarning, match=said):
        load_tokenizer(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"normalizer": {"type": "NFC"}},
        {"normalizer": {"type": "BertNormalizer", "clean_text": False, "handle_chinese_chars": True,
                        "strip_accents": None, "lowercase": False}},
        {"pre_tokenizer": {"type": "Whitespace"}},
        {"model": {"max_input_chars_per_word": 200}},
        {"model": {"continuing_subword_prefix": "@@"}},
    ],
)  # fmt: skip
def test_a_tokenizer_that_is_not_berts_is_not_called_berts(tmp_path, change):
    def changed(content):
        content["model"] |= change.get("model", {})
        content |= {name: value for name, value in change.items() if name != "model"}

    folder = with_tokenizer_json(tmp_path / "f", changed)
    assert tokenizer_settings(load_tokenizer(folder), BERT)["tokenizer_class"] == "PreTrainedTokenizerFast"
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "PreTrainedTokenizerFast"}))
    assert tokens(folder, "the")  # without a word
    (folder / "tokenizer_config.json").write_text(json.dumps({**CASED, "tokenizer_class": "BertTokenizerFast"}))
    with pytest.warns(UserWarning, match="what tokenizer.json does is not what a BertTokenizerFast does"):
        load_tokenizer(folder)


POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 100\n"


@pytest.mark.parametrize(
    ("settings", "files", "said"),
    [
        ({**CASED, "do_basic_tokenize": False}, {}, "do_basic_tokenize.*writes a tokenizer.json"),
        ({**CASED, "never_split": ["x"]}, {}, "never_split"),
        ({**CASED, "tokenizer_class": "BertJapaneseTokenizer"}, {}, "BertJapaneseTokenizer"),
        ({"do_lower_case": "no"}, {}, "'do_lower_case': 'no'"),
        (CASED, {"added_tokens.json": '{"[E1]": 900}'}, r"'\[E1\]' is to have the number 900, but follows on.* as 21"),
        (CASED, {"added_tokens.json": '{"[E1]": "x"}'}, "each added token a whole number"),
        (CASED, {"vocab.txt": "[PAD]\n[UNK]\n[CLS]\n[SEP]\n\u2581the\n"}, "pieces of SentencePiece.*save_pretrained"),
        (CASED, {"vocab.txt": POINTER}, "vocab.txt is a Git LFS pointer.*git lfs pull"),
        (CASED, {"tokenizer.json": POINTER}, "tokenizer.json is a Git LFS pointer"),
        (CASED, {"config.json": POINTER}, "config.json is a Git LFS pointer"),
    ],
)
def test_what_cannot_be_obeyed_is_refused(tmp_path, settings, files, said):
    folder = folder_of(tmp_path / "f", settings)
    for name, content in files.items():
        (folder / name).write_text(content)
    with pytest.raises(EncoderError, match=said):
        load_tokenizer(folder)


def test_a_vocabulary_in_other_files_is_refused_by_their_names(tmp_path):
    folder = folder_of(tmp_path / "f", CASED)
    (folder / "vocab.txt").rename(folder / "merges.txt")
    (folder / "spiece.model").write_bytes(b"pieces")
    with pytest.raises(EncoderError, match="neither .* only merges.txt, spiece.model. Where transformers reads"):
        load_tokenizer(folder)


def test_a_piece_beyond_the_models_rows_is_refused(tmp_path):
    folder = with_tokenizer_json(tmp_path / "f", lambda content: content["model"]["vocab"].update({"rye": N + 2}))
    with pytest.raises(EncoderError, match=f"has {N + 3} pieces, the model rows for {N + 2}"):
        load_tokenizer(folder)


def test_a_mark_at_the_beginning_of_a_file_is_no_piece(tmp_path):
    folder = folder_of(tmp_path / "f", CASED)
    for name in ("vocab.txt", "tokenizer_config.json", "config.json"):
        (folder / name).write_bytes(b"\xef\xbb\xbf" + (folder / name).read_bytes())
    assert tokens(folder, "The [PAD]")[0] == "The" and load_tokenizer(folder).token_to_id("[PAD]") == 0


def template(*parts):
    """A post-processor's template: marks, and $A or $B with a type."""
    marks = {"A": "Sequence", "B": "Sequence"}
    return [{marks.get(part[0], "SpecialToken"): {"id": part[0], "type_id": part[1]}} for part in parts]


def test_where_only_one_texts_marks_are_said_two_texts_get_berts(tmp_path):
    def change(content):
        content["post_processor"]["pair"] = template(("A", 0), ("B", 1))

    folder = with_tokenizer_json(tmp_path / "f", change)
    with pytest.warns(UserWarning, match=r"around two texts. As BERT has it: \[CLS\] text \[SEP\] text \[SEP\]"):
        code = load_tokenizer(folder).encode("the", "rye")
    assert code.tokens[::2] == ["[CLS]", "[SEP]", "[SEP]"] and code.type_ids == [0, 0, 0, 1, 1]


def test_marks_that_a_post_processor_does_not_set_are_said(tmp_path):
    def change(content):
        content["post_processor"]["single"] = template(("A", 0))

    folder = with_tokenizer_json(tmp_path / "f", change)
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "PreTrainedTokenizerFast"}))
    with pytest.warns(UserWarning, match=r"sets no marks.*\[CLS\] and \[SEP\] are set; transformers sets none"):
        assert load_tokenizer(folder).encode("the").tokens == ["[CLS]", "the", "[SEP]"]


def test_two_marks_on_one_side_are_refused(tmp_path):
    def change(content):
        content["post_processor"]["single"] = template(("A", 0), ("[SEP]", 0), ("[CLS]", 0))

    with pytest.raises(EncoderError, match="one before it and one after it"):
        load_tokenizer(with_tokenizer_json(tmp_path / "f", change))


def test_marks_of_a_pair_that_are_not_a_texts_are_refused(tmp_path):
    def change(content):
        content["post_processor"]["pair"] = template(("[SEP]", 0), ("A", 0), ("[SEP]", 0), ("B", 1), ("[SEP]", 1))

    with pytest.raises(EncoderError, match="they must begin and end alike, with a mark between"):
        load_tokenizer(with_tokenizer_json(tmp_path / "f", change))


def test_texts_of_one_kind_stay_so(tmp_path):
    folder = folder_of(tmp_path / "f", {**CASED, "model_input_names": ["input_ids", "attention_mask"]})
    code = load_tokenizer(folder).encode("the", "rye")
    assert (code.tokens, code.type_ids) == (["[CLS]", "the", "[SEP]", "rye", "[SEP]"], [0] * 5)
    names = tokenizer_settings(load_tokenizer(folder), BERT)["model_input_names"]
    assert names == ["input_ids", "attention_mask"]


def test_white_space_is_not_a_pieces():
    text = " New\u00a0 York "
    assert within(text, [(0, 4), (4, 6), (6, 11), (0, 0)]) == [(1, 4), (6, 6), (6, 10), (0, 0)]


def test_a_tokenizer_without_marks_is_refused(tmp_path):
    def change(content):
        content["post_processor"] = None
        content["model"]["vocab"] = {"the": 0, "[UNK]": 1}
        content["added_tokens"] = []

    with pytest.raises(EncoderError, match="no marks for the ends of a text.*cls_token"):
        load_tokenizer(with_tokenizer_json(tmp_path / "f", change))


# Weights -------------------------------------------------------------------------------------------


def test_weights_of_a_kind_that_is_not_read_are_refused(tmp_path):
    import ml_dtypes

    sizes = {"hidden_size": 4, "num_attention_heads": 2, "num_hidden_layers": 1, "intermediate_size": 4}
    folder = folder_of(tmp_path / "f", config=BERT | sizes)
    table = np.zeros((N + 2, 4), "float32")
    name = "bert.embeddings.word_embeddings.weight"
    for kind, code in ((ml_dtypes.float8_e4m3fn, "F8_E4M3"), (np.int8, "I8")):
        save_file({name: table.astype(kind)}, folder / "model.safetensors")
        with pytest.raises(EncoderError, match=f"model.safetensors: .*Received: {name} as {code}.*model.float"):
            read_weights(folder)
    save_file({name: table.astype(ml_dtypes.bfloat16)}, folder / "model.safetensors")
    with pytest.raises(EncoderError, match="tensors are missing"):  # read, and found incomplete
        read_weights(folder)
    (folder / "model.safetensors").write_text(POINTER)
    with pytest.raises(EncoderError, match="is a Git LFS pointer: a note of 128 bytes"):
        read_weights(folder)


# What is saved, transformers reads -----------------------------------------------------------------

READ = """
import json, sys
from transformers import AutoTokenizer
texts, *folders = json.loads(sys.stdin.read())
found = []
for folder in folders:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    both = tokenizer(texts[0], texts[1])
    found.append([tokenizer(texts)["input_ids"], both["input_ids"], sorted(both), tokenizer.pad_token])
print(json.dumps(found))
"""


def nfc(content):
    content["normalizer"] = {"type": "NFC"}


def saved_folders(tmp_path):
    """Folders that `save` wrote, from the tokenizers of folders as others have them."""
    sources = {
        "cased": folder_of(tmp_path / "cased", CASED),
        "uncased": folder_of(tmp_path / "uncased", {"do_lower_case": True}),
        "accents": folder_of(tmp_path / "accents", {"do_lower_case": True, "strip_accents": False}),
        "stripped": folder_of(tmp_path / "stripped", {**CASED, "strip_accents": True}),
        "cjk": folder_of(tmp_path / "cjk", {**CASED, "tokenize_chinese_chars": False}),
        "marks": folder_of(tmp_path / "marks", {**CASED, **OTHER}, OTHER_PIECES),
        "added": folder_of(tmp_path / "added", CASED, added_tokens={"[E1]": N}),
        "special": with_tokenizer_json(tmp_path / "special", special, added_tokens={"[E1]": N}),
        "distil": folder_of(tmp_path / "distil", CASED, config=BERT | {"model_type": "distilbert"}),
        "nfc": with_tokenizer_json(tmp_path / "nfc", nfc),
    }
    saved = {}
    for name, folder in sources.items():
        config = json.loads((folder / "config.json").read_text())
        tokenizer, saved[name] = load_tokenizer(folder), tmp_path / f"saved_{name}"
        write_folder(saved[name], {}, {}, config, "QuestionAnswering", tokenizer)
        again = load_tokenizer(saved[name])
        assert [again.encode(t).ids for t in TEXTS] == [tokenizer.encode(t).ids for t in TEXTS], name
        settings = json.loads((saved[name] / "tokenizer_config.json").read_text())
        assert settings == tokenizer_settings(tokenizer, config)
    return saved


@pytest.mark.skipif(importlib.util.find_spec("transformers") is None, reason="transformers is not installed")
def test_transformers_gives_the_same_ids_for_what_is_saved(tmp_path):
    saved = saved_folders(tmp_path)
    texts = [text for text in TEXTS if "[SEP]" not in text and "[MASK]" not in text]  # they take marks for marks
    asked = json.dumps([texts, *map(str, saved.values())])
    done = subprocess.run([sys.executable, "-c", READ], input=asked, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    for (name, folder), (ids, pair, inputs, pad) in zip(saved.items(), json.loads(done.stdout), strict=True):
        tokenizer = load_tokenizer(folder)
        assert ids == [tokenizer.encode(text).ids for text in texts], name
        assert pair == tokenizer.encode(texts[0], texts[1]).ids, name
        assert ("token_type_ids" in inputs) == (name != "distil")
        assert pad == ("<pad>" if name == "marks" else "[PAD]")


CONVERT = """
import sys, torch
from transformers import AutoModel, AutoTokenizer, BertConfig, BertModel
folder, advice = sys.argv[1:]
torch.save(BertModel(BertConfig.from_pretrained(folder)).state_dict(), f"{folder}/pytorch_model.bin")
exec(advice)
"""


@pytest.mark.skipif(importlib.util.find_spec("transformers") is None, reason="transformers is not installed")
def test_the_advice_for_a_pickle_ends_in_a_folder_that_loads(tmp_path):
    sizes = {"hidden_size": 4, "num_attention_heads": 2, "num_hidden_layers": 1, "intermediate_size": 4}
    folder = folder_of(tmp_path / "f", CASED, config=BERT | sizes)
    (folder / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(EncoderError, match="only pytorch_model.bin") as failure:
        read_weights(folder)
    message = str(failure.value)
    advice = message[message.index("AutoModel.") : message.index(". AutoModelForToken")]
    command = [sys.executable, "-c", CONVERT, str(folder), advice]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert len(read_weights(tmp_path / "converted")) == 5 + 16
    assert tokens(tmp_path / "converted", "The Café [") == ["The", "Café", "["]
