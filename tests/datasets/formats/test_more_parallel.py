"""Parallel text under more names: headings of every language, marks beside sentences, and what is no translation."""

import gzip
import json

import pytest

from utils.datasets.readers.parallel import ParallelTextError, read_pairs

PAIRS = [("Go home now.", "Rentre maintenant."), ("It rains here.", "Il pleut ici."), ("We wait.", "Nous attendons."),
         ("She sat down.", "Elle s'assit.")]  # fmt: skip
BARE = [(a.strip("."), b.strip(".").replace("'", " ")) for a, b in PAIRS]  # no full stops tell sentences


def reading(tmp_path):
    """A function that gives pairs, what was told, and problems of files with such contents."""

    def of(*contents, **options):
        paths, said, problems = [], [], []
        for number, content in enumerate(contents):
            paths.append(tmp_path / f"pairs{number}")
            paths[-1].write_text(content, encoding="utf-8")
        source = paths[0] if len(paths) == 1 else paths
        pairs = list(read_pairs(source, on_error="skip", problems=problems, tell=said.append, **options))
        return pairs, " ".join(said), [f"{p.line}: {p.message}" for p in problems]

    return of


@pytest.fixture
def read(tmp_path):
    return reading(tmp_path)


def rows(form, pairs=PAIRS):
    return "".join(form.format(a, b, n=n) + "\n" for n, (a, b) in enumerate(pairs, start=1))


def lines(make):
    return "".join(json.dumps(make(a, b, n), ensure_ascii=False) + "\n" for n, (a, b) in enumerate(PAIRS, start=1))


# Headings ------------------------------------------------------------------------------------------

NAMED = [
    ("vi", "en"), ("eng", "fra"), ("en-US", "fr-FR"), ("eng_Latn", "fra_Latn"), ("zh-Hans", "zh-Hant"),
    ("English", "Español"), ("English", "Tiếng Việt"), ("中文", "英文"), ("Norsk", "Svenska"), ("hyp", "ref"),
    ("Chinese (Simplified)", "English"), ("Espanol", "Francais"), ("text_en", "text_fr"), ("원문", "번역문"),
    ("uk", "en"), ("no", "en"), ("En", "Fr"), ("EN", "VI"), ("# English", "French"), ("it", "is"),
    ("source sentence", "target sentence"),
]  # fmt: skip


@pytest.mark.parametrize("names", NAMED)
@pytest.mark.parametrize("form", ["{0}\t{1}", '"{0}","{1}"'])
def test_a_heading_that_names_languages_is_passed_over_and_told(read, names, form):
    pairs, said, problems = read(form.format(*names) + "\n" + rows(form))
    assert pairs == PAIRS and said and not problems


NO_HEADINGS = [
    ("Fire!", "Au feu !"), ("Text", "Bonjour"), ("English", "Anglais"), ("中文", "Chinese"), ("My text", "Mon texte"),
    ("The", "La"), ("No", "Non"), ("Ja", "Da"), ("No", "So"), ("Is it?", "Est-ce ?"), ("id", "text of it"),
    ("1990 was good.", "1990 fut bon."),
]  # fmt: skip


@pytest.mark.parametrize("names", NO_HEADINGS)
def test_a_first_pair_is_no_heading(read, names):
    pairs, said, _ = read("\t".join(names) + "\n" + rows("{0}\t{1}"))
    assert pairs == [names, *PAIRS] and not said


@pytest.mark.parametrize("first", [("la", "the"), ("so", "si"), ("cat", "kat"), ("es", "is")])
def test_over_a_list_of_words_a_code_that_is_a_word_is_no_heading(read, first):
    words = [first, ("house", "huis"), ("tree", "boom"), ("three", "drie")]
    assert read("".join("\t".join(pair) + "\n" for pair in words))[0] == words
    assert read("vi\ten\n" + "".join("\t".join(pair) + "\n" for pair in words))[0] == words


@pytest.mark.parametrize("form", ["{0}\t{1}", '"{0}","{1}"'])
def test_a_heading_once_more_is_passed_over_and_told(read, form):
    names = form.format("en", "fr") + "\n"
    pairs, said, problems = read(names + rows(form) + names + rows(form) + names)
    assert pairs == PAIRS * 2 and not problems
    assert "line 6: the row names the columns once more" in said and "1 more like it" in said


