"""The translator: it learns, it is the same after a journey to disk, and every input has a defined result."""

import gzip
import importlib.util
import itertools
import random

import numpy as np
import pytest

from utils.tasks.translation import Translator, in_memory, on_disk
from utils.text import SubwordVocabulary

WHO = {"je": "I", "tu": "you", "nous": "we", "ils": "they"}
WHAT = {"lis": "read", "vois": "see", "prends": "take"}
WHOM = {"le livre": "the book", "la ville": "the town", "l'été": "the summer"}
PAIRS = [
    (" ".join((who, what, whom)) + ".", " ".join((WHO[who], WHAT[what], WHOM[whom])) + ".")
    for who, what, whom in itertools.product(WHO, WHAT, WHOM)
]
SMALL = {"vocabulary_size": 90, "num_layers": 1, "embedding_dim": 32, "num_heads": 2, "fully_connected_dim": 64}
SMALL |= {"dropout_rate": 0.0, "max_length": 24, "tokens_per_batch": 288, "warmup_steps": 60, "progress": False}


@pytest.fixture(scope="module")
def translator():
    return Translator.train(PAIRS, 150, **SMALL)


def test_it_learns_its_sentences(translator):
    sources, targets = zip(*PAIRS, strict=True)
    assert np.mean([a == b for a, b in zip(translator(sources), targets, strict=True)]) > 0.9
    assert len(translator.history["loss"]) == 150 and translator.history["left_out"] == 0


def test_one_text_gives_a_text_and_a_list_a_list(translator):
    source, other = PAIRS[0][0], PAIRS[17][0]
    assert translator([other, source]) == [translator(other), translator(source)]
    assert translator([]) == [] and isinstance(translator(source), str)
    assert isinstance(translator(source, beam_width=3), str)


def test_odd_texts_have_defined_answers(translator):
    assert translator("") == translator(" \n") == ""
    assert translator(["", PAIRS[0][0]]) == ["", translator(PAIRS[0][0])]
    assert isinstance(translator("北京 🙂 <end> <pad>"), str)
    with pytest.raises(ValueError, match="at most 24 tokens.*text 1 of"):
        translator(["je", "je lis " * 20])
    for wrong in (3, ["je", None], b"je"):
        with pytest.raises(TypeError):
            translator(wrong)


def test_it_survives_the_disk(translator, tmp_path):
    translator.save(tmp_path / "new" / "folder")
    names = sorted(path.name for path in (tmp_path / "new" / "folder").iterdir())
    assert names == ["config.json", "model.safetensors", "source.json", "target.json"]
    loaded = Translator.load(tmp_path / "new" / "folder")
    sources = [source for source, _ in PAIRS]
    assert loaded(sources) == translator(sources)
    (tmp_path / "new" / "folder" / "model.safetensors").write_bytes(b"half")
    with pytest.raises(ValueError, match="damaged"):
        Translator.load(tmp_path / "new" / "folder")
    with pytest.raises(FileNotFoundError, match="config.json is missing"):
        Translator.load(tmp_path)


def test_stopped_and_called_again_it_is_the_same(tmp_path):
    options = SMALL | {"save_every": 4, "dropout_rate": 0.1}
    whole = Translator.train(PAIRS, 8, **options)
    Translator.train(PAIRS, 5, folder=tmp_path, **options)
    again = Translator.train(PAIRS, 8, folder=tmp_path, **options)
    assert np.array_equal(whole.history["loss"], again.history["loss"])
    for a, b in zip(whole.model.get_weights(), again.model.get_weights(), strict=True):
        assert np.array_equal(a, b)


@pytest.mark.usefixtures("eagerly")
def test_pairs_that_are_too_long_are_left_out_and_counted():
    long = ("je lis " * 30, "I read " * 30)
    assert Translator.train([*PAIRS, long], 1, **SMALL).history["left_out"] == 1
    with pytest.raises(ValueError, match="Every pair is longer"):
        Translator.train([long], 1, **SMALL | {"vocabulary_size": 20})


@pytest.mark.parametrize("wrong", [[], [("je", "")], [("je",)], [("je", 3)], 7, ["ab", "cd", "ef"]])
def test_what_are_not_pairs_is_refused(wrong):
    with pytest.raises((TypeError, ValueError), match="Received"):
        Translator.train(wrong, 1, **SMALL)


@pytest.mark.usefixtures("eagerly")
@pytest.mark.skipif(not importlib.util.find_spec("utils.datasets"), reason="the readers are not there")
def test_pairs_can_come_from_files(tmp_path):
    (tmp_path / "pairs.tsv").write_text("".join(f"{s}\t{t}\n" for s, t in PAIRS), "utf-8")
    for name, side in (("fr.gz", 0), ("en.gz", 1)):
        (tmp_path / name).write_bytes(gzip.compress("".join(p[side] + "\n" for p in PAIRS).encode()))
    expected = Translator.train(PAIRS, 2, **SMALL).history["loss"]
    for files in (tmp_path / "pairs.tsv", (tmp_path / "fr.gz", str(tmp_path / "en.gz"))):
        assert np.array_equal(Translator.train(files, 2, **SMALL).history["loss"], expected)


