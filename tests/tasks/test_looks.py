"""Passages read twice."""

from dataclasses import replace

import pytest

from tests.tasks import small_bert
from utils.datasets.readers.squad import Answer, Question
from utils.notebook import quiet_import
from utils.tasks.looks import averaged, cuts
from utils.tasks.passages import Reading, Settings, cut, put_together, to_read
from utils.tasks.reader import settings_for

quiet_import("keras")

from utils.tasks import question_answering as qa  # noqa: E402


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
    assert averaged([empty, empty], 20) == empty
    assert averaged([empty, Reading(2.0, [(0, 4, 5.0)])], 20) == Reading(1.0, [(0, 4, 5.0)])


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
    assert own.looks == 2
    looks = []
    for settings in (replace(own, looks=1), cuts(own)[1]):
        windows = to_read(cut(ASKED, reader.tokenizer, settings), settings.max_windows)
        looks.append(put_together(windows, reader.read_windows(windows), 2, settings))
    assert max(map(len, windows)) == cuts(own)[1].max_length < own.max_length
    assert looks[0][0].spans != looks[1][0].spans
    wanted = [averaged(each, own.n_best) for each in zip(*looks, strict=True)]
    assert reader.read(ASKED) == wanted


def test_it_comes_back_from_disk_and_can_be_read_once(reader, tmp_path):
    twice = reader.read(ASKED)
    reader.save(tmp_path)
    found = qa.load(tmp_path)
    assert found.settings == reader.settings and found.read(ASKED) == twice
    found.settings = replace(found.settings, looks=1)
    assert found.read(ASKED) != twice


def test_thrice_is_refused():
    with pytest.raises(ValueError, match="once or twice.*looks=3"):
        settings_for({"maximum_position_encoding": 512}, looks=3)