def test_names_of_languages_amid_a_file_without_a_heading_are_a_pair(read):
    more = [("English", "Anglais"), ("en", "fr")]
    content = rows("{0}\t{1}") + "".join("\t".join(pair) + "\n" for pair in more) + rows("{0}\t{1}")
    assert read(content) == ([*PAIRS, *more, *PAIRS], "", [])


def test_of_several_languages_two_must_be_chosen(read):
    with pytest.raises(ParallelTextError, match=r"en, fr, de, and two sides are wanted.*--columns"):
        read("en,fr,de\na b,c d,e f\n")
    assert read("en,fr,de\na b,c d,e f\n", columns=(0, 2))[0] == [("a b", "e f")]


def test_a_blank_behind_a_comma_is_no_part_of_a_cell(read):
    assert read("en, fr\n" + rows('"{0}", "{1}"'))[0] == PAIRS
    assert read('en,fr\nHe said., "Va" dit-il.\n')[0] == [("He said.", '"Va" dit-il.')]
    assert read('"English"\t"French"\n' + rows('"{0}"\t"{1} ""o"""'))[0][0] == (PAIRS[0][0], PAIRS[0][1] + ' "o"')


@pytest.mark.parametrize("content", ["No, it is.\nSo, it rains.\n", "It, no\nGo home now.\nWe wait.\n"])
def test_a_comma_between_words_that_are_codes_is_no_csv(read, content):
    with pytest.raises(ParallelTextError, match="no line has a tab"):
        read(content)


@pytest.mark.parametrize("head", ["id,en,fr", "no,en,fr", "id,vi,en", "lp,src,mt,ref", "id,source,reference,score"])
def test_csv_whose_other_columns_are_called_as_languages_may_be(read, head):
    row = {"id": "{n}", "no": "{n}", "en": '"{0}"', "fr": '"{1}"', "vi": '"{0}"', "lp": "en-fr", "src": '"{0}"',
           "mt": "wrong", "ref": '"{1}"', "source": '"{0}"', "reference": '"{1}"', "score": "0.{n}"}  # fmt: skip
    row |= {"en": '"{1}"'} if "vi" in head else {}
    assert read(head + "\n" + rows(",".join(row[name] for name in head.split(","))))[0] == PAIRS
    assert read("en,id\n" + rows('"{0}","{1}"'))[0] == PAIRS  # Indonesian, with text below


# JSON ----------------------------------------------------------------------------------------------

OBJECTS = {
    "Indonesian": lambda a, b, n: {"translation": {"en": a, "id": b}},
    "Indonesian without more": lambda a, b, n: {"en": a, "id": b},
    "an id and two languages": lambda a, b, n: {"id": f"s{n}", "vi": a, "en": b},
    "FLORES": lambda a, b, n: {"id": n, "URL": "https://a.ex", "topic": "x", "sentence_eng_Latn": a,
                               "sentence_fra_Latn": b},
    "languages beside": lambda a, b, n: {"src_lang": "en", "tgt_lang": "fr", "src_text": a, "tgt_text": b},
    "sentences by role": lambda a, b, n: {"source_sentence": a, "target_sentence": b, "doc": "x"},
    "a language behind": lambda a, b, n: {"text_en": a, "text_fr": b, "id": "x"},
    "sides that are objects": lambda a, b, n: {"source": {"lang": "en", "text": a},
                                               "target": {"lang": "fr", "text": b}},
    "a judged translation and a reference": lambda a, b, n: {"lp": "en-fr", "src": a, "mt": "x", "ref": b, "score": 1},
    "a machine's beside": lambda a, b, n: {"sn": str(n), "ko": a, "mt": "x", "en": b, "source": "news"},
    "names of any kind": lambda a, b, n: {"input": a, "output": b},
    "sentences without a judgement": lambda a, b, n: {"sentence1": a, "sentence2": b},
}  # fmt: skip


@pytest.mark.parametrize("name", OBJECTS)
def test_keys_tell_the_sides(read, name):
    pairs, said, problems = read(lines(OBJECTS[name]))
    assert pairs == PAIRS and said and not problems


