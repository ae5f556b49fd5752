"""Documents in passages, tables of words as JSON, and words that a tokenizer cut into pieces."""

import json

import pytest

from utils.datasets.readers.entity_files import Example, examine_entities

WORDS, TAGS = ["Ilse", "Brandt", "left", "Orsk"], ["B-PER", "I-PER", "O", "B-LOC"]
FOUND = [("PER", "Ilse Brandt"), ("LOC", "Orsk")]
FIRST, SECOND = "Ilse Brandt left.", "Orsk burned."


@pytest.fixture
def read(tmp_path):
    """The entities of each example, and the problems, of a file with this content, a list being lines of JSON."""

    def of(content):
        lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in content)
        (tmp_path / "train").write_text(content if isinstance(content, str) else lines, encoding="utf-8")
        items = list(examine_entities(tmp_path / "train"))
        examples = [item for item in items if isinstance(item, Example)]
        found = [[(s.label, e.text[s.start : s.end]) for s in e.spans] for e in examples]
        return found, [item for item in items if not isinstance(item, Example)]

    return of


# Passages ------------------------------------------------------------------------------------------


def annotation(kind, words, *places):
    where = [{"offset": start, "length": length} for start, length in places]
    return {"id": "1", "infons": {"identifier": "x", "type": kind}, "text": words, "locations": where}


def bioc(*inner):
    second = {"offset": 18, "infons": {}, "text": SECOND, "annotations": [annotation("LOC", "Orsk", (18, 4))]}
    first = {"offset": 0, "infons": {}, "text": FIRST, "annotations": list(inner), "sentences": [], "relations": []}
    return {"id": "7", "infons": {}, "passages": [first, second], "relations": []}


def bigbio(*entities):
    passages = [(FIRST, 0, 17), (SECOND, 18, 30)]
    return {
        "id": "0",
        "document_id": "7",
        "passages": [{"id": "p", "type": "title", "text": [text], "offsets": [[a, b]]} for text, a, b in passages],
        "entities": [
            {"id": "T", "type": kind, "text": words, "offsets": places, "normalized": []}
            for kind, words, *places in entities
        ],
        "events": [],
    }


PER = annotation("PER", "Ilse Brandt", (0, 11))
SENTENCES = {
    "offset": 0,
    "sentences": [
        {"offset": 0, "text": FIRST, "annotations": [PER]},
        {"offset": 18, "text": SECOND, "annotations": [annotation("LOC", "Orsk", (18, 4))]},
    ],
}
PASSAGES = {
    "BioC": json.dumps({"source": "PubTator", "documents": [bioc(PER)]}),
    "BioC, a document a line": [bioc(PER)],
    "BioC of PubTator 3": json.dumps({"PubTator3": [bioc(PER)]}, indent=1),
    "BioC in sentences": [{"id": "7", "passages": [SENTENCES]}],
    "BioC with an empty passage": [bioc(PER) | {"passages": [*bioc(PER)["passages"], {"offset": 31, "text": ""}]}],
    "BigBio": [bigbio(("PER", ["Ilse Brandt"], [0, 11]), ("LOC", ["Orsk"], [18, 22]))],
}


@pytest.mark.parametrize("name", PASSAGES)
def test_passages_count_from_the_beginning_of_their_document(read, name):
    assert read(PASSAGES[name]) == ([FOUND[:1], FOUND[1:]], [])


def test_passages_in_bytes(read):
    first = {"offset": 0, "text": "Zoë und Bo.", "annotations": [annotation("PER", "Bo", (9, 2))]}
    second = {"offset": 13, "text": "Zoë und Al.", "annotations": [annotation("PER", "Al", (22, 2))]}
    found, told = read([{"passages": [first, second]}])
    assert found == [[("PER", "Bo")], [("PER", "Al")]] and "bytes of UTF-8" in told[0].message


