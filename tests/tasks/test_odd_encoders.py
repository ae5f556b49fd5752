"""Encoders that differ from BERT in small ways: one kind of text, marks of other names, no post-processor."""

import json

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from tests.tasks.small_bert import make, questions
from utils.datasets.readers.entity_files import Example, read_entities
from utils.datasets.readers.squad import Answer, Question
from utils.pretrained.checkpoint import load_tokenizer
from utils.tasks import question_answering, token_classification
from utils.tasks.folders import write_folder
from utils.tasks.passages import Settings, cut
from utils.tasks.reader import as_read, settings_for, types_of
from utils.tasks.token_classification import windows_of

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


def spaced_tokenizer(ends):
    """Pieces that begin with the space before them, <s> and </s> around a text, these ends of the first of two."""
    words = ["<s>", "</s>", "<pad>", "<unk>", *"\u2581jane \u2581took \u2581the \u2581map \u2581".split()]
    tokenizer = Tokenizer(models.Unigram([(word, -float(n)) for n, word in enumerate(words)], unk_id=3))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(split=True)
    tokenizer.post_processor = processors.TemplateProcessing(
        "<s> $A </s>", f"<s> $A {ends} $B </s>", [("<s>", 0), ("</s>", 1)]
    )
    return tokenizer


@pytest.mark.parametrize("ends", ["</s>", "</s> </s>"])
def test_a_pair_is_written_as_its_tokenizer_writes_it(ends):
    tokenizer = spaced_tokenizer(ends)
    question = Question("", "the map", "jane took the map", (Answer("took", 5),))
    (window,) = cut([question], tokenizer, settings_for({"maximum_position_encoding": 48}))
    code = tokenizer.encode(question.question, question.context)
    assert window.ids == code.ids
    assert [question.context[a:b] for a, b in window.offsets[window.context]] == ["jane", "took", "the", "map"]
    assert types_of(tokenizer, {"num_token_types": 2}) == 1  # as it gives both texts the type 0
    assert list(as_read([window], 1, Settings())[0].type_ids) == code.type_ids


def test_a_word_whose_piece_begins_with_the_space_before_it_is_asked():
    text = "jane took the map"
    words = ((0, 4), (5, 9), (10, 13), (14, 17))
    (window,) = windows_of(spaced_tokenizer("</s>"), [Example(text, (), words)], 48, 4)
    assert window.word_ids == [None, 0, 1, 2, 3, None]


def test_what_a_config_says_of_another_head_is_not_saved(tmp_path):
    old = {"num_labels": 3, "id2label": {"0": "a", "1": "b", "2": "c"}, "torch_dtype": "float16", "dtype": "float16"}
    old |= {"auto_map": {"AutoModel": "x.Y"}, "model_type": "bert"}
    tokenizer = load_tokenizer(make(tmp_path))
    write_folder(tmp_path / "answers", {}, {}, old, "QuestionAnswering", tokenizer)
    saved = json.loads((tmp_path / "answers" / "config.json").read_text())
    assert saved == {"model_type": "bert", "architectures": ["BertForQuestionAnswering"], "dtype": "float32"}
    write_folder(tmp_path / "names", {}, {}, old, "TokenClassification", tokenizer, labels=["O", "B-PER"])
    saved = json.loads((tmp_path / "names" / "config.json").read_text())
    assert (saved["id2label"], saved["label2id"]) == ({"0": "O", "1": "B-PER"}, {"O": 0, "B-PER": 1})


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
