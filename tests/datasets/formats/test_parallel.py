"""Parallel text as tools write it: read as its makers mean it, or refused in one line."""

import csv
import io
import json
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utils.datasets.readers.parallel import ParallelTextError, read_pairs

PAIRS = [("Jane left Cork.", "Jane a quitté Cork."), ('He asked, "Who?"', "Il demanda : « Qui ? »"),
         ("Go & see.", "Va & vois.")]  # fmt: skip


@pytest.fixture
def read(tmp_path):
    def of(content):
        path, said, problems = tmp_path / "pairs", [], []
        path.write_text(content, encoding="utf-8")
        return list(read_pairs(path, on_error="skip", tell=said.append, problems=problems)), " ".join(said), problems

    return of


def table(*rows, separator=","):
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows(rows)
    return out.getvalue()


def rows(form):
    return "".join(form.format(a, b, n=n) + "\n" for n, (a, b) in enumerate(PAIRS))


def lines(*items):
    return "".join(json.dumps(item) + "\n" for item in items)


def unit(form):
    return "".join(form.format(escape(a), escape(b)) for a, b in PAIRS)


OBJECTS = [{"en": a, "fr": b} for a, b in PAIRS]
XLIFF = '<?xml version="1.0"?><xliff version="{}" xmlns="urn:oasis:names:tc:xliff:document:{}"{}>{}</xliff>'
UNIT_1 = "<trans-unit id='1'><source>{}</source><target>{}</target><note>n</note></trans-unit>"
UNIT_2 = "<unit id='1'><segment><source>{}</source><target>{}</target></segment></unit>"
KINDS = {
    "Anki's settings": "#separator:tab\n#html:false\n#tags column:3\n" + rows("{}\t{}\ttag"),
    "addresses first": rows("http://a.org/{n}\thttps://b.org/{n}\t{}\t{}\t0.9"),
    "word aligners'": rows("{} ||| {}"),
    "quoted cells": table(*PAIRS, separator="\t"),
    "a header in words": "English words/sentences\tFrench words/sentences\n" + rows("{}\t{}"),
    "CSV with a header in words": table(["English words/sentences", "French words/sentences"], *PAIRS),
    "CSV with a language in its names": table(["", "hindi_sentence", "english_sentence"], *(["1", *p] for p in PAIRS)),
    "an array": json.dumps(OBJECTS, indent=1),
    "an array on one line": json.dumps(OBJECTS),
    "an array of translations": json.dumps([{"translation": one} for one in OBJECTS]),
    "an array within an object": json.dumps({"version": 1, "data": OBJECTS}),
    "columns": json.dumps({"en": [a for a, _ in PAIRS], "fr": [b for _, b in PAIRS]}),
    "columns of pandas": json.dumps({"en": {str(n): a for n, (a, _) in enumerate(PAIRS)},
                                     "fr": {str(n): b for n, (_, b) in enumerate(PAIRS)}}),
    "an array of pairs": json.dumps(PAIRS),
    "pairs, one a line": lines(*PAIRS),
    "XLIFF 1.2": XLIFF.format("1.2", "1.2", "", f"<file source-language='en' target-language='fr'><body>{unit(UNIT_1)}"
                              "</body></file>"),
    "XLIFF 2": XLIFF.format("2.0", "2.0", " srcLang='en' trgLang='fr'", f"<file id='f'>{unit(UNIT_2)}</file>"),
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_read_as_its_makers_mean_it(read, name):
    pairs, said, problems = read(KINDS[name])
    assert pairs == PAIRS and problems == [] and (said or name == "Anki's settings")


def test_codes_within_a_segment_are_no_text(read):
    segment = '<seg>Jane <bpt i="1">&lt;b&gt;</bpt><hi>left</hi><ept i="1">&lt;/b&gt;</ept> Cork<ph>{{1}}</ph>.</seg>'
    content = (
        '<tmx version="1.4"><header srclang="en"/><body><tu><tuv xml:lang="en">' + segment + "</tuv>"
        '<tuv xml:lang="fr"><seg>Jane a quitté Cork.</seg></tuv></tu></body></tmx>'
    )
    assert read(content)[0] == PAIRS[:1]


def test_what_has_no_translation_yet_is_named_and_the_rest_is_read(read):
    body = unit(UNIT_1) + "<trans-unit id='9'><source>Wait.</source></trans-unit>"
    pairs, _, problems = read(XLIFF.format("1.2", "1.2", "", f"<file source-language='en'><body>{body}</body></file>"))
    assert pairs == PAIRS and ["unit 4 has no target" in problem.message for problem in problems] == [True]


def test_of_three_columns_of_text_the_first_two_are_taken_and_told(read):
    pairs, said, _ = read(rows("{}\t{}\tx {}".replace("x {}", "x {n}")))
    assert pairs == PAIRS and "columns 1, 2, 3 hold text, and the first two were taken" in said
    assert read(rows("{}\t{}\tCC-BY 2.0 (France) Attribution: a.org #{n}"))[1] == ""


REFUSED = {
    "gettext": ('msgid ""\nmsgstr ""\n\nmsgid "Go."\nmsgstr "Va."\n', "catalogue of gettext"),
    "fairseq": ("S-0\tGo.\nT-0\tVa.\nH-0\t-0.3\tVa !\n", "fairseq"),
    "subtitles": ("1\n00:00:01,000 --> 00:00:02,000\nGo.\n\n2\n00:00:03,000 --> 00:00:04,000\nSee.\n", "subtitles"),
    "strings": ('/* a note */\n"go" = "Go.";\n\n"see" = "See \\"it\\".";\n"wait" = "Wait.";\n', r"by key.*\.strings"),
    "properties": ("# a note\ngo=Go.\nmenu.see = See.\nwait=Wait.\n", r"by key.*\.properties"),
    "YAML": ("en:\n  go: Go.\n  menu:\n    see: See.\n", "by key.*YAML"),
    "Markdown": ("| French | English |\n|:---|---|\n| Va. | Go. |\n", "table of Markdown"),
    "other XML": ("<?xml version='1.0'?>\n<corpus><s>Go.</s></corpus>\n", "no unit of TMX or XLIFF"),
    "plain text": ("Go.\nSee.\n", "no line has a tab"),
    "CSV without a header": (table(*PAIRS), "no line has a tab"),
    "a broken array": ('[{"en": "Go.", "fr": "Va."},\n', "array of JSON, and is none"),
    "an object of something else": (json.dumps({"Go.": "Va.", "See.": "Vois.", "Wait.": "Attends."}), "cannot be told"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_one_line_that_says_what_was_recognised(read, name):
    content, words = REFUSED[name]
    with pytest.raises(ParallelTextError, match=words) as raised:
        read(content)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["strings", "properties", "YAML"])
def test_strings_by_key_are_no_sentences_in_two_files_either(tmp_path, name):
    content, words = REFUSED[name]
    for side in "ab":
        (tmp_path / side).write_text(content)
    with pytest.raises(ParallelTextError, match=words):
        list(read_pairs((tmp_path / "a", tmp_path / "b")))


def test_what_looks_like_strings_by_key_here_and_there_is_text(tmp_path):
    both = [("x = 3", "y = 4"), ("# 5", "# 6"), ("Who says x = 3?", "Qui dit y = 4 ?"), ("x = 4", "x = 5")]
    for side, texts in zip("ab", zip(*both, strict=True), strict=True):
        (tmp_path / side).write_text("\n".join(texts) + "\n")
    assert list(read_pairs((tmp_path / "a", tmp_path / "b"))) == both
    (tmp_path / "c").write_text("a = 1\tb = 2\nc = 3\td = 4\ne = 5\tf = 6\n")
    assert len(list(read_pairs(tmp_path / "c"))) == 3


def test_lines_of_every_kind_of_end_and_fault_are_numbered_as_they_stand(tmp_path):
    path = tmp_path / "pairs"
    long = b"x" * (2**20 + 1)
    path.write_bytes(
        b"\xef\xbb\xbfa\tb\r\nc\td\n" + long + b"\te\nf\xff\tg\nh\0\ti\nj\rk\tl\nm\tn" + b"\no\tp" * 200_000
    )
    problems = []
    pairs = list(read_pairs(path, on_error="skip", problems=problems))
    assert pairs[:3] == [("a", "b"), ("c", "d"), ("m", "n")] and len(pairs) == 200_003
    assert [(p.line, p.kind) for p in problems] == [
        (3, "line too long"), (4, "not UTF-8"), (5, "NUL byte"), (6, "carriage return")]  # fmt: skip


MUTATIONS = st.lists(
    st.tuples(
        st.integers(0, 3000),
        st.integers(0, 20),
        st.sampled_from([b"", b"\t", b"\n", b'"', b"{", b"]", b"<", b"\xff", b"\0", b"\r", b"null", b"1"]),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([*KINDS.values(), *(content for content, _ in REFUSED.values())]), MUTATIONS)
def test_whatever_the_bytes_it_ends_in_pairs_or_a_clear_error(tmp_path_factory, content, mutations):
    content = content.encode()
    for place, length, put in mutations:
        place %= len(content) + 1
        content = content[:place] + put + content[place + length :]
    path = tmp_path_factory.mktemp("fuzz") / "file"
    path.write_bytes(content)
    try:
        pairs = list(read_pairs(path, on_error="skip", problems=[], tell=lambda said: said.encode()))
    except ParallelTextError as error:
        assert str(error).encode()
    else:
        assert all(left.strip() and right.strip() for left, right in pairs)


def test_a_first_row_that_lacks_columns_is_named(read):
    pairs, _, problems = read("Hi.\t\n" + rows("{n}\t{}\t{}"))
    assert pairs == PAIRS and [problem.line for problem in problems] == [1]


LISTED = {
    "one of one": "{}\teng\tIt rains",
    "of one language": "11\teng\tIt rains.\n12\teng\tWe wait here.",
    "of two languages": "11\teng\tIt rains.\n12\tfra\tIl pleut.\n13\tcat\tPlou.",
    "of five, no sign": "1\teng\tOne\n2\tfra\tUn\n3\tdeu\tEins\n4\tspa\tUno\n5\tita\tUno",
    "with names and dates": "11\teng\tIt rains.\tmio\t2019-03-01\t2019-03-02\n12\t\\N\tHm.\t\\N\t\\N\t\\N",
    "without numbers": "eng\tIt rains.\nfra\tIl pleut.",
}


@pytest.mark.parametrize("content", LISTED.values(), ids=LISTED)
def test_a_list_of_sentences_is_no_pairs_however_short(tmp_path, content):
    path = tmp_path / "sentences.tsv"
    path.write_text(content.replace("{}", "11") + "\n", encoding="utf-8")
    with pytest.raises(ParallelTextError, match=r"one sentence a line.*pairs"):
        list(read_pairs(path))
    named = list(read_pairs(path, columns=(1, 2) if content[0] != "e" else (0, 1)))
    assert len(named) == content.count("\n") + 1  # whoever names columns is believed


def test_links_are_numbers_and_a_dictionary_is_none(tmp_path):
    path = tmp_path / "file.tsv"
    path.write_text("11\t12\n12\t11\n")
    with pytest.raises(ParallelTextError, match="links"):
        list(read_pairs(path))
    for content in ("1\tcat\tchat\n2\tdog\tchien", "11\tIt rains.\t12\tIl pleut.", "en\tin\nde\tof", "la\tthe"):
        path.write_text(content + "\n")
        assert len(list(read_pairs(path, tell=len))) == content.count("\n") + 1


MARKED = {  # what stands beside the sentences
    "a domain and addresses": "ponds.ex\thttps://a.ex/{n}\t{0}\thttps://b.ex/{n}\t{1}",
    "a class": "{0}\t{1}\tnews",
    "a class first": "news\t{0}\t{1}",
    "a name of a file first": "clip_{n}.mp3\t{0}\t{1}",
    "two codes last": "0.9{n}\t{0}\t{1}\ten\tfr",
}


@pytest.mark.parametrize("row", MARKED.values(), ids=MARKED)
@pytest.mark.parametrize("count", (1, 3))
def test_single_words_beside_sentences_are_no_sentences(tmp_path, row, count):
    path, said = tmp_path / "pairs.tsv", []
    pairs = [("It rains here.", "Il pleut ici."), ("We wait.", "Nous attendons."), ("Go on!", "Continue !")][:count]
    path.write_text("".join(row.format(*pair, n=n) + "\n" for n, pair in enumerate(pairs)), encoding="utf-8")
    assert list(read_pairs(path, tell=said.append)) == pairs
    assert said or row.startswith("{0}")  # the first two columns are no guess


@pytest.mark.parametrize("names", ("path\tsentence\ttranslation\tspeaker", "id\teng_Latn\tfra_Latn\ttopic"))
def test_a_row_of_names_tells_the_sides(tmp_path, names):
    path, said = tmp_path / "pairs.tsv", []
    path.write_text(f"{names}\nclip one\tNo sign\tAucun signe\tmio\nclip two\tTwo ponds\tDeux mares\tmio\n")
    assert list(read_pairs(path, tell=said.append)) == [("No sign", "Aucun signe"), ("Two ponds", "Deux mares")]
    assert "names the columns" in said[0]


def test_sentences_that_follow_from_one_another_are_no_translations(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text("neutral\tIt rains.\tWe wait.\nentailment\tIt rains.\tIt is wet.\n")
    with pytest.raises(ParallelTextError, match="follows from the other"):
        list(read_pairs(path))
    assert len(list(read_pairs(path, columns=(1, 2)))) == 2
