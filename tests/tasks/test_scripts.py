"""Scripts of all kinds: what is learnt from a file is found again in plain text, to the last mark of a name."""

import pytest

from utils.tasks.token_classification import fine_tune

from .small_encoder import VOCABULARY, write_encoder

LETTERS = "李明王在上海北京去了大有र व ि म न".replace(" ", "")
NAMES, PLACES = ("李明", "王大有"), ("上海", "北京")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    """An encoder whose vocabulary has Chinese and Hindi letters, in place of the last pieces."""
    folder = write_encoder(tmp_path_factory.mktemp("encoder"))
    new = [piece for letter in dict.fromkeys(LETTERS) for piece in (letter, f"##{letter}")]
    vocabulary = [*VOCABULARY[: -len(new)], *new]
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", "utf-8")
    return folder


def learnt(path, encoder, content):
    path.write_text(content, "utf-8")
    return fine_tune(path, encoder=encoder, steps=120, learning_rate=3e-3, batch_size=4, progress=False)


def found(model, text):
    return [(e["text"], e["label"]) for e in model.predict(text)]


@pytest.mark.parametrize("size", [1, 2])
def test_chinese_columns_of_letters_and_of_words(tmp_path, encoder, size):
    blocks = []
    for name in NAMES:
        for place in PLACES:
            rows = []
            for word, kind in ((name, "PER"), ("在", ""), (place, "LOC"), ("去了", "")):
                parts = [word] if size == 2 else list(word)
                tags = [f"{'I' if n else 'B'}-{kind}" if kind else "O" for n in range(len(parts))]
                rows += [f"{part}\t{tag}\n" for part, tag in zip(parts, tags, strict=True)]
            blocks.append("".join(rows))
    model = learnt(tmp_path / "zh.conll", encoder, "\n".join(blocks))
    assert found(model, "王大有在上海去了") == [("王大有", "PER"), ("上海", "LOC")]
    assert model.evaluate(tmp_path / "zh.conll")["f1"] == 1.0


def test_names_with_marks_come_back_whole(tmp_path, encoder):
    names = ("Ja\u0301ne\u0308", "रवि", "ja\u00adne", "मन\u200cन")
    rows = "".join(f"{name}\tB-PER\nleft\tO\nthe\tO\ncork\tB-LOC\n\n" for name in names)
    model = learnt(tmp_path / "marks.conll", encoder, rows)
    for name in names:
        assert found(model, f"{name} left the cork") == [(name, "PER"), ("cork", "LOC")]
    assert model.evaluate(tmp_path / "marks.conll")["f1"] == 1.0
