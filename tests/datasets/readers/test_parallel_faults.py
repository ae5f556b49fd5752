"""Parallel text that is easily learnt wrong: what is no pair is left out or refused, and what was guessed is told."""

import json

import pytest

from utils.datasets.readers.parallel import LONGEST_LINE, ParallelTextError, read_pairs

PAIRS = [("Hi.", "Salut."), ("Go!", "Va !"), ("Yes.", "Oui.")]


@pytest.fixture
def read(tmp_path):
    def of(*contents, **options):
        paths, said, problems = [], [], []
        for number, content in enumerate(contents):
            paths.append(tmp_path / f"pairs{number}")
            paths[-1].write_bytes(content if isinstance(content, bytes) else content.encode())
        source = paths[0] if len(paths) == 1 else paths
        pairs = list(read_pairs(source, on_error="skip", problems=problems, tell=said.append, **options))
        return pairs, " ".join(said), [f"{p.line}: {p.message}. {p.advice}" for p in problems]

    return of


# CSV -----------------------------------------------------------------------------------------------


def test_an_unquoted_separator_costs_its_row(read):
    pairs, _, problems = read("source,target\nHi.,Salut.\nWell, yes.,Oui.\nGo!,Va !,,\n")
    assert pairs == PAIRS[:2]
    assert problems == ["3: 3 columns, the first row has 2. Quote what holds a separator"]
    assert read("Well, yes.,Oui.\nno\n" + "Hi.,Salut.\n", columns=(0, 1))[0] == [("Well", "yes."), ("Hi.", "Salut.")]


def test_a_line_of_csv_in_latin_1_costs_its_row_and_is_named(read):
    pairs, _, problems = read("source,target\nHi.,Salut.\nSummer,Été\nGo!,Va !\n".encode("latin-1"))
    assert pairs == PAIRS[:2] and len(problems) == 1
    assert problems[0].startswith("3: byte 8 of the line, 0xc9, is not UTF-8")


def test_a_row_of_csv_that_lacks_one_of_its_lines_is_left_out(read):
    pairs, _, problems = read('source,target\nHi.,Salut.\n"One\n\xe9\nthree",Trois\n"Go!","Va !"\n'.encode("latin-1"))
    assert pairs == PAIRS[:2] and [problem[0] for problem in problems] == ["4"]


def test_rows_of_csv_are_numbered_by_the_line_that_they_begin_on(read):
    content = 'source,target\n"Hi.\nYou.",Salut.\n\nGo!,\n'.replace("\n", "\r\n")
    assert read(content)[2] == ["5: column 2 is empty. Fill it or drop the line"]


def test_a_long_cell_of_csv_is_read(read):
    long = "a" * 140_000
    assert read(f"source,target\n{long},b\n")[0] == [(long, "b")]
    with pytest.raises(ParallelTextError, match="no line has a tab"):
        read(f"{long}\nGo!\n")


def test_cells_that_a_spreadsheet_quoted_for_their_commas(read):
    rows = ['"Hi, you."\tSalut.', 'Go!\t"Va, va !"', '"Yes, yes."\tOui.']
    pairs, said, _ = read("\n".join(rows))
    assert pairs == [("Hi, you.", "Salut."), ("Go!", "Va, va !"), ("Yes, yes.", "Oui.")] and "quoted as in CSV" in said
    for kept in (rows[:2], [*rows, "No, no.\tNon."], [*rows, '"Who?"\tQui ?']):  # too few, or people who speak
        assert read("\n".join(kept))[0][0] == ('"Hi, you."', "Salut.")


# Columns -------------------------------------------------------------------------------------------


def test_columns_that_are_empty_are_left_out(read):
    pairs, said, problems = read("".join(f"{a}\t\t{b}\n" for a, b in PAIRS))
    assert (pairs, problems) == (PAIRS, []) and "columns 1 and 3 of 3; others are empty" in said


@pytest.mark.parametrize(
    ("content", "named"),
    [("Hi.\tSalut.\nGo!\n", "tab"), ("source;target\nHi.;Salut.\nGo!\n", "semicolon"),
     ("Hi. ||| Salut.\n" * 30 + "Go!\n", "|||"), ("source,target\nHi.,Salut.\nGo!\n", "comma")],
)  # fmt: skip
def test_what_parts_the_columns_is_named(read, content, named):
    (problem,) = read(content)[2]
    assert f"1 column, and column 2 is wanted. Separate the sides by one {named}, or" in problem