NO_TRANSLATIONS = {
    "SNLI": lambda a, b, n: {"gold_label": "neutral", "sentence1": a, "sentence2": b},
    "PAWS": lambda a, b, n: {"id": n, "sentence1": a, "sentence2": b, "label": n % 2},
    "MNLI": lambda a, b, n: {"premise": a, "hypothesis": b, "label": 1},
    "summaries": lambda a, b, n: {"article": a, "highlights": b},
    "codes alone": lambda a, b, n: {"sl": "en", "tl": "fr", "src": a, "trgs": [b]},
    "an id": lambda a, b, n: {"en": a, "id": f"s{n}"},
    "keys that are words": lambda a, b, n: {"hello": a, "bye": b},
}


@pytest.mark.parametrize("name", NO_TRANSLATIONS)
def test_json_of_no_translations_is_refused(read, name):
    with pytest.raises(ParallelTextError, match="no sentence and its translation|no translations|cannot be told"):
        read(lines(NO_TRANSLATIONS[name]).partition("\n")[0] if "words" in name else lines(NO_TRANSLATIONS[name]))


@pytest.mark.parametrize("indent", [None, 1])
def test_json_that_holds_several_lists_is_named(read, indent):
    objects = [{"en": a, "fr": b} for a, b in PAIRS]
    with pytest.raises(ParallelTextError, match=r"several lists \(train, validation\)"):
        read(json.dumps({"train": objects, "validation": objects}, indent=indent))
    assert read(json.dumps({"train": objects, "version": "1"}, indent=indent))[0] == PAIRS
    with pytest.raises(ParallelTextError, match="is none: line 2, column 11"):
        read('{\n "a": "b" "c"\n}\n')


# Columns -------------------------------------------------------------------------------------------

BESIDE = {
    "domains": "a.example.com\ta.example.co.jp\t0.7{n}\t{0}\t{1}",
    "names of files": "img_{n}.jpg\t{0}\t{1}",
    "verses": "Genesis 1:{n}\t{0}\t{1}",
    "verses of two words": "1 Mose 1:{n}\t{0}\t{1}",
    "ids": "utt{n}_a\t{0}\t{1}",
    "dates": "2020-01-0{n}\t{0}\t{1}",
}


@pytest.mark.parametrize("name", BESIDE)
@pytest.mark.parametrize("pairs", [PAIRS, BARE])
def test_marks_beside_sentences_are_passed_over_and_told(read, name, pairs):
    found, said, _ = read(rows(BESIDE[name], pairs))
    assert found == pairs and f"others hold {'numbers and ' * (name == 'domains')}{name.split(' of two')[0]}" in said


