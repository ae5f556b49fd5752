"""Entities as corpora and tools at large write them; beside each kind what looks like it and is another."""

import json

import pytest

from utils.datasets.readers.entity_files import Example, examine_entities

T = "Ana Bell left Rye."
BOTH = [(T, [("PER", "Ana Bell"), ("LOC", "Rye")])]
FOUR = [("Ana Bell left Rye", [("PER", "Ana Bell"), ("LOC", "Rye")]), ("She sat", [])]
TWO = [("Ana Bell left", [("PER", "Ana Bell")]), ("She sat", [])]
TEXT = "李明在上海"
ZH = [(TEXT, [("PER", "李明"), ("LOC", "上海")])]
SPANS = [{"start": 0, "end": 8, "label": "PER"}, {"start": 14, "end": 17, "label": "LOC"}]
LEFT = [{"start": 9, "end": 13, "label": "LOC"}]


def line(**item):
    return json.dumps(item, ensure_ascii=False) + "\n"


def spans(*keys, more=(), of=((0, 8, "PER"), (14, 17, "LOC"))):
    """The entities of T under these keys of start, end and type; `more`: the key of what they cover."""
    return [dict(zip(keys, one, strict=True)) | {key: T[one[0] : one[1]] for key in more} for one in of]


def rows(text):
    """Columns written as 'Ana B-PER/left O//She O': a tab for a space, a line end for each stroke."""
    return text.replace(" ", "\t").replace("/", "\n") + "\n"


@pytest.fixture
def read(tmp_path):
    def of(content):
        (tmp_path / "train").write_text(content, encoding="utf-8")
        items = list(examine_entities(tmp_path / "train"))
        examples = [item for item in items if isinstance(item, Example)]
        found = [(e.text, [(s.label, e.text[s.start : s.end]) for s in e.spans]) for e in examples]
        return found, [item for item in items if not isinstance(item, Example)]

    return of


OBJECTS = {
    "name and type": line(text=T, entity_list=spans("start", "end", "entity_type", more=["entity"])),
    "name and category": line(text=T, entities=spans("start", "end", "category", more=["entity"])),
    "one name usual, one not": line(text=T, entities=spans("beginOffset", "endOffset", "type")),
    "name and class": line(text=T, entities=spans("start", "end", "class", more=["entity"])),
    "the name as label": line(text=T, entities=[[0, 8, "Ana Bell", "PER"], [14, 17, "Rye", "LOC"]]),
    "spaCy's four": line(text=T, entities=[["Ana Bell", 0, 8, "PER"], ["Rye", 14, 17, "LOC"]]),
    "name, type, places": line(text=T, entities=[["Ana Bell", "PER", 0, 8], ["Rye", "LOC", 14, 17]]),
    "type, name, places": line(text=T, ner=[["PER", "Ana Bell", 0, 8], ["LOC", "Rye", 14, 17]]),
    "ids in a register": line(text=T, entities=[[0, 8, "PER", "Q7"], [14, 17, "LOC", "Q8"]]),
    "brat's JSON": line(text=T, entities=[["T1", "PER", [[0, 8]]], ["T2", "LOC", [[14, 17]]]]),
    "Hugging Face's pieces": line(text=T, entities=[
        {"entity": "PER", "word": "▁Ana Bell", "start": 0, "end": 8}, {"entity": "LOC", "word": "##ye",
                                                                       "start": 14, "end": 17}]),
    "spaCy's groups": line(text=T, ents=SPANS, spans={"sc": [{**LEFT[0], "kb_id": ""}]}),
    "guesses beside": line(text=T, entities=SPANS, predictions=LEFT),
    "a string": line(text=T, spans=str(SPANS)),
    "a string of JSON": line(text=T, pii_spans=json.dumps(SPANS)),
    "PubAnnotation": line(text=T, denotations=[
        {"id": f"T{n}", "span": {"begin": s["start"], "end": s["end"]}, "obj": s["label"]}
        for n, s in enumerate(SPANS)]),
    "Presidio": line(full_text=T, spans=spans("start_position", "end_position", "entity_type", more=["entity_value"])),
    "ai4privacy": line(source_text=T, target_text="x", privacy_mask=spans("start", "end", "label", more=["value"])),
    "CCKS": line(originalText=T, entities=spans("start_pos", "end_pos", "label_type")),
    "Flair": line(text=T, labels=[], entities=[
        {"start_pos": s["start"], "end_pos": s["end"], "labels": [{"value": s["label"], "confidence": 0.9}]}
        for s in SPANS]),
    "start and length": line(text=T, entities=[
        {"start": 0, "length": 8, "label": "PER"}, {"start": 14, "length": 3, "label": "LOC"}]),
    "CSV, name and type": f"text,entity,entity_type,start,end\n{T},Ana Bell,PER,0,8\n{T},Rye,LOC,14,17\n",
}  # fmt: skip


