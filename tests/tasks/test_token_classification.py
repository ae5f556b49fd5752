"""The token classifier: offsets, windows, scores, files, and training that is stopped and goes on."""

import html
import json
import re
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from utils.datasets.readers.entity_files import EntityFileError, Example, Span, split_words
from utils.pretrained.checkpoint import EncoderError, load_tokenizer
from utils.tasks.highlight import Highlighted
from utils.tasks.token_classification import (
    TokenClassifier,
    fine_tune,
    finer,
    label_names,
    lessons_of,
    load,
    targets_of,
    token_classification_loss,
    windows_of,
    word_ids_of,
)
from utils.training.checkpoint import CheckpointError

from .small_encoder import write_encoder


def example(marked):
    """`[Jane](PER) left` as an example."""
    text, spans, place = "", [], 0
    for found in re.finditer(r"\[([^]]+)\]\((\w+)\)", marked):
        text += marked[place : found.start()]
        spans.append(Span(len(text), len(text) + len(found[1]), found[2]))
        text, place = text + found[1], found.end()
    text += marked[place:]
    return Example(text, tuple(spans), tuple(split_words(text)))


NAMES, PLACES = ("jane", "acme", "ours"), ("cork", "new york", "may")
SENTENCES = [example(f"[{a}](PER) left [{b}](LOC).") for a in NAMES for b in PLACES]
SENTENCES += [example(f"🙂 [{a}](PER) left [{b}](LOC).") for a in NAMES for b in PLACES]
SENTENCES += [example(f"the {a} stayed!") for a in ("script", "ltd", "cork", "jane")]
SENTENCES += [example("the ltd stayed! " * n + "[jane](PER) left [cork](LOC).") for n in range(1, 14)]  # anywhere
OPTIONS = {"batch_size": 4, "progress": False}


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return write_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def model(encoder):
    return fine_tune(SENTENCES, SENTENCES, encoder=encoder, steps=300, learning_rate=3e-3, **OPTIONS)


def test_it_learns_and_says_where(model):
    assert model.history["dev"]["f1"] > 0.95 and model.labels == ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]
    text = "  Jane left\tNew York."
    first, second = model.predict(text)
    assert (first["label"], first["start"], first["end"], first["text"]) == ("PER", 2, 6, "Jane")
    assert (second["label"], text[second["start"] : second["end"]]) == ("LOC", "New York")
    assert all(0.2 < e["score"] <= 1 and isinstance(e["score"], float) for e in (first, second))


def test_scores_come_with_baselines_and_an_interval(model):
    scores = model.evaluate(SENTENCES)
    assert set(scores) == {"precision", "recall", "f1", "f1_interval", "accuracy", "all_o_accuracy", "types"}
    low, high = scores["f1_interval"]
    assert low <= scores["f1"] <= high and scores["all_o_accuracy"] < scores["accuracy"]
    assert scores["types"]["PER"]["support"] == sum(s.label == "PER" for e in SENTENCES for s in e.spans)


@pytest.mark.parametrize(
    "text", ["", " ", "\n\t", "🙂", "\u200b", "a" * 300, "<script>alert(1)</script>", "[SEP] [PAD]"]
)
def test_odd_texts_have_defined_answers(model, text):
    for entity in model.predict(text):
        assert text[entity["start"] : entity["end"]] == entity["text"]
    (probabilities,) = model.probabilities([Example(text, (), tuple(split_words(text)))])
    assert probabilities.shape == (len(split_words(text)), 5) and np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    for wrong in (None, 3, b"text", ["text"]):
        with pytest.raises(TypeError):
            model.predict(wrong)


def test_offsets_survive_capitals_accents_and_emoji(model):
    text = "🙂 JÁNE left Cörk."
    found = model.predict(text)
    assert {e["text"] for e in found} >= {"JÁNE", "Cörk"}
    assert all(text[e["start"] : e["end"]] == e["text"] for e in found)


# Words and windows ---------------------------------------------------------------------------------


