"""Small saved models, made without training."""

import pytest

from tests.tasks.small_encoder import write_encoder

LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


@pytest.fixture(scope="session")
def encoder(tmp_path_factory):
    return write_encoder(tmp_path_factory.mktemp("encoder") / "small")


@pytest.fixture(scope="session")
def names(encoder, tmp_path_factory):
    """A folder with a model of entities."""
    from utils.pretrained.checkpoint import load_tokenizer, read_config
    from utils.pretrained.encoder import load_encoder
    from utils.tasks.fine_tuning import EncoderWithHead
    from utils.tasks.folders import read_json
    from utils.tasks.token_classification import TokenClassifier, window_for

    model = EncoderWithHead(load_encoder(encoder), len(LABELS))
    model.build((None, None))
    config = read_json(encoder / "config.json")
    folder = tmp_path_factory.mktemp("models") / "names"
    windows = window_for(read_config(encoder))
    TokenClassifier(model, load_tokenizer(encoder), LABELS, config, **windows).save(folder)
    return folder


@pytest.fixture(scope="session")
def answers(encoder, tmp_path_factory):
    """A folder with a model of answers, which may decline."""
    from utils.pretrained.checkpoint import read_config
    from utils.pretrained.encoder import load_encoder
    from utils.tasks.question_answering import QuestionAnswering, SpanModel
    from utils.tasks.reader import settings_for

    model = SpanModel(load_encoder(encoder))
    model.build((None, None))
    folder = tmp_path_factory.mktemp("models") / "answers"
    QuestionAnswering(model, encoder, settings_for(read_config(encoder), threshold=0.0)).save(folder)
    return folder
