"""Question answering in Keras: it learns, it answers with what the passage says, it is the same after a journey."""

import itertools
import json
from dataclasses import replace

import keras
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from tests.tasks import small_bert
from utils.datasets.readers.squad import Answer, Question, SquadError
from utils.pretrained.checkpoint import EncoderError, read_config
from utils.tasks import question_answering as qa
from utils.tasks.looks import cuts
from utils.tasks.passages import NEVER, Settings, cut
from utils.tasks.reader import lessons, settings_for

TRAIN, DEV, TEST = (small_bert.questions(n, seed) for n, seed in ((160, 1), (40, 2), (60, 3)))
OPTIONS = {"batch_size": 16, "learning_rate": 5e-3, "progress": False, "max_length": 40, "stride": 4}


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return small_bert.make(tmp_path_factory.mktemp("bert"), hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)


@pytest.fixture(scope="module")
def taught(bert):
    return qa.fine_tune(TRAIN, DEV, bert, steps=200, **OPTIONS)


# The loss and the model ----------------------------------------------------------------------------


def test_the_loss_is_the_mean_surprise_at_both_ends():
    start, end = np.log([[0.5, 0.25, 0.25]]), np.log([[0.1, 0.1, 0.8]])
    loss = qa.qa_loss(np.array([0]), np.array([2]), start.astype("float32"), end.astype("float32"))
    assert float(loss) == pytest.approx(-(np.log(0.5) + np.log(0.8)) / 2, abs=1e-6)
    even = np.zeros((4, 7), "float32")
    assert float(qa.qa_loss(np.arange(4), np.arange(4), even, even)) == pytest.approx(np.log(7), abs=1e-6)


def batch(B=3, T=11):
    rng = np.random.default_rng(0)
    mask = np.arange(T) < rng.integers(5, T + 1, (B, 1))
    return rng.integers(5, 30, (B, T)).astype("int32"), (np.arange(T) > 3).astype("int32") * mask, mask


def test_more_padding_changes_nothing_and_nothing_begins_in_it(bert):
    reader = qa.QuestionAnswering(qa.SpanModel(qa.load_encoder(bert)), bert, Settings())
    arrays = batch()
    wider = [np.pad(a, ((0, 0), (0, 6))) for a in arrays]
    for narrow, wide in zip(reader.logits(*arrays), reader.logits(*wider), strict=True):
        assert np.allclose(narrow, wide[:, :11], atol=1e-6)
        assert np.isfinite(wide).all() and (wide[~wider[2]] < -1e30).all()
    assert np.isfinite(qa.qa_loss([4, 4, 4], [4, 4, 4], *reader.logits(*wider)))


def test_the_model_survives_its_config(bert):
    model = qa.SpanModel(qa.load_encoder(bert))
    again = qa.SpanModel.from_config(model.get_config())
    again.build((None, None))
    again.set_arrays(model.arrays_by_path() if model.built else again.arrays_by_path())
    assert [tuple(part.shape) for part in again(*batch())] == [(3, 11), (3, 11)]


# Find, then read -----------------------------------------------------------------------------------


def likeness_by_hand(hidden, sentences, mask):
    """Each token on its own, in plain NumPy."""

    def mean(rows):
        state = hidden[b][rows].mean(axis=0)
        return state / np.linalg.norm(state)

    found = np.zeros(mask.shape)
    for b, t in np.argwhere(mask & (sentences > 0)):
        question = mean(mask[b] & (sentences[b] == 0))
        own, whole = mean(mask[b] & (sentences[b] == sentences[b, t])), mean(mask[b] & (sentences[b] > 0))
        found[b, t] = question @ own - question @ whole
    return found


def test_likeness_is_the_sentences_less_the_passages():
    rng = np.random.default_rng(3)
    hidden, (_, _, mask) = rng.normal(size=(3, 11, 5)).astype("float32"), batch()
    sentences = np.array([0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 3]) * mask
    found = np.array(qa.likeness(hidden, sentences.astype("int32"), mask))
    assert np.allclose(found, likeness_by_hand(hidden, sentences, mask), atol=1e-6) and np.abs(found).max() > 0.1
    assert (found[sentences == 0] == 0).all()
    noise = np.where(mask[..., None], hidden, rng.normal(size=hidden.shape)).astype("float32")
    assert np.allclose(qa.likeness(noise, sentences.astype("int32"), mask), found, atol=1e-6)


