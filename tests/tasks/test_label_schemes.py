"""What the labels of others' models mean: the same entities, whatever scheme the model speaks."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from utils.datasets.readers.entity_files import Example, Span, split_words
from utils.datasets.readers.entity_labels import chunks
from utils.pretrained.checkpoint import EncoderError
from utils.tasks.label_schemes import Meaning, labels_in, nameless
from utils.tasks.labels import decode_bio
from utils.tasks.token_classification import TokenClassifier, fine_tune, finer, load, words_inside

from .small_encoder import VOCABULARY, write_encoder

LETTERS = {  # scheme -> letters of (first of several, inner, last of several, only one)
    "BIO": "BIIB", "BIOES": "BIES", "BILOU": "BILU", "BMES": "BMES", "BMEW": "BMEW", "IO": "IIII",
}  # fmt: skip
FORMS = {
    "BIO": "{}-{}", "BIOES": "{}-{}", "BILOU": "{}-{}", "BMES": "{}-{}", "BMEW": "{}-{}", "IO": "{}-{}", "alone": "{1}",
    "underscore": "{}_{}", "suffix": "{1}-{0}", "lower": "{}-{}",
}  # fmt: skip


def written(scheme, entities, length):
    """The labels of a sentence in a scheme, from (type, first, last + 1)."""
    letters, found = LETTERS.get(scheme, "BIIB"), ["O"] * length
    for kind, first, last in entities:
        for n in range(first, last):
            place = 3 if last - first == 1 else 0 if n == first else 2 if n == last - 1 else 1
            found[n] = FORMS[scheme].format(letters[place], kind)
    return [label.lower() for label in found] if scheme == "lower" else found


def names_of(scheme):
    if scheme == "alone":
        return ["O", "PER", "LOC"]
    letters = sorted(set(LETTERS.get(scheme, "BI")))
    names = ["O", *(FORMS[scheme].format(letter, kind) for kind in ("PER", "LOC") for letter in letters)]
    return [name.lower() for name in names] if scheme == "lower" else names


@st.composite
def sentences(draw):
    """(type, first, last + 1) of entities with a word between any two, and how many words there are."""
    place, found = 0, []
    for _ in range(draw(st.integers(0, 3))):
        first = place + draw(st.integers(0, 2))
        place = first + draw(st.integers(1, 3)) + 1
        found.append((draw(st.sampled_from(["PER", "LOC"])), first, place - 1))
    return found, place + draw(st.integers(1, 2))


@pytest.mark.parametrize("scheme", FORMS)
@settings(deadline=None, max_examples=60)
@given(sentences())
def test_entities_come_out_whatever_the_scheme(scheme, sentence):
    entities, length = sentence
    names = names_of(scheme)
    outputs = [names.index(label) for label in written(scheme, entities, length)]
    found = decode_bio(Meaning(names).of_path(outputs))
    assert [(kind.upper(), first, last) for kind, first, last in found] == entities


@pytest.mark.parametrize("scheme", ["BIO", "BIOES", "BILOU"])
def test_neighbours_of_one_type_stay_two(scheme):
    names, entities = names_of(scheme), [("PER", 0, 2), ("PER", 2, 3), ("PER", 3, 5)]
    outputs = [names.index(label) for label in written(scheme, entities, 5)]
    assert decode_bio(Meaning(names).of_path(outputs)) == entities


def test_the_labels_of_this_course_stay_as_they_are():
    names = ["O", "B-creative-work", "I-creative-work"]
    meaning = Meaning(names)
    assert meaning.is_bio and meaning.of_path([2, 2, 0, 1]) == [names[n] for n in (2, 2, 0, 1)]
    assert not Meaning(["O", "creative-work", "person"]).is_bio


def test_outside_may_have_another_name():
    meaning = Meaning(["PATIENT", "_", "DRUG"])
    assert meaning.outside == 1 and meaning.of_path([0, 0, 1, 2]) == ["B-PATIENT", "I-PATIENT", "O", "B-DRUG"]
    assert Meaning(["B", "I", "O"]).of_path([0, 1, 2]) == ["B-ENTITY", "I-ENTITY", "O"]


@pytest.mark.parametrize("more", [["X", "[CLS]", "[SEP]"], ["<PAD>"], ["IGNORE", "[PAD]"]])
def test_labels_of_what_is_no_word_mean_outside(more):
    names = ["O", "B-PER", "I-PER", *more]
    meaning = Meaning(names)
    assert meaning.passed_over == more
    assert meaning.of_path([1, 3, 1, 2, 0]) == ["B-PER", "O", "B-PER", "I-PER", "O"]
    assert Meaning(["NOUN", "X", "[PAD]"]).passed_over == ["[PAD]"]  # X is a part of speech


def test_a_type_alone_among_labels_with_letters_keeps_its_name():
    outputs = Meaning(["O", "B-PER", "I-PER", "PATIENT"]).of_path([1, 3, 3, 0])
    assert decode_bio(outputs) == [("PER", 0, 1), ("PATIENT", 1, 3)]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({}, "does not name the labels. Received: id2label=None.*Write their names"),
        ({"id2label": ["O", None]}, "each must be a text. Received: None"),
        ({"id2label": "O B-PER"}, "does not name the labels"),
        ({"id2label": {"0": "O", "2": "B-PER"}}, "does not name the labels"),
        ({"id2label": {"0": None, "1": "B-PER"}}, "each must be a text. Received: None"),
        ({"id2label": {"0": 0, "1": 1}}, "each must be a text. Received: 0"),
        ({"id2label": {"0": "0", "1": "1"}}, "names no labels"),
        ({"id2label": {"0": "LABEL_0"}, "label2id": {"B-PER": 0}}, r"names no labels.*label2id has \['B-PER'\]"),
    ],
)
def test_labels_that_are_no_names_are_refused(config, said):
    with pytest.raises(EncoderError, match=said):
        labels_in(Path("config.json"), config)


@pytest.mark.filterwarnings("error")
def test_numbers_of_labels_that_contradict_each_other_are_said():
    config = {"id2label": {"0": "O", "1": "B-PER", "2": "B-PER"}, "label2id": {"O": 0, "B-PER": 2}}
    assert labels_in(Path("config.json"), config) == ["O", "B-PER", "B-PER"]  # without a word
    config["label2id"] = {"O": "2", "B-PER": "1"}
    with pytest.warns(UserWarning, match="id2label has 'O' as 0, label2id as 2. id2label is followed"):
        labels_in(Path("config.json"), config)


def test_labels_in_a_list_are_numbered_by_their_places():
    assert labels_in(Path("config.json"), {"id2label": ["O", "B-PER", "I-PER"]}) == ["O", "B-PER", "I-PER"]
    with pytest.warns(UserWarning, match="id2label has 'O' as 0, label2id as 1"):
        labels_in(Path("config.json"), {"id2label": ["O", "B-PER"], "label2id": {"O": 1, "B-PER": 0}})


class Fixed(TokenClassifier):
    """Says what it is told to."""

    def __init__(self, labels, path):
        self.labels, self.path = labels, path

    def probabilities(self, examples):
        return [np.eye(len(self.labels))[[self.labels.index(label) for label in self.path]] * 0.9 + 0.01]


@pytest.mark.parametrize("decode", ["argmax", "viterbi"])
@pytest.mark.parametrize("scheme", ["BIO", "BIOES", "BILOU", "alone"])
def test_a_model_of_another_scheme_finds_and_is_scored(scheme, decode):
    text = "Jane Eyre left New York City in May"
    entities = [("PER", 0, 2), ("LOC", 3, 6)]
    model = Fixed(names_of(scheme), written(scheme, entities, 8))
    found = model.predict(text, decode=decode)
    assert [(e["label"], e["text"]) for e in found] == [("PER", "Jane Eyre"), ("LOC", "New York City")]
    assert all(0.9 < e["score"] <= 1 for e in found)
    spans = (Span(0, 9, "PER"), Span(15, 28, "LOC"))
    scores = model.evaluate([Example(text, spans, tuple(split_words(text)))], decode=decode)
    assert scores["f1"] == 1.0 and scores["accuracy"] == 1.0


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    encoder = write_encoder(tmp_path_factory.mktemp("encoder"))
    text = "Jane left"
    example = Example(text, (Span(0, 4, "PER"),), tuple(split_words(text)))
    return fine_tune([example], encoder=encoder, steps=1, batch_size=1, progress=False)


@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize("names", [["O", "B-PER", "E-PER"], ["PATIENT", "O", "DRUG"], ["O", "U-PER", "S-LOC"]])
def test_a_saved_folder_with_other_labels_is_read(small, tmp_path, names):
    small.save(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    config |= {"id2label": {str(n): name for n, name in enumerate(names)}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    model = load(tmp_path)
    assert model.labels == names
    assert {label[2:] for labels in model.predict_labels([Example("Jane left", (), ((0, 4), (5, 9)))])
            for label in labels if label != "O"} <= {"PER", "PATIENT", "DRUG", "LOC"}  # fmt: skip
    assert all(entity["label"] for entity in model.predict("Jane left Cork"))


@pytest.mark.usefixtures("eagerly")
def test_labels_without_names_are_refused(small, tmp_path):
    small.save(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    config["id2label"] = {"0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(EncoderError, match="names no labels.*id2label"):
        load(tmp_path)
    assert not nameless(["O", "LABEL_1"])


@pytest.mark.usefixtures("eagerly")
def test_a_head_for_another_task_and_what_stands_beside_a_head(small, tmp_path):
    small.save(tmp_path)
    path = tmp_path / "model.safetensors"
    tensors = load_file(path)
    save_file(tensors | {"crf.transitions": np.zeros((3, 3), "float32")}, path)
    with pytest.warns(UserWarning, match="more than encoder and head: crf.transitions. That is left out"):
        load(tmp_path)
    save_file({f"model.{name}": array for name, array in tensors.items()}, path)
    with pytest.warns(UserWarning, match="all names begin with 'model.', of a wrapper"):
        wrapped = load(tmp_path)
    assert all(map(np.array_equal, wrapped.model.get_weights(), small.model.get_weights()))
    config = json.loads((tmp_path / "config.json").read_text())
    config["architectures"] = ["BertForSequenceClassification"]
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(EncoderError, match="is a BertForSequenceClassification: it has no head for TokenClass"):
        load(tmp_path)


THEIRS = """
import json, sys
import torch
from transformers import BertConfig, BertForTokenClassification, BertTokenizerFast
vocab, folder, text, *names = sys.argv[1:]
tokenizer = BertTokenizerFast(vocab_file=vocab)
torch.manual_seed(0)
config = BertConfig(
    vocab_size=len(open(vocab).read().split()), hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
    intermediate_size=64, max_position_embeddings=64, id2label=dict(enumerate(names)),
    label2id={name: n for n, name in enumerate(names)},
)
model = BertForTokenClassification(config).eval()
model.save_pretrained(folder)
tokenizer.save_pretrained(folder)
with torch.no_grad():
    print(json.dumps([names[n] for n in model(**tokenizer(text, return_tensors="pt")).logits[0].argmax(-1)][1:-1]))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "names", [names_of("BIOES"), names_of("BILOU"), ["O", "DRUG", "PATIENT"]], ids=["BIOES", "BILOU", "alone"]
)
def test_what_transformers_saved_is_decoded_as_its_labels_mean(tmp_path, names):
    for library in ("transformers", "torch"):
        importlib.util.find_spec(library) or pytest.skip(f"{library} is not installed")
    text, vocab = "jane left cork in may", tmp_path / "vocab.txt"
    vocab.write_text("\n".join(VOCABULARY) + "\n")
    command = [sys.executable, "-c", THEIRS, str(vocab), str(tmp_path / "theirs"), text, *names]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout.splitlines()[-1])
    model = load(tmp_path / "theirs")
    found = [(e["label"], e["text"]) for e in model.predict(text)]
    words = text.split()
    assert found == [(kind, " ".join(words[first:last])) for kind, first, last in chunks(said)]