def test_pieces_know_their_words(encoder):
    text = "Jane's xylo-left"
    code = load_tokenizer(encoder).encode(text)
    words = split_words(text)
    found = word_ids_of(code.offsets, words)
    assert found[0] is found[-1] is None
    for (start, end), word in zip(code.offsets[1:-1], found[1:-1], strict=True):
        assert words[word][0] <= start and end <= words[word][1]
    given = [(0, 6), (7, 16)]  # words of somebody else: the signs belong to them
    assert set(word_ids_of(code.offsets, given)[1:-1]) == {0, 1}


@pytest.mark.parametrize("length", [1, 30, 62, 63, 100, 500])
def test_windows_leave_nothing_out(encoder, length):
    text = " ".join(["cork", "jane", "left"][i % 3] for i in range(length))
    one = Example(text, (), tuple(split_words(text)))
    windows = windows_of(load_tokenizer(encoder), [one], 64, 16)
    assert all(len(w) == len(w.ids) == len(w.type_ids) == len(w.word_ids) == len(w.depths) <= 64 for w in windows)
    seen = [{w for w in window.word_ids if w is not None} for window in windows]
    assert set().union(*seen) == set(range(length)) and all(seen)
    assert all(len(a & b) == 16 for a, b in zip(seen, seen[1:], strict=False))
    deepest = {w: max(d.depths[d.word_ids.index(w)] for d in windows if w in d.word_ids) for w in range(length)}
    assert min(deepest.values()) >= (8 if len(windows) > 1 else 0)  # half of what two windows share


def test_a_long_document_is_read_to_its_end(model):
    text = "the ltd stayed! " * 100 + "Jane left Cork."
    found = [e for e in model.predict(text) if e["text"] in ("Jane", "Cork")]
    assert {(e["label"], e["text"]) for e in found} >= {("PER", "Jane"), ("LOC", "Cork")}
    short = model.probabilities([SENTENCES[0]])[0]
    both = model.probabilities([SENTENCES[0], example("jane " * 200), SENTENCES[3]])
    assert np.allclose(short, both[0], atol=1e-5) and both[1].shape == (200, 5)  # company changes nothing


def test_what_is_made_when_a_step_asks_for_it_is_what_would_be_made_at_once(encoder):
    long = example(f"{'the ltd stayed! ' * 40}[jane](PER) left [cork](LOC).")  # of many windows, which are kept
    sentences, tokenizer = [*SENTENCES, long, example(""), example("[U.S.](LOC) stayed")], load_tokenizer(encoder)
    labels = label_names(sentences)
    fine = [finer(sentence) for sentence in sentences]
    windows = windows_of(tokenizer, fine, 24, 8)
    late, asked = lessons_of(tokenizer, sentences, labels, 24, 8)
    assert late.lengths.tolist() == [len(w) for w in windows] and len(asked) == len(windows) > len(sentences) + 4
    for _ in range(2):  # the second time from what was kept
        for one, other, target, wanted in zip(late, windows, asked, targets_of(windows, fine, labels), strict=True):
            assert (one.ids, one.type_ids, one.word_ids) == (other.ids, other.type_ids, other.word_ids)
            assert target.tolist() == wanted.tolist()
    marks = {late.mark(), lessons_of(tokenizer, sentences, labels, 24, 8)[0].mark()}
    assert len(marks) == 1 and lessons_of(tokenizer, sentences[1:], labels, 24, 8)[0].mark() not in marks


def test_targets_stand_at_first_pieces(encoder):
    sentences = [example("[janexy](PER) left [new york](LOC)")]
    labels = label_names(sentences)
    windows = windows_of(load_tokenizer(encoder), sentences, 64, 16)
    (targets,) = targets_of(windows, sentences, labels)
    asked = [labels[t] for t in targets if t != -100]
    assert asked == ["B-PER", "O", "B-LOC", "I-LOC"] and len(targets) == len(windows[0].ids) > 6
    with pytest.raises(ValueError, match="at least one entity"):
        label_names([example("none at all")])