def test_one_sentence_says_what_a_span_model_says_and_several_do_not(bert):
    ids, segments, mask = batch()
    finder = qa.FindThenRead(qa.load_encoder(bert), 10.0)
    plain = qa.SpanModel(finder.encoder)
    finder.build((None, None)), plain.build((None, None))
    plain.set_arrays(finder.arrays_by_path())
    for one, other in zip(plain(ids, segments, mask), finder(ids, segments, mask), strict=True):
        assert np.allclose(one, other, atol=1e-5)
    several = np.cumsum(segments, axis=1) * mask  # every token a sentence
    gaps = np.abs(np.array(plain(ids, segments, mask)[0]) - np.array(finder(ids, several, mask)[0]))[mask]
    assert gaps.max() > 0.1
    again = qa.FindThenRead.from_config(finder.get_config())
    assert again.weight == 10.0 and qa.FindThenRead(qa.load_encoder(bert), 0.0).weight == 0.0


def test_a_likeness_of_zero_is_the_model_without(bert, tmp_path):
    reader = qa.fine_tune(TRAIN[:20], None, bert, steps=1, likeness=0.0, **OPTIONS)
    assert type(reader.model) is qa.SpanModel and reader.settings.likeness == 0
    reader.save(tmp_path)
    assert type(qa.load(tmp_path).model) is qa.SpanModel
    found = qa.fine_tune(TRAIN[:20], None, bert, steps=1, **OPTIONS)
    found.save(tmp_path)
    assert type(qa.load(tmp_path).model) is qa.FindThenRead and found.settings.likeness > 0
    assert qa.load(tmp_path).read(TEST[:4])[0].spans == found.read(TEST[:4])[0].spans


# Learning ------------------------------------------------------------------------------------------


def test_it_learns_to_answer_and_to_decline(taught):
    assert len(taught.history["loss"]) == 200 and taught.history["loss"][-20:].mean() < 0.3
    scores = taught.evaluate(TEST)
    assert scores["f1"] > 0.9 and scores["answerable_f1"] > 0.85 and scores["declined"] > 0.85
    assert np.isfinite(taught.settings.threshold)


@pytest.mark.usefixtures("eagerly")
def test_without_pretraining_it_begins_elsewhere_and_in_the_same_place_each_time(bert):
    first, again, other = (
        qa.fine_tune(TRAIN, None, bert, steps=2, seed=seed, pretrained=False, **OPTIONS).history["loss"]
        for seed in (0, 0, 1)
    )
    assert np.array_equal(first, again) and not np.array_equal(first, other)


@pytest.mark.usefixtures("eagerly")
def test_it_learns_without_dropout_unless_it_is_asked_for(tmp_path):
    folder = small_bert.make(tmp_path, hidden_dropout_prob=0.5, attention_probs_dropout_prob=0.5)
    for said, is_the_same in (({}, True), ({"dropout": 0.25}, False), ({"dropout": None}, False)):
        data = lessons(TRAIN, None, folder, 1, 16, 0, max_length=40, stride=4, **said)
        model = qa.model_for(qa.load_encoder(data.folder, data.config), data.settings)
        learning, reading = (model(*batch(), training=training)[0] for training in (True, False))
        assert np.array_equal(learning, reading) == is_the_same
    assert data.config["dropout_rate"] == data.config["attention_dropout_rate"] == 0.5
    qa.fine_tune(TRAIN, None, folder, steps=1, out=tmp_path / "saved", **OPTIONS)
    assert json.loads((tmp_path / "saved" / "config.json").read_text())["hidden_dropout_prob"] == 0.5  # as it was
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\)\. Received: dropout=1\.5"):
        qa.fine_tune(TRAIN, None, folder, steps=1, dropout=1.5, **OPTIONS)


@pytest.mark.usefixtures("eagerly")
def test_the_threshold_without_a_dev_set(bert):
    assert qa.fine_tune(TRAIN, None, bert, steps=1, **OPTIONS).settings.threshold == 0.0
    answerable = [q for q in TRAIN if q.answers]
    assert qa.fine_tune(answerable, None, bert, steps=1, **OPTIONS).settings.threshold == NEVER
    reader = qa.fine_tune(answerable, [q for q in DEV if q.answers], bert, steps=1, **OPTIONS)
    assert reader.settings.threshold == NEVER and "" not in reader.predict(TEST)


@pytest.mark.usefixtures("eagerly")
def test_from_files_with_as_many_steps_as_they_need(bert, tmp_path):
    train, dev = tmp_path / "train.json", tmp_path / "dev.json"
    train.write_text(json.dumps(small_bert.as_squad(TRAIN[:20])))
    dev.write_text(json.dumps(small_bert.as_squad(DEV)))
    data = lessons(train, dev, bert, None, None, 0, max_length=40)
    assert data.steps == 200 and data.batch_size == 16 and len(data.windows) == 20 and len(data.dev) == 40
    assert len(lessons([train, dev], None, bert, None, 4, 0).windows) == 60
    seen = []
    reader = qa.fine_tune(str(train), dev, bert, steps=3, on_step=lambda *step: seen.append(step), **OPTIONS)
    assert [n for n, _ in seen] == [1, 2, 3] and reader.evaluate(dev)["questions"] == 40
    (tmp_path / "bad.json").write_text("{}")
    with pytest.raises(SquadError, match="bad.json"):
        qa.fine_tune(tmp_path / "bad.json", None, bert)