@pytest.mark.usefixtures("eagerly")
def test_pairs_on_disk_make_the_same_vocabularies_and_are_counted(tmp_path):
    long = ("je lis " * 30, "I read " * 30)
    held = Translator.train([*PAIRS, long], 1, **SMALL)
    for pairs in ([*PAIRS, long], lambda: iter([*PAIRS, long])):
        read = Translator.train(pairs, 1, shards=tmp_path / "shards", **SMALL)
        assert read.history["left_out"] == 1
        for side in ("source_vocabulary", "target_vocabulary"):
            assert getattr(read, side).tokenizer.to_str() == getattr(held, side).tokenizer.to_str()
    with pytest.raises(ValueError, match="Every pair is longer"):
        Translator.train([long], 1, shards=tmp_path / "shards", **SMALL | {"vocabulary_size": 20})


def test_what_are_not_pairs_is_refused_on_disk_too(tmp_path):
    for wrong in ([], [("je", "")], [("je",)], [("je", "I", "I")], ["ab", "cd", "ef"], [("je", 3)]):
        for pairs in (wrong, lambda wrong=wrong: iter(wrong)):
            with pytest.raises((TypeError, ValueError), match="Received"):
                on_disk(pairs, tmp_path / "shards", (90, False), 24, 288, 0)
    with pytest.raises(TypeError, match="read several times: pass a list"):
        on_disk(iter(PAIRS), tmp_path / "shards", (90, False), 24, 288, 0)
    calls = []
    with pytest.raises(ValueError, match="changed while they were read: 36 at first, 34 later"):
        on_disk(lambda: calls.append(1) or PAIRS[2 * (len(calls) > 2) :], tmp_path / "shards", (90, False), 24, 288, 0)
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(FileExistsError):
        on_disk(lambda: calls.append("read"), tmp_path / "taken", (90, False), 24, 288, 0)
    assert "read" not in calls


def test_what_was_recognised_is_told_once(tmp_path, capsys):
    lines = [f"{n}\t{s}\t{n + 500}\t{t}\n" for n, (s, t) in enumerate(PAIRS)]
    (tmp_path / "pairs.tsv").write_text("".join(lines), "utf-8")
    on_disk(tmp_path / "pairs.tsv", tmp_path / "shards", (90, False), 24, 288, 0)
    assert capsys.readouterr().out.count("columns 2 and 4") == 1


def test_of_very_many_pairs_the_pieces_are_learnt_from_some(tmp_path, monkeypatch):
    monkeypatch.setattr("utils.tasks.translation.LEARNT_FROM", 10)
    vocabularies, batches, left_out = on_disk(PAIRS, tmp_path, (90, False), 60, 288, 0)
    chance = random.Random(0)
    some = [source for source, _ in PAIRS if chance.random() * len(PAIRS) < 10]
    assert 0 < len(some) < len(PAIRS)
    some = SubwordVocabulary.train(some, 90)
    assert vocabularies[0].tokenizer.to_str() == some.tokenizer.to_str() and left_out == 0
    assert sum(batches.index["pairs"]) == len(PAIRS)


def test_pieces_are_learnt_from_every_kind_that_takes_turns(tmp_path, monkeypatch):
    monkeypatch.setattr("utils.tasks.translation.LEARNT_FROM", 30)
    pairs = [("αβγ δε", "alpha") if n % 4 == 0 else ("xyz uvw", "other") for n in range(120)]
    (source, _), _, _ = on_disk(pairs, tmp_path, (90, False), 60, 288, 0)
    assert {"α", "x"} <= {letter for piece in source.tokenizer.get_vocab() for letter in piece}


def test_from_disk_it_learns_from_the_same_pairs(tmp_path):
    learnt, held = (90, False), (24, 288, 0)
    _, inside, _ = in_memory(PAIRS, learnt, *held)
    _, outside, _ = on_disk(PAIRS, tmp_path, learnt, *held)
    rows = [sorted(tuple(map(tuple, pair)) for step in range(batches.batches_per_epoch)
                   for pair in zip(*batches.batch(step), strict=True) if pair[0].any())
            for batches in (inside, outside)]  # fmt: skip
    assert rows[0] == rows[1] and len(rows[0]) == len(PAIRS)


def test_from_disk_too_it_goes_on_where_it_was_stopped(tmp_path):
    options = SMALL | {"save_every": 4, "shards": tmp_path / "shards"}
    whole = Translator.train(PAIRS, 8, **options)
    Translator.train(PAIRS, 5, folder=tmp_path / "training", **options)
    again = Translator.train(PAIRS, 8, folder=tmp_path / "training", **options)
    assert np.array_equal(whole.history["loss"], again.history["loss"])