def test_the_loss_counts_what_is_asked_for():
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(2, 5, 3)).astype("float32"), rng.integers(0, 3, (2, 5)).astype("int32")
    labels[0, 1:3] = labels[1, 4] = -100
    shares = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    asked = labels >= 0
    expected = -np.log(np.take_along_axis(shares, np.maximum(labels, 0)[..., None], -1)[..., 0])[asked].mean()
    assert np.isclose(float(token_classification_loss(labels, logits)), expected, atol=1e-6)
    logits[0, 1] = 1e4  # what is not asked for
    assert np.isclose(float(token_classification_loss(labels, logits)), expected, atol=1e-6)
    assert float(token_classification_loss(np.full((2, 5), -100), logits)) == 0.0


# Files ---------------------------------------------------------------------------------------------


TOKENIZER = ["tokenizer.json", "tokenizer_config.json"]


def test_saved_and_loaded_it_is_the_same(model, tmp_path):
    model.save(tmp_path / "new" / "folder")
    names = sorted(path.name for path in (tmp_path / "new" / "folder").iterdir())
    assert names == ["config.json", "model.safetensors", "token_classification.json"] + TOKENIZER
    again = load(tmp_path / "new" / "folder")
    for a, b in zip(model.probabilities(SENTENCES), again.probabilities(SENTENCES), strict=True):
        assert np.array_equal(a, b)
    assert again.labels == model.labels and again.max_length == 64


def test_a_damaged_folder_is_told(model, tmp_path):
    with pytest.raises(EncoderError, match="no config.json"):
        load(tmp_path)
    model.save(tmp_path)
    (tmp_path / "token_classification.json").write_text('{"max_length": 1000, "stride": 3}')
    with pytest.raises(EncoderError, match="token_classification.json"):
        load(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, "id2label": {"0": "O", "1": "B-PER"}}))
    with pytest.raises(EncoderError, match="no head for naming entities"):
        load(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({**config, "id2label": "O"}))
    with pytest.raises(EncoderError, match="does not name the labels"):
        load(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "model.safetensors").write_bytes(b"half")
    with pytest.raises(EncoderError, match="damaged"):
        load(tmp_path)


@pytest.mark.usefixtures("eagerly")
def test_what_cannot_be_learnt_from_is_refused(encoder, tmp_path):
    (tmp_path / "bad.jsonl").write_text('{"text": "Jane", "label": [[0, 9, "PER"]]}\n')
    with pytest.raises(EntityFileError, match="line 1"):
        fine_tune(tmp_path / "bad.jsonl", encoder=encoder, steps=1)
    for wrong in ([], 3, [("Jane", [])]):
        with pytest.raises((TypeError, ValueError), match="Received"):
            fine_tune(wrong, encoder=encoder, steps=1)
    with pytest.raises(EncoderError):
        fine_tune(SENTENCES, encoder=tmp_path / "nowhere", steps=1)
    with pytest.raises(ValueError, match="window"):
        broken = fine_tune(SENTENCES, encoder=encoder, steps=1, **OPTIONS)
        TokenClassifier(broken.model, broken.tokenizer, broken.labels, {}, max_length=65)


THEIRS = """
import json, sys
import numpy as np, torch
from transformers import AutoModelForTokenClassification
folder, out = sys.argv[1:]
model = AutoModelForTokenClassification.from_pretrained(folder).eval()
ids = torch.arange(2, 22).reshape(2, 10)
with torch.no_grad():
    logits = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits.numpy()
np.save(out, logits)
print(json.dumps(model.config.id2label))
"""


