"""Passages read twice, and spans credited with those that overlap them."""

from dataclasses import replace

import numpy as np
import pytest

from tests.tasks import small_bert
from utils.datasets.readers.squad import Answer, Question
from utils.notebook import quiet_import
from utils.tasks.looks import averaged, cuts, with_overlaps
from utils.tasks.passages import NEVER, Reading, Settings, cut, put_together, shares, to_read
from utils.tasks.reader import settings_for

quiet_import("keras")

from utils.tasks import question_answering as qa  # noqa: E402

RNG = np.random.default_rng(0)


def test_read_once_it_is_cut_once():
    settings = Settings()
    assert cuts(settings) == [settings]


def test_the_second_cut_is_shorter_has_more_windows_and_room_for_a_passage():
    first, second = cuts(Settings(looks=2))
    assert (first.max_length, first.max_windows) == (160, 6) and (second.max_length, second.max_windows) == (132, 8)
    for longest in range(16, 200, 7):
        settings = settings_for({"maximum_position_encoding": longest}, looks=2)
        second = cuts(settings)[1]
        assert second.max_length - second.max_question - 3 > second.stride and second.max_length <= settings.max_length


def test_scores_are_averaged_and_what_one_does_not_list_has_its_lowest():
    first, second = Reading(4.0, [(0, 4, 5.0), (5, 7, 3.0)]), Reading(1.0, [(5, 7, 4.0), (8, 9, 2.0)])
    assert averaged([first, second], 20) == Reading(2.5, [(0, 4, 3.5), (5, 7, 3.5), (8, 9, 2.5)])
    assert averaged([first, second], 1).spans == [(0, 4, 3.5)]
    assert averaged([first, first], 20) == first and averaged([first], 20) == first


def test_a_passage_without_a_token_has_no_span():
    empty = Reading(0.0, [])
    assert averaged([empty, empty], 20) == empty == with_overlaps(empty)
    assert averaged([empty, Reading(2.0, [(0, 4, 5.0)])], 20) == Reading(1.0, [(0, 4, 5.0)])


def f1(one, other):
    """Of two spans, over characters."""
    a, b = set(range(*one[:2])), set(range(*other[:2]))
    return 2 * len(a & b) / (len(a) + len(b))


def test_a_spans_credit_is_its_expected_f1():
    for _ in range(30):
        starts, lengths = RNG.integers(0, 30, 12).tolist(), RNG.integers(1, 9, 12).tolist()
        places = [(start, start + length) for start, length in zip(starts, lengths, strict=True)]
        spans = dict(zip(places, RNG.normal(size=12).tolist(), strict=True))
        reading = Reading(0.5, [(*span, score) for span, score in spans.items()])
        found = with_overlaps(reading)
        wanted = {one: sum(f1(one, other) * np.exp(score) for other, score in spans.items()) for one in spans}
        assert {tuple(span[:2]): np.exp(span[2]) for span in found.spans} == pytest.approx(wanted)
        assert [s for *_, s in found.spans] == sorted((s for *_, s in found.spans), reverse=True)
        assert found.null_score == 0.5 and np.exp(found.mass) == pytest.approx(sum(np.exp(s) for s in spans.values()))
        chances = {span: np.exp(score) / np.exp([*spans.values(), 0.5 + 0.2]).sum() for span, score in spans.items()}
        best = max(sum(f1(one, other) * chances[other] for other in spans) for one in spans)
        null = np.exp(0.7) / np.exp([*spans.values(), 0.7]).sum()
        assert shares(found, -0.2)[0] == pytest.approx(max(best, null))
        assert 0 < shares(found, NEVER, 0.5, 0.3)[0] < 1


def test_alike_answers_outvote_a_single_one_that_scores_a_little_more():
    reading = Reading(0.0, [(40, 45, 2.2), (0, 10, 2.0), (0, 12, 1.9), (0, 9, 1.8)])
    assert with_overlaps(reading).spans[0][:2] == (0, 10)


def test_spans_apart_and_hopeless_ones_stay_as_they_are():
    reading = Reading(0.0, [(0, 4, 800.0), (5, 9, 1.0), (10, 12, -900.0)])
    assert with_overlaps(reading).spans == reading.spans and with_overlaps(reading).mass == 800.0


TEXT = " ".join(f"{name} went to the {place}." for name in ("Jane", "Omar", "Lina") for place in ("garden", "harbour"))
ASKED = [Question("", f"Where did {name} go?", TEXT, (Answer("the garden", TEXT.index("the garden")),))
         for name in ("Jane", "Lina")]  # fmt: skip


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    folder = small_bert.make(tmp_path_factory.mktemp("bert"))
    options = {"max_length": 32, "max_question": 8, "stride": 6, "max_windows": 2, "progress": False, "batch_size": 2}
    return qa.fine_tune(ASKED, None, folder, steps=2, **options)


def test_what_is_learnt_reads_twice(reader):
    own = reader.settings
    assert own.looks == 2 and own.overlaps
    looks = []
    for settings in (replace(own, looks=1), cuts(own)[1]):
        windows = to_read(cut(ASKED, reader.tokenizer, settings), settings.max_windows)
        looks.append(put_together(windows, reader.read_windows(windows), 2, settings))
    assert max(map(len, windows)) == cuts(own)[1].max_length < own.max_length
    assert looks[0][0].spans != looks[1][0].spans
    wanted = [with_overlaps(averaged(each, own.n_best)) for each in zip(*looks, strict=True)]
    assert reader.read(ASKED) == wanted


def test_each_can_be_left_out_and_comes_back_from_disk(reader, tmp_path):
    twice = reader.read(ASKED)
    reader.save(tmp_path)
    assert qa.load(tmp_path).settings == reader.settings and qa.load(tmp_path).read(ASKED) == twice
    own, others = reader.settings, []
    for changes in ({"looks": 1}, {"overlaps": False}, {"looks": 1, "overlaps": False}):
        reader.settings = replace(own, **changes)
        others.append(reader.read(ASKED))
    reader.settings = own
    assert all(one != other for n, one in enumerate([twice, *others]) for other in others[n:])


def test_thrice_is_refused():
    with pytest.raises(ValueError, match="once or twice.*looks=3"):
        settings_for({"maximum_position_encoding": 512}, looks=3)