# Words and pieces ----------------------------------------------------------------------------------


def test_a_word_within_the_piece_of_another_goes_on_with_it():
    words, offsets = [(0, 1), (1, 2), (2, 3), (3, 4)], [(0, 0), (0, 3), (3, 4), (0, 0)]
    assert words_inside(offsets, words, [True] * 4) == {1: 0, 2: 0}
    assert words_inside(offsets, words, [True, False, True, True]) == {2: 0}  # such as the sign in Jane🙂
    meaning = Meaning(["O", "B-LOC", "I-LOC"])
    assert np.allclose(meaning.continued(np.array([0.1, 0.7, 0.2])), [0.1, 0.0, 0.9])
    assert words_inside([(1, 2)], [(0, 1), (1, 2)], [True, True]) == {}  # a word that vanished


def test_given_words_are_learnt_as_predict_sees_them():
    text = "Saint\u202fLouis 上海 U.S. e.g. \u200b"
    words = ((0, 11), (12, 14), (15, 19), (20, 24), (25, 26))
    found = finer(Example(text, (Span(0, 11, "LOC"), Span(12, 14, "LOC"), Span(15, 19, "LOC")), words))
    shown = [text[a:b] for a, b in found.words]
    assert shown == ["Saint", "Louis", "上", "海", "U", ".", "S", ".", "e.g.", "\u200b"]
    assert found.labels() == ["B-LOC", "I-LOC", "B-LOC", "I-LOC", "B-LOC", "I-LOC", "I-LOC", "I-LOC", "O", "O"]
    inner = [(a, b) for a, b in split_words(text) if a < 19]
    assert list(found.words[:8]) == inner  # what `predict` reads
