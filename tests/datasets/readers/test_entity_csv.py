"""CSV of words as people have them: headers of many names, files joined, long cells, blanks behind commas."""

import csv

import pytest


@pytest.fixture
def read(tmp_path, read_entities_of):
    def of(content, **options):
        path = tmp_path / "entities.csv"
        path.write_text(content, encoding="utf-8")
        return read_entities_of(path, **options)

    return of


@pytest.mark.parametrize(
    "name",
    ["Sent_No", "sentence_no", "sentence_number", "Sentence No", "sentence_num", "sentence_nr", "SentenceID", "sent",
     "sent_idx", "Satz", "Satz-Nr.", "Sentence #", "sentence", "sent_id"],
)  # fmt: skip
def test_the_column_of_sentences_has_many_names(read, name):
    texts, _, problems = read(f"{name},word,tag\n1,Ana,B-PER\n1,left,O\n2,Rye,B-LOC\n")
    assert texts == ["Ana left", "Rye"] and not problems


def test_a_sentence_s_number_counts_within_its_document(read):
    texts, _, problems = read("doc_id,sent_id,word,tag\na,1,Ana,B-PER\n,1,left,O\nb,1,Rye,B-LOC\nb,2,is,O\n")
    assert texts == ["Ana left", "Rye", "is"] and not problems


def test_without_numbers_of_sentences_all_is_one_and_that_is_said(read):
    rows = "Ana,B-PER\nleft,O\n" * 40
    texts, _, (note,) = read(f"word,tag\n{rows}")
    assert len(texts) == 1 and note.kept
    assert note.message == "no column numbers the sentences: all 80 rows were taken for one"
    assert not read(f"word,tag\n{rows},\n{rows}")[2] and not read("word,tag\nAna,B-PER\nleft,O\n")[2]


@pytest.mark.parametrize("name", ["sid", "id", "doc", "seq_id", "Unnamed: 0", ""])
def test_a_column_of_another_name_numbers_the_sentences_by_its_values(read, name):
    texts, _, problems = read(f"{name},word,tag\n1,Ana,B-PER\n1,left,O\n2,Rye,B-LOC\n2,is,O\n2,far,O\n")
    assert texts == ["Ana left", "Rye is far"]
    assert [p.message for p in problems] == [f"column 1, {name.lower()!r}, numbers the sentences"]


@pytest.mark.parametrize("name", ["doc", "file_id", "seq"])
def test_names_of_sentences_are_told_by_the_column_s_own(read, name):
    texts, _, problems = read(f"{name},word,tag\na,Ana,B-PER\na,left,O\nb,Rye,B-LOC\nb,is,O\n")
    assert texts == ["Ana left", "Rye is"] and f"{name!r}, numbers the sentences" in problems[0].message


def test_a_column_that_numbers_the_words_begins_again_with_each_sentence(read):
    texts, _, problems = read("id,word,tag\n1,Ana,B-PER\n2,left,O\n1,Rye,B-LOC\n1,is,O\n2,far,O\n")
    assert texts == ["Ana left", "Rye", "is far"]
    assert "'id', numbers the words: a sentence begins where it starts again" in problems[0].message


@pytest.mark.parametrize("marks", ["01001", "00011"])
def test_a_mark_of_some_words_numbers_nothing(read, marks):
    rows = zip(["so", "Ana", "saw", "the", "Rye"], marks, ["O", "B-PER", "O", "O", "B-LOC"], strict=True)
    texts, _, problems = read("word,upper,tag\n" + "".join(f"{','.join(row)}\n" for row in rows))
    assert texts == ["so Ana saw the Rye"] and not problems


def test_what_counts_the_rows_or_repeats_at_will_parts_nothing(read):
    content = "id,pos,size,word,tag\n7,N,3,Ana,B-PER\n8,V,4,left,O\n9,V,4,and,O\n10,N,3,Rye,B-LOC\n"
    assert read(content)[0] == ["Ana left and Rye"]