def test_what_there_is_nothing_to_learn_from_is_said(bert):
    nothing = [Question("", "Who?", " ", ())]
    for questions, words in (
        (nothing, "no passage has a single token"),
        ([q for q in TRAIN if not q.answers], r"none of the \d+ questions has an answer"),
        ([Question("", "Who?", "the map " * 30, (Answer(("the map " * 30).strip(), 0),))], "not one answer"),
        ([], "at least one question"),
    ):
        with pytest.raises(ValueError, match=words):
            qa.fine_tune(questions, None, bert, steps=1)
    with pytest.raises(TypeError, match=r"questions\[0\]=3"):
        qa.fine_tune([3], None, bert, steps=1)


def test_a_training_that_was_stopped_goes_on_where_it_was(bert, tmp_path):
    options = {**OPTIONS, "steps": 6, "save_every": 2}
    whole = qa.fine_tune(TRAIN, DEV, bert, **options)

    def stop(step, loss):
        if step == 3:
            raise RuntimeError("the power went")

    folder = tmp_path / "out"
    with pytest.raises(RuntimeError, match="the power went"):
        qa.fine_tune(TRAIN, DEV, bert, out=folder, on_step=stop, **options)
    second = []
    reader = qa.fine_tune(TRAIN, DEV, bert, out=folder, on_step=lambda step, loss: second.append(step), **options)
    assert second == [3, 4, 5, 6] and len(reader.history["loss"]) == 6
    for path, array in whole.weights().items():
        assert np.allclose(array, reader.weights()[path], atol=1e-5), path
    assert sorted(p.name for p in folder.iterdir()) == [
        "config.json", "model.safetensors", "question_answering.json", "tokenizer.json", "tokenizer_config.json",
    ]  # fmt: skip


# Answering -----------------------------------------------------------------------------------------


def test_an_answer_is_a_piece_of_the_passage(taught):
    context = "  Omar took   THE\tMap. Lina went to the garden."
    (answer,) = taught.answer("What did Omar take?", context)
    assert set(answer) == {"text", "start", "end", "score", "sentence"} and 0 < answer["score"] <= 1
    assert answer["text"] == context[answer["start"] : answer["end"]] == "THE\tMap"
    assert answer["sentence"] == "Omar took   THE\tMap."


def test_several_answers_come_best_first_with_probabilities(taught):
    answers = taught.answer("What did Omar take?", "Omar took the map. Lina went to the garden.", top_k=5)
    scores = [a["score"] for a in answers]
    assert len(answers) == 5 and scores == sorted(scores, reverse=True) and sum(scores) <= 1 + 1e-6
    assert len({(a["start"], a["end"]) for a in answers}) == 5


def test_it_declines(taught):
    best = taught.answer("What did Jane take?", "Lina went to the garden.")[0]
    assert (best["text"], best["start"], best["end"], best["sentence"]) == ("", 0, 0, "")


class Pointing(qa.QuestionAnswering):
    """Knows one word, and points at it and at the article before it."""

    def logits(self, token_ids, token_type_ids, padding_mask):
        """High where *the lamp* begins and ends, low elsewhere."""
        lamp = token_ids == self.tokenizer.token_to_id("lamp")
        return tuple(np.where(here, 9.0, -9.0) for here in (np.roll(lamp, -1, axis=1), lamp))


def test_a_long_passage_is_read_to_its_end(taught, bert):
    context = "Lina went to the garden. " * 40 + "Omar took the lamp."
    reader = Pointing(taught.model, bert, taught.settings)
    reading = reader.read([Question("", "What did Omar take?", context, ())])[0]
    start, end, _ = reading.spans[0]
    assert context[start:end] == "the lamp" and end == len(context) - 1