@pytest.mark.parametrize("name", OBJECTS)
def test_spans_with_more_than_places_and_a_type(read, name):
    found, problems = read(OBJECTS[name])
    assert found == BOTH and all(problem.kept for problem in problems)


CHINESE = {  # content, whether it is told how places count
    "ends with names": (line(text=TEXT, entities=[
        {"start_idx": 0, "end_idx": 1, "type": "PER", "entity": "李明"},
        {"start_idx": 3, "end_idx": 4, "type": "LOC", "entity": "上海"}]), True),
    "ends with words": (line(text=TEXT, entities=[
        {"start": 0, "end": 1, "label": "PER", "word": "李明"},
        {"start": 3, "end": 4, "label": "LOC", "word": "上海"}]), True),
    "names in lists": (line(text=TEXT, entities=[["李明", 0, 1, "PER"], ["上海", 3, 4, "LOC"]]), True),
    "exclusive ends": (line(text=TEXT, entities=[[0, 2, "PER"], [3, 5, "LOC"]]), False),
    "exclusive ends with names": (line(text=TEXT, entities=[[0, 2, "李明", "PER"], [3, 5, "上海", "LOC"]]), False),
}  # fmt: skip


@pytest.mark.parametrize("name", CHINESE)
def test_ends_in_chinese_are_told_by_what_a_span_says(read, name):
    content, told = CHINESE[name]
    found, problems = read(content)
    assert found == ZH and [problem.kind for problem in problems] == ["counting told"] * told


def test_a_span_that_ends_where_it_starts_proves_that_ends_are_inclusive(read):
    one = line(text="肺病减少", entities=[{"start": 0, "end": 0, "type": "bod"}, {"start": 2, "end": 3, "type": "dis"}])
    found, problems = read(one)
    assert found == [("肺病减少", [("bod", "肺"), ("dis", "减少")])] and problems[0].kind == "counting told"
    for other in ([0, 2, "PER"], [0, 1, "PER"]):  # the last of its text; or one that another touches
        marks = [[2, 2, "X"], [2, 4, "DIS"], other] if other[1] == 2 else [[1, 1, "X"], [1, 3, "DIS"], other]
        found, problems = read(line(text="肺病减少", entities=marks))
        assert {p.kind for p in problems} == {"empty span"} and len(found[0][1]) == 2


def test_counted_from_one_is_told(read):
    content = line(text=TEXT, entities=[{"start": 1, "end": 2, "type": "PER", "entity": "李明"},
                                             {"start": 4, "end": 5, "type": "LOC", "entity": "上海"}])  # fmt: skip
    found, problems = read(content)
    assert found == ZH and [p.kind for p in problems] == ["counting told"]
    assert "characters from 1, the end being the last one" in problems[0].message


ANSWERS = {"text": T, "span_label.responses": [SPANS], "span_label.responses.status": ["submitted"],
           "span_label.suggestion": LEFT, "span_label.suggestion.score": [0.3], "status": "completed"}  # fmt: skip