REFUSED = {
    "ids": ("en-00000{n}\t{0}", "holds ids"),
    "an utterance's": ("1034-121119-000{n}\tGO HOME NOW", "holds ids"),
    "ids of both sides": ("fr-00{n}\ten-00{n}", "holds ids"),
    "files": ("en/a.xml\tfr/a.xml\t1\t{n}", "names of files"),
    "dates": ("{0}\t2020-01-0{n}", "holds dates"),
    "verses": ("Genesis 1:{n}\t{0}", "holds verses"),
    "a benchmark's": ("main-news\tMSRvid\t2012test\t000{n}\t{n}.000\t{0}\t{0}", "how alike they are"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_columns_without_translations_are_refused(read, name):
    form, words = REFUSED[name]
    with pytest.raises(ParallelTextError, match=words) as raised:
        read(rows(form))
    assert "--columns" in str(raised.value)
    assert len(read(rows(form), columns=(0, 1))[0]) == len(PAIRS)  # whoever names columns is believed


@pytest.mark.parametrize("names", ["premise\thypothesis", "question\tanswer", "Text\tSummary", "text\tdate", "id\ttext",
                                   "id\tsentence1\tsentence2\tlabel", "context\tquestion\tanswer"])  # fmt: skip
@pytest.mark.parametrize("separator", ["\t", ","])
def test_names_of_other_texts_are_refused(read, names, separator):
    form = {1: "{0}\t{1}", 2: "{0}\tIs it {n}?\t{1}", 3: "{n}\t{0}\t{1}\t1"}[names.count("\t")]
    with pytest.raises(ParallelTextError, match="no translations|no sentence and its translation|no line has a tab|"
                       "holds numbers"):  # fmt: skip
        read((names + "\n" + rows(form)).replace("\t", separator))


KEPT = {
    "dates": [("5 May 2020", "2020-05-05"), ("6 May 2021", "2021-05-06"), ("1 June 1999", "1/6/1999")],
    "chapters": [("Chapter 1", "Chapitre 1"), ("Chapter 2", "Chapitre 2"), ("Chapter 3", "Chapitre 3")],
    "formulas": [("H2O", "water"), ("CO2", "carbon dioxide"), ("O2", "oxygen"), ("N2", "nitrogen gas"), ("H2", "gas")],
    "ordinals": [("1st", "the first"), ("2nd", "the second"), ("3rd", "the third"), ("4th", "the fourth")],
    "numbers and words": [("1", "one"), ("2", "two"), ("3", "three")],
    "names with numbers": [("B1", "B1 : le quai"), ("North 12", "Nord 12"), ("Quay 7", "Quai 7")],
    "sentences with numbers": [("It is 10:30.", "Il est 10 h 30."), ("In 1990.", "En 1990."), ("3 cats.", "3 chats.")],
}  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_pairs_that_look_like_marks_are_kept(read, name):
    assert read("".join("\t".join(pair) + "\n" for pair in KEPT[name]))[0] == KEPT[name]


def test_a_stray_tab_is_named_by_its_line(read):
    for form in ("{0}\t{1}", "{n}\t{0}\t{1}"):
        content = rows(form) + form.format("He said:", "go.", n=5) + "\tIl dit : va.\n" + rows(form)
        pairs, _, problems = read(content)
        width = form.count("\t") + 1
        assert pairs == PAIRS * 2 and problems == [f"5: {width + 1} columns, most rows have {width}"]


def test_rows_of_several_widths_are_told_and_an_attribution_is_no_stray(read):
    pairs, said, problems = read(rows("{0}\t{1}") + rows("{0}\t{1}\ta note"))
    assert pairs == PAIRS * 2 and not problems and "rows have 2 to 3 columns" in said
    assert read(rows("{0}\t{1}") * 4 + rows("{0}\t{1}\tCC-BY 2.0")) == (PAIRS * 5, "", [])
    assert read(rows("{0}\t{1}") * 4 + rows("{0}\t{1}\t")) == (PAIRS * 5, "", [])


# What is passed over -------------------------------------------------------------------------------


@pytest.mark.parametrize("absent", ["__NULL__", "<NA>", "#NAME?", "nan", "None", "NULL"])
@pytest.mark.parametrize("form", ["t{n}\t{0}\t{1}", '"{0}","{1}"'])
def test_placeholders_are_left_out_and_told(read, absent, form):
    head = "talk_name\ten\tfr\n" if "\t" in form else "source,target\n"
    more = rows(form, [("It rains.", absent), (absent, "Il pleut.")])
    pairs, said, problems = read(head + rows(form) + more + rows(form))
    assert pairs == PAIRS * 2 and not problems
    assert f"line 6: {absent} stands where a sentence is wanted. The pair was left out, and 1 more like it" in said
    kept = [(0, 1), (1, 2)]["\t" in form]
    pairs, said, _ = read(head + rows(form) + more, columns=kept)
    assert len(pairs) == 6 and "It was kept" in said


def test_placeholders_in_two_files_are_left_out_and_told(read):
    left, right = rows("{0}") + "__NULL__\nIt rains.\nNone\n", rows("{1}") + "Il pleut.\nnan\nAucun\n"
    pairs, said, problems = read(left, right)
    assert pairs == [*PAIRS, ("None", "Aucun")] and not problems and "__NULL__ stands" in said and "nan stands" in said


def test_words_that_are_written_like_placeholders_stay(read):
    words = [("None", "Aucun"), ("null", "zéro"), ("nan", "naan"), ("house", "maison")]
    assert read("".join("\t".join(pair) + "\n" for pair in words)) == (words, "", [])


@pytest.mark.parametrize(("form", "head"), [("{0}\t{1}", ""), ('"{0}","{1}"', "source,target\n"),
                                            ('["{0}", "{1}"]', "")])  # fmt: skip
def test_a_byte_order_mark_amid_a_file_is_taken_out_and_told(read, form, head):
    pairs, said, problems = read(head + rows(form) + "\ufeff" + rows(form))
    assert pairs == PAIRS * 2 and not problems and "begins with a byte order mark" in said


def test_two_files_with_an_id_and_a_tab_before_each_sentence(read):
    sides = [rows("s{n}\t" + form) for form in ("{0}", "{1}")]
    pairs, said, problems = read(*sides)
    assert pairs == PAIRS and not problems and "an id and a tab" in said
    pairs, _, problems = read(*[side * 8 for side in sides[:1]], sides[1] * 7 + sides[1].replace("s3", "s7"))
    assert len(pairs) == 31 and problems[0].startswith("31: the id is 's3' here and 's7'")
    others = rows("fr-{n}\t{1}"), rows("en-{n}\t{0}")
    assert read(*others)[0] == [(b, a) for a, b in PAIRS]
    words = rows("Go.\t{0}"), rows("Va.\t{1}")  # sentences with a tab in them
    assert read(*words)[0] == [(f"Go.\t{a}", f"Va.\t{b}") for a, b in PAIRS]


def test_two_files_with_a_word_before_each_sentence_are_told(read):
    assert "begins with the same word" in read(rows("u{n} {0}", PAIRS * 2), rows("u{n} {1}", PAIRS * 2))[1]
    assert read(rows("1990 {0}", PAIRS * 2), rows("1990 {1}", PAIRS * 2))[1] == ""


# Tools ---------------------------------------------------------------------------------------------


def test_anki_says_which_columns_are_no_sides_and_what_is_html(read):
    head = "#separator:tab\n#html:true\n#deck column:1\n"
    rows_ = "French\tIt&#x27;s&nbsp;me.<br>\tC'est moi.\nFrench\t<b>Go</b> &amp; see.[sound:go.mp3]\tVa &amp; vois.\n"
    pairs, said, problems = read(head + rows_)
    assert pairs == [("It's me.", "C'est moi."), ("Go & see.", "Va & vois.")] and "HTML" in said and not problems
    assert read(head.replace("true", "false") + rows_)[0][1] == (
        "<b>Go</b> &amp; see.[sound:go.mp3]", "Va &amp; vois.")  # fmt: skip
    assert read(rows("a < b &amp; {0}\t{1}"))[0][0] == ("a < b &amp; Go home now.", "Rentre maintenant.")
    semicolons = "#separator:Semicolon\n#html:false\n#tags column:3\n" + rows('"{0}";{1};tag')
    assert read(semicolons)[0] == PAIRS


SEGMENT = '<mrk mtype="seg" mid="{}">{}</mrk>'
TRADOS = """<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file source-language="en-US"
target-language="fr-FR"><body><trans-unit id="1"><source>Go home now. <g id="2">It rains here.</g></source><seg-source>
{} <g id="2">{}</g></seg-source><target>{} <g id="2">{}</g></target></trans-unit></body></file></xliff>"""


def test_segments_of_a_unit_are_paired_by_their_numbers(read):
    sides = [SEGMENT.format(n, text) for pair in zip(*PAIRS[:2], strict=True) for n, text in enumerate(pair)]
    assert read(TRADOS.format(*sides))[0] == PAIRS[:2]
    pairs, _, problems = read(TRADOS.format(*sides[:3], SEGMENT.format(1, "")))
    assert pairs == PAIRS[:1] and problems == ["0: segment 1 of unit 1 has no target"]
    pairs, _, _ = read(TRADOS.format(*sides[:2], "Rentre maintenant.", "Il pleut ici."))  # not marked in the target
    assert [source for source, _ in pairs] == ["Go home now. It rains here."]


def test_cells_between_tabs_may_be_quoted_over_several_lines(read):
    table = 'en\tfr\n"She said ""no""."\tElle dit non.\n"Two\nlines."\tDeux.\n' + rows("{}\t{}")
    pairs, said, problems = read(table)
    assert pairs == [('She said "no".', "Elle dit non."), ("Two\nlines.", "Deux."), *PAIRS] and not problems
    assert "quoted as in CSV" in said
    quotes = rows("{}\t{}") + '"Go.\tVa.\nNow.\t"Oui"\n'  # what is said begins and ends, in rows as long as others
    assert read(quotes)[0][-2:] == [('"Go.', "Va."), ("Now.", '"Oui"')]


@pytest.mark.parametrize("whole", [True, False])
def test_a_null_and_half_a_character_cost_their_own_pair(read, whole):
    odd = ['{"en": "Go.", "fr": null}', '{"en": "Hi \\ud83c", "fr": "Va."}']
    good = [json.dumps({"en": a, "fr": b}) for a, b in PAIRS]
    pairs, said, problems = read(f"[{', '.join(odd + good)}]" if whole else "\n".join(odd + good))
    assert pairs == PAIRS and "en to fr" in said
    assert "no text under 'fr'" in problems[0] and "under 'en' holds half of a character" in problems[1]


def test_of_xliff_2_segments_are_counted(read):
    units = "".join(f"<segment><source>{a}</source><target>{b}</target></segment>" for a, b in PAIRS)
    file = f'<file id="f"><unit id="1">{units}<segment><source>Go.</source></segment></unit></file>'
    pairs, _, problems = read(f'<xliff version="2.0" srcLang="en" trgLang="fr">{file}</xliff>')
    assert pairs == PAIRS and problems == ["0: segment 5 has no target"]


BROKEN = {
    "an encoding that there is not": b'<?xml version="1.0" encoding="uidtf-8"?><tmx version="1.4"><body/></tmx>',
    "half an archive of XML": gzip.compress(b'<tmx version="1.4"><body></body></tmx>' * 99)[:60],
    "half an archive of JSON": gzip.compress(b'[{"en": "Go.", "fr": "Va."}]' * 99)[:40],
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_xml_and_archives_that_are_broken_are_named(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(ParallelTextError, match="breaks off|not well-formed|cannot be unpacked"):
        list(read_pairs(path))


ROWS = [{"en": a, "fr": b} for a, b in PAIRS]
SERVED = [{"row_idx": n, "row": row, "truncated_cells": []} for n, row in enumerate(ROWS)]
VARIABLE = [{"translation": {"language": ["en", "fr"], "translation": [*pair]}} for pair in PAIRS[:-1]]
VARIABLE += [{"translation": {"language": ["fr", "en"], "translation": [*reversed(PAIRS[-1])]}}]
EXPORTED = {
    "pandas' index": {str(n): row for n, row in enumerate(ROWS)},
    "rows under their names": {f"s-{n}": {"translation": row} for n, row in enumerate(ROWS)},
    "the datasets server": {"features": [{"feature_idx": 0, "name": "en"}], "rows": SERVED, "num_rows_total": 4},
    "its rows of translations": {"features": [{"name": "translation"}],
                                 "rows": [{"row_idx": 0, "row": {"translation": row}} for row in ROWS]},
    "rows of a server": SERVED,
    "any number of languages": VARIABLE,
    "two rows": {str(n): row for n, row in enumerate(ROWS[:2])},
}  # fmt: skip


@pytest.mark.parametrize("name", EXPORTED)
def test_what_libraries_export(read, name):
    content = EXPORTED[name]
    wanted = PAIRS[:2] if name == "two rows" else PAIRS
    assert read(json.dumps(content))[0] == wanted
    if isinstance(content, list):
        assert read("".join(json.dumps(one) + "\n" for one in content))[0] == wanted


def test_a_translation_in_one_language_twice_is_named(read):
    twice = {"translation": {"language": ["en", "fr", "fr"], "translation": ["Go.", "Va.", "Allez."]}}
    pairs, _, problems = read("".join(json.dumps(one) + "\n" for one in [*VARIABLE, twice]))
    assert pairs == PAIRS and len(problems) == 1 and problems[0].startswith("5: there is no text under")


@pytest.mark.parametrize("key", ["label", "labels"])
def test_doccanos_sequences_are_read_and_told(read, key):
    rows = [{"id": n, "text": a, key: [b], "Comments": []} for n, (a, b) in enumerate(PAIRS)]
    pairs, said, problems = read("".join(json.dumps(row) + "\n" for row in rows))
    assert pairs == PAIRS and said.endswith(f": JSON Lines, text to {key}") and not problems
    rows[1][key].append("Rentrez.")
    rows.append({"id": 9, "text": "No.", key: []})
    pairs, said, problems = read(json.dumps(rows, indent=1))
    assert pairs == PAIRS and f"of several {key}s the first" in said
    assert len(problems) == 1 and "no text under" in problems[0]


CLASSES = {
    "classes": [["good"], ["bad"], ["good"], ["bad"]],
    "a class of its own for each": [["c1"], ["c2"], ["c3"], ["c4"]],
    "a few sentences": [["It is good."], ["It is bad."]] * 2,
    "spans": [[[0, 2, "PER"]]] * 4,
    "a list of numbers": [[1], [2], [3], [4]],
}


@pytest.mark.parametrize("name", CLASSES)
def test_doccanos_classes_are_no_translations(read, name):
    rows = [{"text": a, "label": label} for (a, _), label in zip(PAIRS, CLASSES[name], strict=True)]
    with pytest.raises(ParallelTextError, match="which two keys hold the sides cannot be told"):
        read("".join(json.dumps(row) + "\n" for row in rows))


@pytest.mark.parametrize("blank", ["\u200b", "\u00ad", "\u200b\u200e"])
def test_a_side_of_which_nothing_can_be_seen_is_empty(read, blank):
    rows = [*PAIRS, ("Sit.", blank)]
    contents = [
        ["".join(f"{a}\t{b}\n" for a, b in rows)],
        ["".join(json.dumps({"en": a, "fr": b}) + "\n" for a, b in rows)],
        ["".join(f"{a}\n" for a, _ in rows), "".join(f"{b}\n" for _, b in rows)],
    ]
    for content in contents:
        pairs, _, problems = read(*content)
        assert pairs == PAIRS and problems == [f"5: a side holds nothing that can be seen: {ascii(blank)}"]


def test_signs_and_short_words_of_any_script_are_sides(read):
    rows = [("Yes.", "👍🏽"), ("No.", "لا"), ("Love.", "❤️"), ("No!", "だめ")]
    assert read("".join(f"{a}\t{b}\n" for a, b in rows))[0] == rows


def test_a_side_that_stands_twice_is_named(read):
    rows = [json.dumps(row) for row in ROWS] + ['{"en": "Go.", "en": "Come.", "fr": "Va."}']
    pairs, _, problems = read("\n".join(rows))
    assert pairs == PAIRS and len(problems) == 1 and '5: the key "en" stands twice' in problems[0]


def test_bars_need_no_blanks_around_them(read):
    pairs, said, problems = read("".join(f"{a}|||{b}\n" for a, b in PAIRS) + "|||Va.\n")
    assert pairs == PAIRS and "parted by |||" in said and problems == ["5: column 1 is empty"]


def files_of_xliff(*files):
    inner = "".join(
        f'<file original="{n}" {names}><body><trans-unit id="1"><source>{a}</source><target>{b}</target></trans-unit>'
        "</body></file>" for n, (names, a, b) in enumerate(files)
    )  # fmt: skip
    return f'<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">{inner}</xliff>'


def test_an_xliff_of_several_files_is_of_two_languages(read):
    names = [
        f'source-language="{a}" target-language="{b}"' for a, b in (("en", "fr"), ("EN-us", "fr-FR"), ("en", "de"))
    ]
    names.append('source-language="en"')  # says nothing of the other side
    of = [(name, *pair) for name, pair in zip(names, PAIRS, strict=True)]
    assert read(files_of_xliff(of[3], of[0], of[1]))[0] == [PAIRS[3], PAIRS[0], PAIRS[1]]
    for files in (of, [of[3], of[2], of[0]]):
        with pytest.raises(ParallelTextError, match="the file '2' in it is en to .., what comes before is en to .."):
            read(files_of_xliff(*files))


def test_a_code_that_breaks_a_line_parts_words(read):
    for code in ('<x id="1" ctype="lb"/>', '<ph id="1" subType="xlf:lb"/>'):
        said = files_of_xliff(('source-language="en" target-language="fr"', f"Go{code}home.", "Rentre<x id='2'/>."))
        assert read(said)[0] == [("Go home.", "Rentre.")]
    sides = (("en", 'Go<ph type="lb">&lt;br&gt;</ph>home.'), ("fr", "Rentre."))
    unit = "".join(f'<tuv xml:lang="{side}"><seg>{text}</seg></tuv>' for side, text in sides)
    head = '<tmx version="1.4"><header srclang="en"/><body>'
    assert read(f"{head}<tu>{unit}</tu></body></tmx>")[0] == [("Go home.", "Rentre.")]