def test_a_full_stop_within_says_that_nothing_parts_the_sentences(read):
    _, _, problems = read("word,tag\nAna,B-PER\nleft,O\n.,O\nRye,B-LOC\nis,O\n")
    assert [p.message for p in problems] == ["no column numbers the sentences: all 5 rows were taken for one"]
    assert not read("word,tag\nAna,B-PER\nleft,O\n.,O\n")[2]


@pytest.mark.parametrize(
    ("words", "told"), [(["NONE"], "'NONE' was"), (["NONE", "null", "-"], "'-' and 'NONE' and 'null' were")]
)
def test_words_for_o_beside_o_itself_are_told(read, words, told):
    _, entities, problems = read("word,tag\nAna,B-PER\nleft,O\n" + "".join(f"now,{word}\n" for word in words))
    assert entities == [[("Ana", "PER")]] and problems[0].message == f"{told} taken for O"


def test_a_header_comes_again_among_rows_of_entities(read):
    header = "text,start,end,label\n"
    texts, entities, problems = read(f"{header}Ana left,0,3,PER\n{header}Bo left,0,2,PER\n")
    assert texts == ["Ana left", "Bo left"] and entities == [[("Ana", "PER")], [("Bo", "PER")]]
    assert "the header stands here again" in problems[-1].message and problems[-1].line == 3


@pytest.mark.parametrize(
    ("content", "tag"),
    [
        ("word,tag,ner\nAna,NNP,B-PER\nleft,VBD,O\n", "ner"),
        ("word,ner,tag\nAna,B-PER,NNP\nleft,O,VBD\n", "ner"),
        ("word,tag,ner\nAna,B-NP,B-PER\nleft,O,O\n", "ner"),
        ("word,tag,ner\nAna,O,B-PER\nleft,O,O\n", "ner"),
        ("word,tag,ner\nAna,B-PER,NNP\nleft,O,VBD\n", "tag"),
    ],
)
def test_of_columns_that_may_be_labels_one_that_holds_them(read, content, tag):
    _, found, problems = read(content)
    assert found == [[("Ana", "PER")]]
    assert problems[0].kept and f"{tag!r} was taken" in problems[0].message


def test_a_tag_column_that_is_named_holds_in_csv(read):
    content = "word,tag,ner\nAna,B-PER,B-LOC\nleft,O,O\n"
    _, found, problems = read(content, tag_column=2)
    assert found == [[("Ana", "LOC")]] and not problems
    _, found, problems = read(content, tag_column=7)
    assert found == [[("Ana", "PER")]] and "column 8" in problems[0].message and "Column 2" in problems[0].advice


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_header_within_joined_files_is_passed_over(read, mark):
    texts, found, problems = read(f"word,tag\nAna,B-PER\nleft,O\n{mark}word,tag\nRye,B-LOC\nword,tag\nis,O\n")
    assert texts == ["Ana left", "Rye", "is"] and found[1] == [("Rye", "LOC")]
    (note,) = problems
    assert note.kept and note.line == 4 and note.kind == "rows passed over" and "1 more" in note.message


def test_a_header_comes_again_among_texts(read):
    row = 'Ana left,"[[0, 3, ""PER""]]"\n'
    texts, _, problems = read(f"text,entities\n{row}text,entities\n{row}")
    assert texts == ["Ana left"] * 2
    assert [p.line for p in problems if p.kind == "rows passed over"] == [3] and all(p.kept for p in problems)
    tokens = "\"['Ana', 'left']\",\"['B-PER', 'O']\"\n"
    texts, _, problems = read(f"tokens,ner_tags\n{tokens}tokens,ner_tags\n{tokens}")
    assert texts == ["Ana left"] * 2 and [p.kind for p in problems] == ["rows passed over"]


def test_a_long_cell_is_no_open_quote(read):
    before, text = csv.field_size_limit(), "Ana " + "left " * 40_000
    tags = "B-PER " + "O " * 40_000
    texts, found, problems = read(f"text,labels\n{text},{tags}\n")
    assert len(texts) == 1 and found == [[("Ana", "PER")]] and not problems
    texts, found, problems = read(f'text,entities\n{text},"[[0, 3, ""PER""]]"\n')
    assert len(texts) == 1 and found == [[("Ana", "PER")]] and all(p.kept for p in problems)
    assert csv.field_size_limit() == before