def test_of_a_long_passage_no_more_windows_are_read_than_was_said(taught, bert, monkeypatch):
    context = "Omar took the lamp. " + "Lina went to the garden. " * 40 + "Omar took the lamp."
    question = Question("", "What did Omar take?", context, ())
    everything = len(cut([question], taught.tokenizer, taught.settings))
    assert everything > 5
    for most, looks in itertools.product((1, 2, everything, 1000), (1, 2)):
        reader = Pointing(taught.model, bert, replace(taught.settings, max_windows=most, looks=looks))
        read, then = [], reader.read_windows
        monkeypatch.setattr(
            reader, "read_windows", lambda windows, read=read, then=then: then(read.extend(windows) or windows)
        )
        (reading,) = reader.read([question])
        own = cuts(reader.settings)
        assert len(own) == looks and max(map(len, read)) <= own[0].max_length
        assert len(read) == sum(min(c.max_windows, len(cut([question], taught.tokenizer, c))) for c in own)
        assert context[slice(*reading.spans[0][:2])] == "the lamp"


def test_declining_and_answering_agree_with_the_predictions(taught):
    predictions = taught.predict(TEST)
    assert "" in predictions
    for question, text in zip(TEST[:12], predictions, strict=False):
        assert taught.answer(question.question, question.context)[0]["text"] == text


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((3, "text"), TypeError, "question=3"),
        (("Who?", None), TypeError, "context=None"),
        ((" ", "text"), ValueError, "must be a question"),
        (("Who?", "text", 0), ValueError, "top_k=0"),
        (("Who?", "text", 1.5), ValueError, "top_k=1.5"),
    ],
)
def test_what_cannot_be_asked_is_said(taught, arguments, error, words):
    with pytest.raises(error, match=words):
        taught.answer(*arguments)


@pytest.mark.parametrize("context", ["", " \n", "\x00", "🌟", "e\u0301" * 50, "[SEP] [CLS] Omar", "x" * 5000])
def test_any_text_has_a_defined_answer(taught, context):
    for answer in taught.answer("What did Omar take? [SEP]" + " what" * 60, context, top_k=3):
        assert answer["text"] == context[answer["start"] : answer["end"]] and 0 <= answer["score"] <= 1


# Folders -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["bert", "distilbert"])
def test_it_is_the_same_after_a_journey_to_disk(kind, tmp_path, taught):
    reader = taught
    if kind == "distilbert":
        (tmp_path / "in").mkdir()
        small_bert.make(tmp_path / "in", kind)
        reader = qa.fine_tune(TRAIN[:20], DEV, tmp_path / "in", steps=2, **OPTIONS)
    reader.save(tmp_path / "out")
    again = qa.load(tmp_path / "out")
    assert again.settings == reader.settings and again.predict(TEST[:8]) == reader.predict(TEST[:8])
    for one, other in zip(reader.logits(*batch()), again.logits(*batch()), strict=True):
        assert np.array_equal(one, other)
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert config["architectures"] == [f"{ {'bert': 'Bert', 'distilbert': 'DistilBert'}[kind] }ForQuestionAnswering"]


def test_a_folder_without_a_head_or_with_damaged_settings_is_refused(bert, taught, tmp_path):
    with pytest.raises(EncoderError, match="no head for question answering"):
        qa.load(bert)
    taught.save(tmp_path)
    settings = tmp_path / "question_answering.json"
    for damaged in ('{"max_length": "long"}', '{"max_widows": 7}'):
        settings.write_text(damaged)
        with pytest.raises(EncoderError, match=r"question_answering\.json is damaged"):
            qa.load(tmp_path)
    settings.write_text('{"max_windows": 7}')  # what is not there has its default
    assert qa.load(tmp_path).settings == replace(settings_for(read_config(tmp_path)), max_windows=7)
    settings.unlink()  # transformers writes none
    assert qa.load(tmp_path).settings == settings_for(read_config(tmp_path))
    tensors = load_file(tmp_path / "model.safetensors")
    save_file(tensors | {"qa_outputs.weight": np.zeros((3, 24), "float32")}, tmp_path / "model.safetensors")
    with pytest.raises(EncoderError, match=r"head/kernel.*\(24, 3\)"):
        qa.load(tmp_path)


def test_windows_fit_the_encoder(bert):
    config = read_config(bert)
    assert settings_for(config) == replace(Settings(), max_length=48, max_question=12, stride=12)
    for changes in ({"max_length": 49}, {"max_length": 20, "max_question": 17}, {"stride": 40}, {"stride": -1}):
        with pytest.raises(ValueError, match="A window must fit the encoder's 48 positions"):
            settings_for(config, **changes)
    with pytest.raises(ValueError, match="max_windows=0"):
        settings_for(config, max_windows=0)


def test_answers_longer_than_a_window_are_said(bert):
    text = "jane took the map and " * 20
    long = [Question("", "What?", text, (Answer(text.strip(), 0),))]
    with pytest.raises(ValueError, match="not one answer lies whole within a window"):
        qa.fine_tune(long, None, bert, steps=1, max_length=40)


def test_keras_is_what_it_was(taught):
    assert keras.config.floatx() == "float32" and taught.model.built
