"""Reading parallel text that others wrote: every layout, every fault, in bounded memory."""

import bz2
import errno
import gzip
import io
import lzma
import os
import tempfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utils.datasets.readers import text_files
from utils.datasets.readers.parallel import LONGEST_LINE, ParallelTextError, Problem, read_pairs

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
PAIRS = [("Il pleut", "It rains"), ("Où va Jane ?", "Where does Jane go?"), ("L'œuf", "The egg")]


def tsv(*rows, end="\n"):
    return "".join("\t".join(row) + end for row in rows).encode("utf-8")


@pytest.fixture
def put(tmp_path):
    """Writes bytes or text to a file and gives its path."""

    def write(content, name="pairs.tsv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return write


# Layouts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("as_path", [str, Path])
@pytest.mark.parametrize(
    "content",
    [
        tsv(*PAIRS),
        tsv(*PAIRS, end="\r\n"),
        tsv(*PAIRS).removesuffix(b"\n"),
        b"\xef\xbb\xbf" + tsv(*PAIRS),
        gzip.compress(tsv(*PAIRS)),
        gzip.compress(b"\xef\xbb\xbf" + tsv(*PAIRS, end="\r\n")),
        gzip.compress(tsv(PAIRS[0])) + gzip.compress(tsv(*PAIRS[1:])),
        b"\n" + tsv(PAIRS[0]) + b"\n  \n" + tsv(*PAIRS[1:]) + b"\r\n\n",
        tsv(*((f"  {a} ", f"\u00a0{b}\u00a0 ") for a, b in PAIRS)),
        tsv(*((a, b, "CC-BY 2.0 (France) Attribution: tatoeba.org #1", "") for a, b in PAIRS)),
    ],
    ids="plain crlf no-last-end bom gzip gzip-bom-crlf gzip-twice blank-lines spaces attribution".split(),
)
def test_a_tab_separated_file(put, content, as_path):
    assert list(read_pairs(as_path(put(content)))) == PAIRS


def test_gzip_is_told_by_content_not_by_name(put):
    assert list(read_pairs(put(gzip.compress(tsv(*PAIRS)), "pairs.txt"))) == PAIRS
    assert list(read_pairs(put(tsv(*PAIRS), "pairs.tsv.gz"))) == PAIRS


@pytest.mark.parametrize(
    ("columns", "row"),
    [
        ((1, 0), "{1}\t{0}\tattribution"),
        ((1, 3), "1276\t{0}\t2481\t{1}"),
        ((0, 2), "{0}\t\t{1}"),
        ((3, 0), "{1}\t\t\t{0}"),
    ],
)
def test_columns_are_chosen(put, columns, row):
    path = put("".join(row.format(*pair) + "\n" for pair in PAIRS))
    assert list(read_pairs(path, columns=columns)) == PAIRS


@pytest.mark.parametrize("pack", [lambda content: content, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("ends", [("\n", "\n"), ("\r\n", "\n")], ids=["lf", "crlf-and-lf"])
def test_two_aligned_files(put, pack, ends):
    sides = [pack("".join(pair[side] + ends[side] for pair in PAIRS).encode()) for side in (0, 1)]
    paths = put(sides[0], "a.fr"), put(sides[1], "a.en")
    assert list(read_pairs(paths)) == list(read_pairs([str(path) for path in paths])) == PAIRS


def test_one_of_two_files_may_be_packed_and_end_with_blank_lines(put):
    first = put(gzip.compress(b"Il pleut\n\nIl neige\n"), "a.fr")
    second = put(b"\xef\xbb\xbfIt rains\n\nIt snows\n\n \r\n", "a.en")
    assert list(read_pairs((first, second))) == [("Il pleut", "It rains"), ("Il neige", "It snows")]


def test_other_line_separators_of_unicode_stay_inside_a_sentence(put):
    row = ("un\u2028deux\u0085trois", "one\x0btwo\x0cthree")
    assert list(read_pairs(put(tsv(row)))) == [row]


LINE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)
SENTENCE = LINE.map(str.strip).filter(lambda text: text and not text.startswith("\ufeff"))


@settings(max_examples=80, deadline=None)
@given(
    pairs=st.lists(st.tuples(SENTENCE, SENTENCE), min_size=1, max_size=8),
    extra=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
    bom=st.booleans(),
    packed=st.booleans(),
    last=st.booleans(),
)
def test_whatever_is_written_is_read(pairs, extra, end, bom, packed, last):
    content = tsv(*(pair + ("note",) if extra else pair for pair in pairs), end=end)
    content = content if last else content.removesuffix(end.encode())
    content = (b"\xef\xbb\xbf" if bom else b"") + content
    if not packed and content.startswith((b"PK", b"BZh", b"%PDF", b"7z")):  # a sentence that looks like an archive
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pairs"
        path.write_bytes(gzip.compress(content) if packed else content)
        assert list(read_pairs(path, columns=(0, 1))) == pairs
        said = []
        try:
            assert list(read_pairs(path, tell=said.append)) == pairs or said  # as written, or what was guessed is told
        except ParallelTextError as error:
            assert "columns" in str(error) or "JSON" in str(error) or "TMX" in str(error)


@settings(max_examples=150, deadline=None)
@given(content=st.binary(min_size=1, max_size=200), two=st.booleans())
def test_any_bytes_give_pairs_or_a_named_error(content, two):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pairs"
        path.write_bytes(content)
        problems = []
        try:
            pairs = list(read_pairs((path, path) if two else path, on_error="skip", problems=problems))
        except ParallelTextError as error:
            assert str(path) in str(error)
            return
        assert all(left and right for left, right in pairs)
        assert len(pairs) + len(problems) <= content.count(b"\n") + 1


# Bad lines -----------------------------------------------------------------------------------------

BAD = {
    "missing column": (b"Il pleut", "1 column, and column 2 is wanted", "by one tab, or choose"),
    "empty side": (b"Il pleut\t ", "column 2 is empty", "drop the line"),
    "not UTF-8": (b"\xc9t\xe9\tSummer", "byte 1 of the line, 0xc9, is not UTF-8", "Latin-1"),
    "NUL byte": (b"Il\0pleut\tIt rains", "holds a NUL byte", "UTF-8"),
    "carriage return": (b"Il pleut\tIt rains\rIl neige\tIt snows", "a carriage return stands inside", "CRLF"),
    "line too long": (b"a" * (LONGEST_LINE + 1) + b"\tb", f"longer than {LONGEST_LINE} bytes", "sentences"),
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("pack", [lambda content: content, gzip.compress], ids=["plain", "gzip"])
def test_a_bad_line_is_named_with_file_line_and_remedy(put, kind, pack):
    line, found, advice = BAD[kind]
    path = put(pack(tsv(PAIRS[0]) + line + b"\n" + tsv(*PAIRS[1:])))
    pairs = read_pairs(path)
    assert next(pairs) == PAIRS[0]
    with pytest.raises(ParallelTextError) as told:
        next(pairs)
    text = str(told.value)
    assert f"{path}, line 2: " in text and found in text and advice in text and 'on_error="skip"' in text
    assert told.value.problem.kind == kind and told.value.problem.line == 2
    problems = []
    assert list(read_pairs(path, on_error="skip", problems=problems)) == PAIRS
    assert [(p.kind, p.file, p.line) for p in problems] == [(kind, str(path), 2)]
    assert problems[0] == told.value.problem and isinstance(problems[0], Problem)


def test_every_bad_line_is_collected_and_without_a_list_passed_over(put):
    path = put(b"\n".join([*(line for line, *_ in BAD.values()), tsv(PAIRS[0]).strip()]))
    problems = []
    assert list(read_pairs(path, on_error="skip", problems=problems)) == [PAIRS[0]]
    assert [p.kind for p in problems] == list(BAD) and [p.line for p in problems] == [1, 2, 3, 4, 5, 6]
    assert list(read_pairs(path, on_error="skip")) == [PAIRS[0]]


def test_a_bad_line_in_aligned_files_names_the_file_it_is_in(put):
    french = put("Il pleut\n\nIl neige\n\xe9\nOui\n".encode("latin-1"), "a.fr")
    english = put(b"It rains\nIt hails\nIt snows\nSummer\n \n" + b"", "a.en")
    with pytest.raises(ParallelTextError, match="same number of lines"):
        list(read_pairs((french, english)))  # what remains of line 5 is blank: the end is lost
    english = put("It rains\nIt hails\n \nSummer\nYes\n", "a.en")
    problems = []
    pairs = list(read_pairs((french, english), on_error="skip", problems=problems))
    assert pairs == [("Il pleut", "It rains"), ("Oui", "Yes")]
    found = [(Path(p.file).name, p.line, p.kind) for p in problems]
    assert found == [("a.fr", 2, "empty side"), ("a.en", 3, "empty side"), ("a.fr", 4, "not UTF-8")]


# Wrong files ---------------------------------------------------------------------------------------


def test_files_of_different_length_name_both_counts(put):
    first, second = put("a\nb\nc\n", "a.fr"), put("a\nb", "a.en")
    with pytest.raises(ParallelTextError, match=r"a\.fr has 3, .*a\.en has 2") as told:
        read_pairs((first, second), on_error="skip")  # at once: a line too many misaligns all that follow
    assert told.value.problem is None


def test_a_missing_file_says_whether_its_folder_is_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing.tsv.*exists: check the spelling"):
        read_pairs(tmp_path / "nothing.tsv")
    with pytest.raises(FileNotFoundError, match="does not exist either"):
        read_pairs(tmp_path / "no" / "nothing.tsv")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        read_pairs(tmp_path)


def test_a_file_that_may_not_be_read_keeps_its_own_error(put, monkeypatch):
    path = put(tsv(*PAIRS))

    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(text_files, "open_bytes", refuse)
    with pytest.raises(PermissionError):
        read_pairs(path)


def zipped():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("fra.txt", tsv(*PAIRS))
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (zipped(), "a zip archive: unpack it"),
        (bz2.compress(tsv(*PAIRS)), "a bzip2 archive"),
        (lzma.compress(tsv(*PAIRS)), "an xz archive"),
        (gzip.compress(gzip.compress(tsv(*PAIRS))), "gzip inside gzip"),
        (gzip.compress(zipped()), "a zip archive"),
        (tsv(*PAIRS).decode().encode("utf-16"), "UTF-16 text: save it as UTF-8"),
        (b"%PDF-1.7\n", "a PDF"),
        (bytes(range(256)) * 8, "binary, not text"),
        (b"\x1f\x8b", "cannot be unpacked"),
        (b"\x1f\x8bnot gzip at all", "cannot be unpacked"),
        (b"", "is empty"),
        (gzip.compress(b""), "is empty"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_text_is_told_at_once(put, content, message):
    path = put(content)
    with pytest.raises(ParallelTextError, match=message) as told:
        read_pairs(path, on_error="skip")
    assert str(path) in str(told.value)


@pytest.mark.parametrize("damage", [lambda c: c[: len(c) // 2], lambda c: c[:-8] + b"\0" * 8], ids=["cut", "checksum"])
def test_an_archive_that_breaks_off_is_told_where_it_does(put, damage):
    rows = [(f"phrase {i} {os.urandom(8).hex()}", f"sentence {i}") for i in range(2000)]
    path = put(damage(gzip.compress(tsv(*rows))))
    with pytest.raises(ParallelTextError, match=r"breaks off (after line \d+|before a line).*: .*Fetch it again"):
        list(read_pairs(path))


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"source": 3}, TypeError),
        ({"source": b"path"}, TypeError),
        ({"source": ["one"]}, ValueError),
        ({"source": ["a", "b", "c"]}, ValueError),
        ({"source": "a", "on_error": "ignore"}, ValueError),
        ({"source": "a", "columns": (0,)}, ValueError),
        ({"source": "a", "columns": (0, -1)}, ValueError),
        ({"source": "a", "columns": ("fr", "en")}, ValueError),
    ],
    ids=str,
)
def test_a_wrong_argument_is_told_with_what_was_received(arguments, error):
    with pytest.raises(error, match="Received"):
        read_pairs(**arguments)


# Size ----------------------------------------------------------------------------------------------


def test_memory_stays_bounded(put):
    """Ten megabytes of lines, then a line of thirty: a few megabytes at most are held at a time."""
    path = put(gzip.compress(tsv(("une phrase " * 5, "a sentence " * 5)) * 90_000 + b"x" * 30_000_000 + b"\nfin\tend"))
    tracemalloc.start()
    try:
        problems = []
        pairs = sum(1 for _ in read_pairs(path, on_error="skip", problems=problems))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (pairs, len(problems)) == (90_001, 1) and peak < 12e6


# Real text -----------------------------------------------------------------------------------------


@pytest.mark.skipif(not SHARED.is_dir(), reason="the folder ../shared/data is absent")
@pytest.mark.parametrize(("split", "number"), [("val", 1014), ("train", 29_000)])
def test_real_captions_are_read(split, number):
    pairs = list(read_pairs((SHARED / f"multi30k.{split}.fr.gz", SHARED / f"multi30k.{split}.en.gz")))
    assert len(pairs) == number
    assert all(french and english for french, english in pairs)