@pytest.mark.slow
def test_transformers_reads_the_folder_and_computes_the_same(model, tmp_path):
    pytest.importorskip("transformers", reason="transformers is not installed")
    pytest.importorskip("importlib.util").find_spec("torch") or pytest.skip("PyTorch is not installed")
    model.save(tmp_path)
    command = [sys.executable, "-c", THEIRS, str(tmp_path), str(tmp_path / "logits.npy")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    assert list(json.loads(done.stdout.splitlines()[-1]).values()) == model.labels
    ids = np.arange(2, 22, dtype="int32").reshape(2, 10)
    ours = model._logits(ids, np.zeros_like(ids), np.ones(ids.shape, bool)).numpy()
    assert np.allclose(np.load(tmp_path / "logits.npy"), ours, atol=1e-5)


# Training ------------------------------------------------------------------------------------------


def test_stopped_by_ctrl_c_it_goes_on_as_if_nothing_had_happened(encoder, tmp_path):
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("signals reach the main thread only")
    options = {**OPTIONS, "encoder": encoder, "steps": 9, "learning_rate": 1e-3}
    whole = fine_tune(SENTENCES, **options)
    press = lambda step, loss: step == 4 and signal.raise_signal(signal.SIGINT)  # noqa: E731
    stopped = fine_tune(SENTENCES, out=tmp_path, on_step=press, **options)
    assert stopped.history["interrupted"] and (tmp_path / "training").is_dir()
    assert not (tmp_path / "model.safetensors").exists()
    again = fine_tune(SENTENCES, out=tmp_path, **options)
    assert np.array_equal(again.history["loss"], whole.history["loss"])
    for a, b in zip(whole.model.get_weights(), load(tmp_path).model.get_weights(), strict=True):
        assert np.array_equal(a, b)
    assert not (tmp_path / "training").exists()


def test_it_learns_with_products_of_bfloat16_and_goes_on_with_no_others(encoder, tmp_path):
    options = {**OPTIONS, "encoder": encoder, "steps": 9, "learning_rate": 1e-3}
    usual = fine_tune(SENTENCES, **options)
    half = fine_tune(SENTENCES, **options, matmul_precision="bfloat16")
    a, b = usual.history["loss"], half.history["loss"]
    assert not np.array_equal(a, b) and np.allclose(a, b, rtol=0.05) and b[-1] < b[0]
    assert all(weight.dtype == "float32" for weight in half.model.weights)

    def stop(step, loss):
        if step == 4:
            raise RuntimeError("the power went")

    with pytest.raises(RuntimeError, match="the power went"):
        fine_tune(SENTENCES, out=tmp_path, save_every=2, on_step=stop, **options)
    with pytest.raises(CheckpointError, match="was made with other data"):
        fine_tune(SENTENCES, out=tmp_path, **options, matmul_precision="bfloat16")
    with pytest.raises(ValueError, match="must be float32 or bfloat16. Received: 'float16'"):
        fine_tune(SENTENCES, **options, matmul_precision="float16")


def test_from_scratch_the_encoder_has_other_weights(encoder):
    options = {**OPTIONS, "encoder": encoder, "steps": 1, "learning_rate": 1e-6}
    table = lambda m: m.model.arrays_by_path()["embedding/word/embeddings"]  # noqa: E731
    ours, scratch = fine_tune(SENTENCES, **options), fine_tune(SENTENCES, pretrained=False, **options)
    assert table(ours).shape == table(scratch).shape and not np.allclose(table(ours), table(scratch), atol=1e-3)


# In a notebook -------------------------------------------------------------------------------------


def test_highlighting_leaves_text_text():
    text = "<script>alert('x')</script> & Jane\nleft"
    start = text.index("Jane")
    entities = [{"start": start, "end": start + 4, "label": "<b>", "score": 0.987}]
    entities.append({"start": 0, "end": 8, "label": "PER", "score": 0.5})
    shown = Highlighted(text, entities, scores=True)._repr_html_()
    assert "<script" not in shown and "&lt;script&gt;" in shown and "&lt;b&gt; 0.99" in shown and "<br>" in shown
    bare = re.sub(r"<b .*?</b>|<.*?>", "", shown.replace("<br>", "\n"))
    assert html.unescape(bare) == text
    assert repr(Highlighted("Jane left", [{"start": 0, "end": 4, "label": "PER"}])) == "[Jane](PER) left"
    for bad in ([{"start": 0, "end": 99, "label": "X"}], [{"start": 2, "end": 2, "label": "X"}], entities[:1] * 2):
        with pytest.raises(ValueError, match="none within another"):
            Highlighted(text, bad)


def test_a_model_highlights(model):
    assert "Jane" in model.highlight("Jane left <b>Cork</b>.")._repr_html_()
    assert "<b>Cork" not in model.highlight("Jane left <b>Cork</b>.")._repr_html_()