ARGILLA = {"text": T, "tokens": ["Ana"], "prediction": LEFT, "annotation": SPANS, "status": "Validated"}
GIVEN = {  # content, what comes, what is said
    "Argilla 2": (line(**ANSWERS), BOTH, None),
    "Argilla 2, pending": (line(**ANSWERS) + line(**ANSWERS | {"status": "pending"}), BOTH, "no annotation yet"),
    "Argilla 2, unanswered": (line(**ANSWERS) + line(**ANSWERS | {"span_label.responses": None}), BOTH,
                              "no annotation yet"),
    "Argilla 2, discarded": (line(**ANSWERS) + line(**ANSWERS | {"span_label.responses.status": ["discarded"]}), BOTH,
                             "discarded"),
    "Argilla 2, two answers": (line(**ANSWERS | {"span_label.responses": [SPANS, LEFT]}), BOTH, "one was taken"),
    "Argilla 1": (line(**ARGILLA), BOTH, None),
    "Argilla 1, discarded": (line(**ARGILLA) + line(**ARGILLA | {"annotation": None, "status": "Discarded"}), BOTH,
                             "discarded"),
    "Argilla 1, untouched": (line(**ARGILLA) + line(**ARGILLA | {"annotation": None, "status": "Default"}), BOTH,
                             "no annotation yet"),
    "nothing marked, guesses beside": (line(text=T, labels=[], predictions=LEFT), [(T, [])], None),
    "nothing marked, remarks beside": (line(id=1, text=T, label=[], Comments=LEFT), [(T, [])], None),
    "nothing marked, other spans beside": (line(text=T, label=[], places=LEFT), [(T, [])], "under 'places' beside"),
    "two lists": (line(text=T, entities=SPANS, spans=LEFT), BOTH, "under 'spans' too"),
    "one list twice": (line(text=T, entities=SPANS, spans=SPANS), BOTH, None),
    "a list of another name": (line(text=T, places=SPANS), BOTH, None),
    "LightTag, reviewed": (line(content=T, annotations=[{**SPANS[0], "correct": True}, SPANS[1],
                                                       {**LEFT[0], "correct": False}]), BOTH, "reviewer called wrong"),
    "MedCAT, deleted": (line(text=T, annotations=[*SPANS, {**LEFT[0], "deleted": True}]), BOTH, "called wrong"),
    "pandas' nothing": (line(text=T, label=SPANS) + '{"text": "She sat.", "label": NaN}\n', [*BOTH, ("She sat.", [])],
                        None),
}  # fmt: skip


@pytest.mark.parametrize("name", GIVEN)
def test_what_people_marked_is_taken_and_the_rest_is_told(read, name):
    content, wanted, said = GIVEN[name]
    found, problems = read(content)
    assert found == wanted and all(problem.kept for problem in problems)
    assert said in " ".join(map(str, problems)) if said else not problems


