"""Encoders that differ from BERT in small ways: one kind of text, marks of other names, no post-processor."""

import json

import numpy as np
import pytest

from tests.tasks.small_bert import make, questions
from utils.datasets.readers.entity_files import read_entities
from utils.pretrained.checkpoint import load_tokenizer
from utils.tasks import question_answering, token_classification
from utils.tasks.passages import cut
from utils.tasks.reader import settings_for

MARKS = {"[PAD]": "<pad>", "[UNK]": "<unk>", "[CLS]": "<s>", "[SEP]": "</s>", "[MASK]": "<mask>"}
ROLES = ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")


def plain(folder):
    return make(folder, type_vocab_size=1)


def other_marks(folder):
    make(folder)
    text = (folder / "vocab.txt").read_text()
    for old, new in MARKS.items():
        text = text.replace(old, new)
    (folder / "vocab.txt").write_text(text)
    settings = {"do_lower_case": True, **dict(zip(ROLES, MARKS.values(), strict=True))}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    return folder


def no_post_processor(folder):
    content = json.loads(load_tokenizer(make(folder)).to_str())
    (folder / "tokenizer.json").write_text(json.dumps({**content, "post_processor": None}))
    return folder


@pytest.mark.filterwarnings("ignore:.*nothing says whether")
@pytest.mark.parametrize("encoder", [plain, other_marks, no_post_processor])
def test_it_learns_questions_and_entities_and_comes_back(encoder, tmp_path):
    (tmp_path / "encoder").mkdir()
    folder = encoder(tmp_path / "encoder")
    asked = questions(6)
    reader = question_answering.fine_tune(asked, encoder=folder, steps=2, batch_size=4, progress=False)
    reader.save(tmp_path / "answers")
    read = question_answering.load(tmp_path / "answers")
    assert read.answer("Who?", asked[0].context) == reader.answer("Who?", asked[0].context)
    (window,) = cut(asked[:1], reader.tokenizer, reader.settings)
    ends = reader.tokenizer.encode("").ids
    assert [window.ids[0], window.ids[window.context.start - 1], window.ids[-1]] == [ends[0], ends[1], ends[1]]

    train = tmp_path / "train.conll"
    train.write_text("Jane B-PER\ntook O\na O\nmap O\n\n" * 3)
    sentence = read_entities(train)[0]
    model = token_classification.fine_tune(train, encoder=folder, steps=2, progress=False)
    model.save(tmp_path / "names")
    again = token_classification.load(tmp_path / "names")
    np.testing.assert_allclose(again.probabilities([sentence])[0], model.probabilities([sentence])[0], atol=1e-6)


def test_the_window_of_one_kind_of_text_still_knows_its_passage(tmp_path):
    tokenizer = load_tokenizer(make(tmp_path))
    (window,) = cut(questions(1), tokenizer, settings_for({"maximum_position_encoding": 48}))
    assert window.type_ids[window.context.start - 1 : window.context.start + 1] == [0, 1]


@pytest.mark.filterwarnings("ignore:.*does not have a `quantize` method")
def test_a_quantized_model_says_how_to_save_it(tmp_path):
    (tmp_path / "encoder").mkdir()
    train = tmp_path / "train.conll"
    train.write_text("Jane B-PER\ntook O\na O\nmap O\n\n" * 3)
    model = token_classification.fine_tune(train, encoder=make(tmp_path / "encoder"), steps=1, progress=False)
    model.model.quantize("int8")
    with pytest.raises(ValueError, match="has no name in transformers.*before `quantize`"):
        model.save(tmp_path / "names")
    assert not (tmp_path / "names").exists()