BAD = {
    "BioC, two places": (bioc(annotation("PER", "Ilse left", (0, 4), (12, 4))), "or several"),
    "BioC, no place": (bioc(annotation("PER", "Ilse")), "no place"),
    "BioC, no type": (bioc(annotation(None, "Ilse", (0, 4))), "has the label null"),
    "BigBio, two places": (bigbio(("PER", ["Ilse", "left"], [0, 4], [12, 16])), "or several"),
    "BigBio, behind the end": (bigbio(("PER", ["Ilse"], [40, 44])), "begins in no passage"),
    "BigBio, no list": (bigbio() | {"entities": 7}, "no place"),
    "two texts": ({"passages": [{"offsets": [[0, 3]], "text": ["a", "b"]}]}, "no text, or no place"),
    "no start": ({"passages": [{"offset": "x", "text": "Ilse"}]}, "no text, or no place"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_document_of_which_something_cannot_be_read_is_refused(read, name):
    content, words = BAD[name]
    found, problems = read([content, bigbio(("LOC", ["Orsk"], [18, 22]))])
    assert [("PER", "Ilse")] not in found and found[-2:] == [[], FOUND[1:]]
    bad = [problem for problem in problems if not problem.kept]
    assert len(bad) == 1 and words in bad[0].message and bad[0].line == 1 and bad[0].advice


# Words ---------------------------------------------------------------------------------------------

ROWS = [{"sentence_id": n, "word": w, "tag": t} for n in (1, 2) for w, t in zip(WORDS, TAGS, strict=True)]
KAGGLE = [
    {"Sentence #": f"Sentence: {r['sentence_id']}", "Word": r["word"], "POS": "NN", "Tag": r["tag"]} for r in ROWS
]
OPENED = [row | {"Sentence #": row["Sentence #"] if row["Word"] == "Ilse" else None} for row in KAGGLE]


@pytest.mark.parametrize("rows", [ROWS, KAGGLE, OPENED])
def test_an_object_a_word_is_the_row_of_a_table(read, rows):
    for content in (rows, json.dumps(rows), json.dumps(rows, indent=1)):
        assert read(content) == ([FOUND, FOUND], [])


def test_signs_of_csv_in_words_are_words(read):
    words = ['"', "Il,se", "a\nb", "#", 1790]
    rows = [{"sentence_id": 1, "word": word, "tag": "B-PER" if word == "Il,se" else "O"} for word in words]
    assert read(rows) == ([[("PER", "Il,se")]], [])


def test_an_object_of_other_keys_and_a_broken_line_are_named_by_their_lines(read):
    text = "".join(json.dumps(row) + "\n" for row in ROWS * 30) + '{"x": 1}\n{,\n'
    bad = [problem for problem in read(text)[1] if not problem.kept]
    assert [problem.line for problem in bad] == [241, 242]
    assert "sentence_id, word, tag" in bad[0].message and "no JSON" in bad[1].message and bad[0].file


def test_guesses_of_a_model_are_no_rows(read):
    rows = [
        {"entity": t, "score": 0.9, "index": n, "word": w} for n, (w, t) in enumerate(zip(WORDS, TAGS, strict=True))
    ]
    assert not any(read(rows)[0]) and not all(problem.kept for problem in read(rows)[1])


def test_a_list_of_words_that_says_nothing_of_sentences_is_one(read):
    assert read(json.dumps([{"word": w, "tag": t} for w, t in zip(WORDS, TAGS, strict=True)])) == ([FOUND], [])


# Pieces --------------------------------------------------------------------------------------------

PIECES = ["Il", "##se", "Brandt", "left", "Or", "##sk"]
LABELS = {"each": "B-PER I-PER I-PER O B-LOC I-LOC", "X": "B-PER X I-PER O B-LOC X"}
CUT = {
    "tabs": lambda tags: "".join(f"{w}\t{t}\n" for w, t in zip(PIECES, tags, strict=True)),
    "spaces": lambda tags: "".join(f"{w} {t}\n" for w, t in zip(PIECES, tags, strict=True)),
    "CSV": lambda tags: "word,tag\n" + "".join(f"{w},{t}\n" for w, t in zip(PIECES, tags, strict=True)),
    "CSV of lists": lambda tags: f'tokens,tags\n"{PIECES}","{tags}"\n',
    "JSON": lambda tags: json.dumps({"tokens": PIECES, "ner_tags": tags}) + "\n",
}


@pytest.mark.parametrize("form", CUT)
@pytest.mark.parametrize("labels", LABELS)
def test_pieces_of_words_are_put_together_and_told(read, form, labels):
    found, told = read(CUT[form](LABELS[labels].split()))
    assert found == [FOUND]
    assert "2 words are further pieces of words, the first here, '##se'" in " ".join(one.message for one in told)


@pytest.mark.parametrize("form", CUT)
@pytest.mark.parametrize(
    "pieces", ["\u2581Ilse \u2581Bra ndt \u2581left", "Ilse \u0120Bra ndt \u0120left", "Ilse Bra@@ ndt left"]
)
def test_pieces_that_are_taken_for_words_are_told(read, pieces, form, monkeypatch):
    monkeypatch.setitem(globals(), "PIECES", pieces.split())
    found, problems = read(CUT[form](["B-PER", "I-PER", "I-PER", "O"]))
    assert found[0][0][0] == "PER" and len(found[0]) == 1
    assert "pieces of a tokenizer, the first here" in str(problems) and all(problem.kept for problem in problems)


def test_a_word_with_such_a_sign_among_many_is_a_word(read):
    words = ["\u0120or\u0121", *["left"] * 20, "a@@b", "@@", "x\u2581y"]
    for content in ("".join(f"{word}\tO\n" for word in words), [{"tokens": words, "ner_tags": ["O"] * len(words)}]):
        found, problems = read(content)
        assert found == [[]] and "pieces of a tokenizer" not in str(problems)


def test_a_word_that_begins_so_among_many_is_a_word(read, tmp_path):
    read(("the\tO\nmill\tO\n" * 60 + "##tbt\tO\nIlse\tB-PER\n\n") * 2)
    assert "##tbt Ilse" in next(iter(examine_entities(tmp_path / "train"))).text


def test_a_comment_that_begins_so_is_a_comment(read):
    assert read("##doc 1\nIlse B-PER\n##doc 2\nleft O\n")[0] == [[("PER", "Ilse")]]
