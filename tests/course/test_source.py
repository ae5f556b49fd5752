"""Sources: what is read, what is written into them, and what an author is told."""

import ast

import pytest

from utils.course import source as s
from utils.course.notebook import learners_copy, lesson, modules_of


def written(folder, name, text):
    path = folder / "notebooks" / "source" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_reading_and_writing_give_the_same_text():
    for source in s.read_sources():
        assert s.as_text(source) == source.path.read_text(encoding="utf-8")


def test_cells_have_kinds_tags_and_lines(tmp_path):
    text = '# %% [markdown]\n# Hello\n\n# %% tags=["nbval-ignore-output"]\nprint(1)\n'
    cells = s.read_source(written(tmp_path, "00_x.py", text)).cells
    assert [(c.markdown, c.tags, c.line) for c in cells] == [(True, [], 1), (False, ["nbval-ignore-output"], 4)]


def test_what_is_for_slides_stays_out_of_the_learners_copy(tmp_path):
    text = '# %% [markdown] tags=["slide:notes"]\n# Hello\n\n# %% tags=["slide", "nbval-ignore-output"]\nprint(1)\n'
    source = s.read_source(written(tmp_path, "00_x.py", text))
    assert [cell.metadata["tags"] for cell in lesson(source).cells] == [c.tags for c in source.cells]
    assert [cell.metadata.get("tags") for cell in learners_copy(source, {}).cells] == [None, ["nbval-ignore-output"]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import os\n# %%\n", "line 1: text before the first cell"),
        ("# %% [makdown]\n", "line 1: '# %% [makdown]' is no cell header"),
        ('# %% tags=["exercize"]\n', "unknown tag 'exercize'"),
    ],
)
def test_a_malformed_source_is_told(tmp_path, text, words):
    with pytest.raises(s.BuildError, match=words.replace("[", r"\[").replace("]", r"\]")):
        s.read_source(written(tmp_path, "00_x.py", text))


def test_a_symbol_is_written_without_its_registration_decorator():
    text = s.symbol_source("utils.layers.masks.PaddingMask")
    assert text.startswith("class PaddingMask(keras.layers.Layer):")
    assert "register_keras_serializable" not in text
    ast.parse(text)


def test_a_method_can_be_shown():
    assert s.symbol_source("utils.layers.masks.PaddingMask.call").startswith("def call(self, token_ids):")


@pytest.mark.parametrize(
    "symbol",
    ["utils.layers.masks.no_such_mask", "utils.nowhere.f", "utils.layers.masks", "utils.layers.masks.PaddingMask.no"],
)
def test_an_unknown_symbol_names_file_and_line(tmp_path, symbol):
    path = written(tmp_path, "00_x.py", f'# %% tags=["from:{symbol}"]\n')
    with pytest.raises(s.BuildError, match=r"00_x\.py, line 1: .*Correct the tag"):
        s.synced(s.read_source(path))


def test_blanks_keep_signature_and_docstring():
    blank = s.with_blank(s.symbol_source("utils.layers.masks.combine_masks"), "")
    assert "def combine_masks(*masks):" in blank and "Allowed is what every mask allows" in blank
    assert blank.endswith("    raise NotImplementedError") and "logical_and" not in blank
    ast.parse(blank)


def test_a_method_alone_is_left_blank():
    text = s.symbol_source("utils.layers.attention.MultiHeadAttention")
    blank = s.with_blank(text, "call")
    assert "def build" in blank and "self.query_weights" in blank and "merge_heads" not in blank
    ast.parse(blank)
    with pytest.raises(LookupError, match="no method 'cal'"):
        s.with_blank(text, "cal")


SHOWN = '# %% tags=["from:utils.layers.masks.combine_masks"]\n'


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (SHOWN, SHOWN, "01_b.py, line 1: combine_masks was already introduced at .*00_a.py, line 1"),
        ("# %%\ncombine_masks(None)\n", SHOWN, "00_a.py, line 1: combine_masks is used here, but introduced only at"),
        ("# %%\nfrom utils.layers import combine_masks\n", SHOWN, "00_a.py, line 1: combine_masks is used here"),
        (SHOWN + "\n# %%\nfrom utils.layers import combine_masks\n", "", "imported here and shown at"),
        ("# %%\nx = (1\n", "", "00_a.py, line 1: .*never closed"),
    ],
)
def test_order_is_kept(tmp_path, first, second, words):
    written(tmp_path, "00_a.py", first)
    written(tmp_path, "01_b.py", second)
    sources = [s.synced(x) for x in s.read_sources(tmp_path / "notebooks" / "source")]
    with pytest.raises(s.BuildError, match=words):
        s.check_order(sources)


def test_a_lesson_may_define_for_itself_what_a_later_one_introduces(tmp_path):
    written(tmp_path, "00_a.py", "# %%\ndef combine_masks(x):\n    return x\n\n\ncombine_masks(1)\n")
    written(tmp_path, "01_b.py", SHOWN)
    s.check_order([s.synced(x) for x in s.read_sources(tmp_path / "notebooks" / "source")])


def test_the_course_introduces_each_symbol_once_and_before_its_use():
    s.check_order([s.synced(x) for x in s.read_sources()])


def test_a_lesson_depends_on_the_modules_that_define_what_it_imports():
    assert modules_of("from utils.layers import combine_masks", "04_masks") == {"utils.layers.masks"}
    assert modules_of("from utils.tasks import fine_tuning", "12_x") == {"utils.tasks.fine_tuning"}
    found = modules_of("from utils.checks import check", "01_why_attention")
    assert "utils.checks.why_attention" in found and "utils.checks.masks" not in found
    with pytest.raises(s.BuildError, match=r"utils\.nothing is imported"):
        modules_of("from utils.nothing import x", "00_start_here")