WORDS = ["Ana", "Bell", "left", "Rye"]
TAGS, SPEECH = ["B-PER", "I-PER", "O", "B-LOC"], ["NNP", "NNP", "VBD", "NNP"]
LISTS = {
    "SciREX": line(words=WORDS, sentences=[[0, 3], [3, 4]], ner=[[0, 2, "PER"], [3, 4, "LOC"]], doc_id="a"),
    "GLiNER": line(tokenized_text=WORDS, ner=[[0, 1, "PER"], [3, 3, "LOC"]]),
    "ends told from the file": line(tokens=WORDS, ner=[[0, 1, "PER"], [3, 3, "LOC"]]),
    "parts of speech first": line(tokens=WORDS, tags=SPEECH, labels=TAGS),
    "phrases first": line(tokens=WORDS, tags=["B-NP", "I-NP", "B-VP", "B-NP"], labels=TAGS),
    "lists in strings": line(tokens=str(WORDS), ner_tags=str(TAGS)),
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_words(read, name):
    found, problems = read(LISTS[name])
    assert found == FOUR[:1] and all(problem.kept for problem in problems)


def test_of_two_lists_of_labels_that_both_are_some_the_first_is_taken(read):
    found, _ = read(line(tokens=WORDS, ner_tags=TAGS, labels=["O", "B-X", "O", "O"]))
    assert found == FOUR[:1]


@pytest.mark.parametrize(
    "labels", [["B-PER", "I-PER", "O", "O", "B-LOC", "I-LOC"], ["B-PER", "I-PER", "O", "B-LOC", "I-LOC"]]
)
def test_a_label_for_each_character_the_space_among_them_or_not(read, labels):
    found, _ = read(line(text="李明 在上海", labels=labels))
    assert found == [("李 明 在 上 海", [("PER", "李 明"), ("LOC", "上 海")])]
    found, problems = read(line(text="Ana left", labels=["O"] * 8))
    assert not found and "2 words between spaces" in problems[0].message


@pytest.mark.parametrize("indent", [None, 1])
def test_arrays_one_after_the_other(read, indent):
    arrays = [[{"text": T, "entities": SPANS}], [{"text": "She sat.", "entities": []}, {"text": "Al.", "entities": []}]]
    found, problems = read("".join(json.dumps(array, indent=indent) + "\n" for array in arrays))
    assert found == [*BOTH, ("She sat.", []), ("Al.", [])] and not problems


def test_a_key_that_stands_twice_is_told(read):
    twice = '{"text": "Ana and Bo", "label": {"PER": {"Ana": [[0, 2]]}, "PER": {"Bo": [[8, 9]]}}}\n'
    found, problems = read(twice + line(text=T, entities=SPANS).replace("{", '{"id": 1, "id": 1, ', 1))
    assert [text for text, _ in found] == ["Ana and Bo", T]
    (problem,) = [problem for problem in problems if problem.kind == "key twice"]
    assert problem.kept and problem.line == 1 and "'PER'" in problem.message


# Columns -------------------------------------------------------------------------------------------

COLUMNS = {  # content, what comes
    "names of sentences": (rows("s1 Ana B-PER/s1 Bell I-PER/s1 left O/s1 Rye B-LOC/s2 She O/s2 sat O"), FOUR),
    "names of documents": (
        rows("d_1.txt Ana B-PER/d_1.txt Bell I-PER/d_1.txt left O//d_2.txt She O/d_2.txt sat O"), TWO),
    "Kaggle without a header": (rows("S:1 Ana NNP B-PER/S:1 Bell NNP I-PER/S:1 left VBD O/S:2 She PRP O/S:2 sat VBD O")
                                .replace("S:", "Sentence: "), TWO),
    "numbers that run on": (rows("0 Ana B-PER/1 Bell I-PER/2 left O//3 She O/4 sat O"), TWO),
    "numbers from far on": (rows("8000 Ana B-PER/8001 Bell I-PER/8002 left O//8003 She O/8005 sat O"), TWO),
    "starts and ends": (
        rows("0 3 Ana B-PER/4 8 Bell I-PER/9 13 left O/14 17 Rye B-LOC//18 21 She O/22 25 sat O"), FOUR),
    "number, start, length": (rows("1 0 3 Ana B-PER/2 4 4 Bell I-PER/3 9 4 left O//4 14 3 She O/5 18 3 sat O"), TWO),
    "places in each sentence": (rows("0 3 Ana B-PER/4 8 Bell I-PER/9 13 left O//0 3 She O/4 7 sat O"), TWO),
    "sentences behind the word": (rows("Ana 1 B-PER/Bell 1 I-PER/left 1 O/She 2 O/sat 2 O"), TWO),
    "sentences behind the label": (rows("Ana B-PER 1/Bell I-PER 1/left O 1/She O 2/sat O 2"), TWO),
    "word, document, part of speech": (
        rows("Ana 12 NNP B-PER/Bell 12 NNP I-PER/left 12 VBD O//She 13 PRP O/sat 13 VBD O"),
                                       TWO),
    "word, document, place": (
        rows("Ana 227508 0 B-PER/Bell 227508 4 I-PER/left 227508 9 O//She 227508 14 O/sat 227508 18 O"),
                              TWO),
    "a column that says nothing": (rows("en Ana B-PER/en Bell I-PER/en left O//en She O/en sat O"), TWO),
    "letters beside types": (rows("Ana B PER/Bell I PER/left O _/Rye B LOC//She O _/sat O _"), FOUR),
    "letters beside types, empty": (rows("Ana B PER/Bell I PER/left O /Rye B LOC//She O /sat O "), FOUR),
    "CSV, letters beside types": (
        "id,token,iob,ent_type\n" + "1,Ana,B,PER\n1,Bell,I,PER\n1,left,O,\n2,She,O,\n2,sat,O,\n", TWO),
    "a slip in the first row": (rows("Ana PER/Bell I-PER/left O/Rye B-LOC//She O/sat O"), FOUR),
    "a header twice": (rows("TOKEN NE-LIT/Ana B-PER/Bell I-PER/left O/TOKEN NE-LIT/She O/sat O"), TWO),
    "WikiNER": ("Ana|NNP|I-PER Bell|NNP|I-PER left|VBD|O\n\nShe|PRP|O sat|VBD|O\n", TWO),
    "strokes": ("Ana/NNP/B-PER Bell/NNP/I-PER left/VBD/O\nShe/PRP/O sat/VBD/O\n", TWO),
    "strokes before bare types": ("Ana/PERSON Bell/PERSON left/O Rye/LOCATION\nShe/O sat/O\n", [
        ("Ana Bell left Rye", [("PERSON", "Ana Bell"), ("LOCATION", "Rye")]), ("She sat", [])]),
    "files joined, each with its mark": (rows("Ana B-PER/Bell I-PER/left O//") + "\ufeff" + rows("She O/sat O"), TWO),
    "Naver": (rows("1 Ana PER_B/2 Bell PER_I/3 left -//1 She -/2 sat -"), TWO),
    "PEYMA": ("Ana|B_PER\nBell|I_PER\nleft|O\n\nShe|O\nsat|O\n", TWO),
    "VLSP": ("<s>\n" + rows("Ana B-PER/Bell I-PER/left O") + "</s>\n\n<s>\n" + rows("She O/sat O") + "</s>\n", TWO),
    "Sketch Engine": (
        '<doc id="1">\n' + rows("Ana B-PER/Bell I-PER/left O") + "</doc>\n<doc>\n" + rows("She O/sat O"), TWO),
    "MeCab": (rows("Ana B-PER/Bell I-PER/left O/EOS/She O/sat O/EOS"), TWO),
    "rows of one text apart": (f"id,text,start,end,label\n1,{T},0,8,PER\n2,She sat.,,,\n3,{T},14,17,LOC\n",
                               [*BOTH, ("She sat.", [])]),
    "Kaggle read and written": (
        "Sentence #,Word,POS,Tag\nSentence: 1,Ana,NNP,B-PER\nnan,Bell,NNP,I-PER\nnan,left,VBD,O\n"
                                "Sentence: 2,She,PRP,O\nnan,sat,VBD,O\n", TWO),
}  # fmt: skip


@pytest.mark.parametrize("name", COLUMNS)
def test_columns_at_large(read, name):
    content, wanted = COLUMNS[name]
    found, problems = read(content)
    assert found == wanted and all(problem.kept for problem in problems)


STAY = {  # what is near to them: content, texts
    "words that are numbers": (rows("1994 CD B-DATE/1995 CD B-DATE/1996 CD O"), ["1994 1995 1996"]),
    "numbers and words": (rows("1994 CD B-DATE//Ana NNP B-PER/1995 CD O"), ["1994", "Ana 1995"]),
    "words that come again": (rows("ha UH O/ha UH O/ho UH B-X/ho UH I-X"), ["ha ha ho ho"]),
    "words with digits that come again": (rows("x1 NN O/x1 NN O/x2 NN B-X/x2 NN I-X"), ["x1 x1 x2 x2"]),
    "the label first": (rows("B-R 0 3 two/I-R 4 8 star/O 9 15 please"), ["two star please"]),
    "a flag behind": (rows("Ana B-PER 0/left O 1/Rye B-LOC 0"), ["Ana left Rye"]),
    "strokes in a word": ("and/or/O Rye/B-LOC\nshe/O sat/O\n", ["and/or Rye", "she sat"]),
    "types with an underscore": (rows("Ana PER_X/left O/Rye LOC_X"), ["Ana left Rye"]),
    "a word that is a mark": (rows("<s> O/Ana B-PER/EOS O"), ["<s> Ana EOS"]),
    "a digit behind some": ("大0\tO\n学\tB-X\n", ["大0 学"]),
    "digits behind letters": (rows("x1 O/x2 B-X"), ["x1 x2"]),
    "letters beside parts of speech": (rows("Ana B NNP/left O VBD"), ["Ana left"]),
    "a header with labels' names": (rows("word PER/Ana B-PER/left O"), ["Ana left"]),
}


@pytest.mark.parametrize("name", STAY)
def test_what_is_near_to_them_is_read_as_before(read, name):
    content, texts = STAY[name]
    found, problems = read(content)
    assert [text for text, _ in found] == texts and all(problem.kept for problem in problems)
    assert all(label not in ("NNP", "VBD") for _, marks in found for label, _ in marks)


def test_in_a_file_of_phrases_where_no_name_is_labelled_nothing_is(read):
    assert read(rows("She PRP B-NP O/sat VBD B-VP O"))[0] == [("She sat", [])]
    assert read(rows("She PRP B-NP/sat VBD B-VP"))[0] == [("She sat", [("NP", "She"), ("VP", "sat")])]


SPACES = {
    "KLUE": "## klue-1\t<김:PS> 이나\n김\tB-PS\n \tO\n이\tB-PS\n나\tI-PS\n",
    "spaces between": "김 B-PS\n  O\n이 B-PS\n나 I-PS\n",
    "a space of another width": "김\tB-PS\n\u3000\tO\n이\tB-PS\n나\tI-PS\n",
}


@pytest.mark.parametrize("name", SPACES)
def test_a_space_that_has_a_row_is_passed_over(read, name):
    found, problems = read(SPACES[name])
    assert found == [("김 이 나", [("PS", "김"), ("PS", "이 나")])]
    assert "1 row holds white space" in problems[-1].message and problems[-1].kept


@pytest.mark.parametrize("content", ["김\tB-PS\n\tO\n이\tO\n", "김 B-PS\n O\n이 O\n"])
def test_a_row_without_a_word_is_refused_as_before(read, content):
    found, problems = read(content)
    assert not found and [(p.line, p.kept) for p in problems] == [(2, False)]


def test_weibos_characters(read):
    found, problems = read(rows("大0 B-ORG.NOM/学1 I-ORG.NOM/同0 O//宿0 O/舍1 O"))
    assert found == [("大 学 同", [("ORG.NOM", "大 学")]), ("宿 舍", [])] and "taken off" in problems[0].message


NAMED = {  # what is refused by name: content, words of the message
    "words over labels": ("Ana left Rye\nB-PER O B-LOC\n\nShe sat\nO O\n", "their labels in the next"),
    "words over labels, tabs": (rows("Ana left Rye/B-PER O B-LOC//She sat/O O"), "their labels in the next"),
    "words over labels, named": ("WORDS: Ana left Rye\nTAGS: B-PER O B-LOC\n", "their labels in the next"),
    "several labels in the first row": (rows("Ana O^B-PER/Bell I-PER/left O/Bo B-PER"), "is no label of 'Ana'"),
    "guesses alone": (line(text=T, predictions=SPANS), "guesses or remarks"),
    "OpenNLP": ("Then <START:person> Ana Bell <END> left .\nShe sat .\n", "angle brackets"),
    "tags within a line": ("Then <PER>Ana Bell</PER> left.\nShe sat.\n", "angle brackets"),
    "brat's pieces": (line(text=T, entities=[["T1", "PER", [[0, 3], [14, 17]]]]), "several pieces"),
    "parts of speech behind strokes": ("Ana/NNP left/VBD ./.\nShe/PRP sat/VBD\n", "no known format"),
    "bars in brackets": ("[Ana Bell|PER] left [Rye|LOC] .\nShe sat .\n", "in brackets"),
    "no JSON": ("[CLS] [CLS]\nAna left\n", "no known format"),
    "pieces": (line(data=[{"text": "go to "}, {"text": "Rye", "alias": "city", "userDefined": True}]), "in pieces"),
    "Snips": (line(data=[{"text": "go to "}, {"text": "Rye", "entity": "city"}]), "in pieces"),
    "two questions": (line(**ANSWERS | {"b.responses": [LEFT]}), "several questions"),
}


@pytest.mark.parametrize("name", NAMED)
def test_what_is_not_read_says_what_it_is(read, name):
    content, words = NAMED[name]
    found, problems = read(content)
    assert not found and words in problems[0].message and problems[0].advice and not problems[0].kept