def test_blanks_may_stand_before_a_quote(read):
    texts, found, _ = read('"word", "tag"\n"Ana", "B-PER"\n",", "O"\n')
    assert texts == ["Ana ,"] and found == [[("Ana", "PER")]]
    texts, found, _ = read('no, word, tag\n1, "Ana, Bo", "B-PER"\n')
    assert found == [[("Ana, Bo", "PER")]]


@pytest.mark.parametrize("sign", ",;|")
def test_rows_of_separators_end_a_sentence(read, sign):
    texts, found, problems = read("Ana,B-PER\nleft,O\n,\nRye,B-LOC\n,\nis,O\n".replace(",", sign))
    assert texts == ["Ana left", "Rye", "is"] and found[1] == [("Rye", "LOC")] and all(p.kept for p in problems)


@pytest.mark.parametrize("word", ["OTHERS", "OTHER", "OUT", "-"])
@pytest.mark.parametrize("head", ["", "word\ttag\n"])
def test_another_word_for_o_is_told(read, word, head):
    texts, found, problems = read(f"{head}Ana\tB-PER\nleft\t{word}\nfor\t{word}\n#\t{word}\nRye\tB-LOC\n")
    assert texts == ["Ana left for # Rye"] and found == [[("Ana", "PER"), ("Rye", "LOC")]]
    assert f"{word!r} was taken for O" in problems[0].message and all(p.kept for p in problems)


def test_a_type_called_other_is_one_where_types_have_no_prefix(read):
    assert read("Ana\tPER\nleft\tO\nit\tOTHER\n")[1] == [[("Ana", "PER"), ("it", "OTHER")]]


@pytest.mark.parametrize(
    "content",
    ['Ana\tB-PER\n","\tO\n""""\tO\nleft\tO\n', '"Ana"\t"B-PER"\n","\t"O"\n""""\t"O"\n"left"\t"O"\n'],
)
def test_cells_of_a_spreadsheet_come_out_of_their_quotes(read, content):
    texts, found, problems = read(content)
    assert texts == ['Ana , " left'] and found == [[("Ana", "PER")]]
    assert "cells stand in quotes" in problems[0].message and all(p.kept for p in problems)


def test_quotes_that_are_words_stay(read):
    assert read('Ana\tB-PER\n"\tO\n"Ha"\tO\n')[0] == ['Ana " "Ha"']
    assert read('Ana\tB-PER\n"Ha"\tO\nleft\tO\n')[0] == ['Ana "Ha" left']


@pytest.mark.parametrize("tags", [("U-PER", "L-PER"), ("S-PER", "E-PER"), ("B-PER", "M-LOC"), ("U-PER", "I-PER")])
def test_what_begins_nothing_is_noted(read, tags):
    _, _, problems = read(f"Ana\t{tags[0]}\nBo\t{tags[1]}\nleft\tO\n")
    (note,) = [p for p in problems if p.kind == "I- without B-"]
    assert note.line == 2 and f"{tags[0][0]}- does" in note.message and note.kept


def test_an_end_alone_is_a_word_in_ioe(read):
    assert not read("Ana\tI-PER\nBo\tE-PER\nleft\tO\nRye\tE-LOC\n")[2]


@pytest.mark.parametrize("tag", ["B-PER/B-ORG", "B-PER+I-ORG", "B-PER|O"])
def test_two_labels_of_a_word_are_refused(read, tag):
    _, _, problems = read(f"Ana\t{tag}\nleft\tO\n")
    assert any(p.kind == "bad label" and "two labels" in p.message for p in problems)
    _, _, problems = read(f'{{"tokens": ["Ana", "left"], "ner_tags": ["{tag}", "O"]}}\n' * 2)
    assert [p.kind for p in problems] == ["bad label"] * 2
    assert read("Ana\tB-PER/org\nleft\tO\n")[1] == [[("Ana", "PER/org")]]