def test_languages_in_german_are_a_heading(read):
    pairs, said, _ = read("Deutsch\tEnglisch\nHallo.\tHi.\n")
    assert pairs == [("Hallo.", "Hi.")] and "names the columns (Deutsch, Englisch)" in said


@pytest.mark.parametrize("content", ["[]\n", "{\n}\n", "\n \n", "\ufeff\n"])
def test_a_file_without_content_is_told(read, content):
    with pytest.raises(ParallelTextError, match="holds no pair"):
        read(content)


# Two files -----------------------------------------------------------------------------------------

SGM = '<srcset setid="x" srclang="any">\n<doc docid="1">\n<seg id="1">Hi.</seg>\n</doc>\n</srcset>\n'
FORMS = {
    "SGM": (SGM, "is XML or SGML, and two files"),
    "XML": ('<?xml version="1.0"?>\nA\nB\n', "is XML or SGML, and two files"),
    "TMX in UTF-16": ('<tmx version="1.4">'.encode("utf-16"), "is XML or SGML, and two files"),
    "JSON Lines": ('{"text": "Hi."}\n', "is JSON, and two files"),
    "an array": ('[\n{"text": "Hi."}\n]\n', "is JSON, and two files"),
    "subtitles": ("1\n00:00:01,000 --> 00:00:02,000\nHi.\n", "holds subtitles"),
    "gettext": ('msgid "a"\nmsgstr "b"\n', "catalogue of gettext"),
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("second", [False, True])
def test_two_files_that_hold_no_sentence_a_line_are_refused(read, name, second):
    content, words = FORMS[name]
    other = "\n".join("abcdefgh") if second else content  # of another length: what it is matters more
    with pytest.raises(ParallelTextError, match=words) as raised:
        read(other, content) if second else read(content, other)
    assert ("pairs1 " if second else "pairs0 ") in str(raised.value)


@pytest.mark.parametrize("form", ["<s> {} </s>", "({})", '("{}" …)', '{{"{}"', "[{}]", "{}\tx"])
def test_two_files_of_odd_sentences_are_read(read, form):
    sides = ["".join(form.format(pair[n]) + "\n" for pair in PAIRS) for n in (0, 1)]
    assert read(*sides) == ([tuple(form.format(side) for side in pair) for pair in PAIRS], "", [])


def test_what_one_of_two_files_got_since_it_was_counted_is_named(tmp_path):
    paths = tmp_path / "fr", tmp_path / "en"
    for path, side in zip(paths, zip(*PAIRS, strict=True), strict=True):
        path.write_text("\n".join(side) + "\n\n")
    found = read_pairs(paths, on_error="raise")
    with open(paths[1], "a") as more:
        more.write("One more.\n")
    assert [next(found) for _ in PAIRS] == PAIRS
    with pytest.raises(ParallelTextError, match="fr, line 5: the line is empty"):
        next(found)


def test_a_side_that_is_its_own_translation_is_told(read, tmp_path):
    lines = "".join(f"Line {n}.\n" for n in range(40))
    assert "both sides are the same in 39 of the first 40 lines" in read(lines, lines.replace("7.", "seven.", 1))[1]
    assert read("Anna\nBert\n", "Anna\nBert\n")[1] == ""
    said = []
    assert len(list(read_pairs([tmp_path / "pairs0"] * 2, tell=said.append))) == 2
    assert "pairs0 is named twice" in said[0]


# XLIFF ---------------------------------------------------------------------------------------------

XLIFF = """<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file source-language="en"><body>
<trans-unit id="1"><source>A</source><target state="new">A</target></trans-unit>
<trans-unit id="2"><source>B</source><target state="needs-translation">B</target></trans-unit>
<trans-unit id="3" translate="no"><source>C</source><target>C</target></trans-unit>
<trans-unit id="4"><source>Hi.</source><target state="translated">Salut.</target></trans-unit>
<group translate="no"><trans-unit id="5"><source>E</source><target>E</target></trans-unit>
<trans-unit id="6" translate="yes"><source>Go!</source><target>Va !</target></trans-unit></group>
<trans-unit id="7"><source>Yes.</source><target>Oui.</target></trans-unit></body></file></xliff>"""
XLIFF_2 = """<xliff version="2.0" srcLang="en" xmlns="urn:oasis:names:tc:xliff:document:2.0"><file id="f">
<unit id="1"><segment state="initial"><source>A</source><target>A</target></segment>
<segment state="final"><source>Hi.</source><target>Salut.</target></segment></unit>
<unit id="2" translate="no"><segment><source>C</source><target>C</target></segment></unit>
<unit id="3"><segment><source>Go!</source><target>Va !</target></segment></unit></file></xliff>"""


def test_xliff_that_is_not_translated_yet(read):
    pairs, _, problems = read(XLIFF)
    assert pairs == PAIRS
    whys = {1: 'state="new"', 2: 'state="needs-translation"', 3: 'translate="no"', 5: 'translate="no"'}
    advice = "Translate it or drop the unit"
    assert problems == [f"0: unit {n} has no target yet: {why}. {advice}" for n, why in whys.items()]
    pairs, _, problems = read(XLIFF_2)
    assert pairs == PAIRS[:2] and ['state="initial"' in problems[0], 'translate="no"' in problems[1]] == [True, True]


# TMX -----------------------------------------------------------------------------------------------


def tmx(*units, source="en", space=""):
    body = "".join(
        "<tu>" + "".join(f'<tuv xml:lang="{tongue}"><seg>{text}</seg></tuv>' for tongue, text in unit) + "</tu>"
        for unit in units
    )
    return f'<tmx version="1.4"{space}><header srclang="{source}"/><body>{body}</body></tmx>'


def test_tmx_in_a_name_space(read):
    space = ' xmlns="http://www.lisa.org/tmx14"'
    assert read(tmx([("fr", "Salut."), ("en", "Hi.")], space=space))[0] == PAIRS[:1]


def test_languages_of_tmx_in_either_case(read):
    units = [("EN-US", "Hi."), ("fr", "Salut.")], [("FR", "Va !"), ("en-us", "Go!")]
    assert read(tmx(*units))[:2] == (PAIRS[:2], read(tmx(*units))[1])
    assert read(tmx(*units[::-1]))[0] == PAIRS[1::-1]  # the header's language first, whatever its region


def test_regions_of_a_language_count_as_one_where_that_leaves_two(read):
    units = [("en-US", "Hi."), ("fr", "Salut.")], [("en-GB", "Go!"), ("fr", "Va !")], [("en-AU", "Yes."), ("de", "Ja.")]
    pairs, said, _ = read(tmx(*units[:2]))
    assert pairs == PAIRS[:2] and "TMX, en to fr; en-us, fr, en-gb count as en and fr" in said
    with pytest.raises(ParallelTextError, match="two languages are wanted"):
        read(tmx(*units))
    two = tmx([("en-US", "Color"), ("en-GB", "Colour")], source="en-GB")
    assert read(two)[0] == [("Colour", "Color")]


def test_regions_that_are_two_languages_are_kept_apart(read):
    for one, other in (("zh-CN", "zh-TW"), ("zh", "zh-Hant-HK"), ("sr-Latn", "sr-Cyrl"), ("sr_Latn_RS", "sr")):
        units = [("en", "Hi."), (one, "A")], [("en", "Hi."), (other, "B")]
        named = f"{one} and {other} are written otherwise. Keep one of them".lower()
        with pytest.raises(ParallelTextError, match=f"(?i){named}"):
            read(tmx(*units))
    assert read(tmx([("en", "Hi."), ("zh", "A")], [("en", "Hi."), ("zh-SG", "A")]))[0] == [("Hi.", "A")] * 2
    beside = [("en", "Hi."), ("pt-BR", "Oi."), ("pt-PT", "Salut.")], [("en", "Go!"), ("pt-PT", "Va !")]
    with pytest.raises(ParallelTextError, match="pt-br and pt-pt stand side by side in unit 1. Keep one of them"):
        read(tmx(*beside))
    pairs, said, problems = read(tmx(*beside, source="pt-PT"))  # the header names the one that is meant
    assert [pair[::-1] for pair in pairs] == PAIRS[:2] and not problems
    assert "TMX, pt-pt to en; of pt-br and pt-pt, pt-pt was taken, as the header says" in said


def test_a_region_that_comes_late_is_not_mixed_in(read):
    early = [[("en-US", "Hi."), ("zh-CN", "A")], [("en-GB", "Hi."), ("zh-CN", "A")]] * 1001
    pairs, _, problems = read(tmx(*early, [("en", "Hi."), ("zh-TW", "B")]))
    assert pairs == [("Hi.", "A")] * 2002
    assert problems == ["0: unit 2003 has nothing in zh-cn. Fill it or drop the unit"]


@pytest.mark.parametrize(
    ("code", "said"), [("Shift_JIS", "multi-byte"), ("no-such-code", "unknown encoding"), ("UTF-16", "incorrect")]
)
def test_xml_in_an_encoding_that_the_parser_does_not_know(read, code, said):
    head = f'<?xml version="1.0" encoding="{code}"?>\n'
    with pytest.raises(ParallelTextError, match=f'{said}.*Save it as UTF-8, and write encoding="UTF-8"'):
        read(head + tmx([("en", "Hi."), ("ja", "\u6771\u4eac")]))


def xliff(*files):
    inner = '<file original="f{n}" source-language="{a}" target-language="{b}"><body><trans-unit id="1"><source>{s}'
    inner += "</source><target>{t}</target></trans-unit></body></file>"
    made = (inner.format(n=n, a=a, b=b, s=s, t=t) for n, (a, b, (s, t)) in enumerate(files))
    return f'<xliff version="1.2">{"".join(made)}</xliff>'


def test_files_within_an_xliff_of_other_regions(read):
    with pytest.raises(ParallelTextError, match="'f1' in it is en to zh-TW, what comes before is en to zh-CN"):
        read(xliff(("en", "zh-CN", PAIRS[0]), ("en", "zh-TW", PAIRS[1])))
    pairs, said, _ = read(xliff(("en-US", "pt-BR", PAIRS[0]), *[("en-US", "pt-PT", pair) for pair in PAIRS[1:]]))
    assert pairs == PAIRS and said.count("is en-US to pt-PT, and the first en-US to pt-BR") == 1
    assert "and 1 more like it" in said
    assert "a file within" not in read(xliff(("en", "fr", PAIRS[0]), ("EN", "FR", PAIRS[1])))[1]


# Documents of a single line ------------------------------------------------------------------------

MANY = [(f"Sentence {n} of them.", f"Phrase {n} de celles-ci.") for n in range(20_000)]
ONE_LINE = {
    "objects": json.dumps([{"en": a, "fr": b} for a, b in MANY]),
    "pairs": json.dumps(MANY),
    "an object around": json.dumps({"data": [{"translation": {"en": a, "fr": b}} for a, b in MANY]}),
    "lines after": json.dumps([{"en": a, "fr": b} for a, b in MANY])[:-1] + ',\n{"en": "Hi.", "fr": "Salut."}\n]',
    "TMX": tmx(*([("en", a), ("fr", b)] for a, b in MANY)),
    "TMX, declared": '<?xml version="1.0"?>\n' + tmx(*([("en", a), ("fr", b)] for a, b in MANY)),
    "XLIFF": xliff(*[("en", "fr", pair) for pair in MANY]),
}


@pytest.mark.parametrize("name", ONE_LINE)
def test_a_document_may_be_one_line_of_any_length(read, name):
    assert max(map(len, ONE_LINE[name].split("\n"))) > LONGEST_LINE
    pairs, _, problems = read(ONE_LINE[name])
    assert pairs == MANY + PAIRS[:1] * (name == "lines after") and not problems


@pytest.mark.parametrize("sign", ["{", "[", ""])
def test_a_line_that_is_too_long_is_named_in_a_file_of_lines(read, sign):
    pairs, _, problems = read(f"{sign}{'x' * LONGEST_LINE}\ty\n" + "".join(f"{a}\t{b}\n" for a, b in PAIRS))
    assert pairs == PAIRS and [p[:14] for p in problems] == ["1: the line is"]
    lines = [{"en": "x" * LONGEST_LINE, "fr": "y"}, *({"en": a, "fr": b} for a, b in PAIRS)]
    assert read("".join(json.dumps(one) + "\n" for one in lines))[0] == PAIRS


def test_a_language_twice_in_a_unit_of_tmx_is_told(read):
    pairs, said, _ = read(tmx([("en", "Hi."), ("fr", "Salut."), ("fr", "Coucou.")]))
    assert pairs == PAIRS[:1] and "unit 1 has fr more than once, and the first is taken" in said
