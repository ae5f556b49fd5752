"""Files that are passed by mistake are called by their name in every task; what is nearly a known format is read."""

import bz2
import gzip
import io
import json
import lzma
import os
import re
import zipfile
import zlib

import pytest

from utils.datasets.readers.entity_files import EntityFileError, Example, examine_entities, read_entities
from utils.datasets.readers.parallel import ParallelTextError, read_pairs
from utils.datasets.readers.squad import Question, examine_questions
from utils.datasets.readers.validate import has_questions
from utils.tasks.__main__ import main

TEXT, SPANS = "Ilse Brandt left Orsk.", [[0, 11, "PER"], [17, 21, "LOC"]]
FOUND = [("PER", "Ilse Brandt"), ("LOC", "Orsk")]
CONLL = "Ilse\tB-PER\nBrandt\tI-PER\nleft\tO\nOrsk\tB-LOC\n\n"
NAMES = "O\nB-PER\nI-PER\nB-LOC\nI-LOC\n"
ROW = json.dumps({"text": TEXT, "label": SPANS})


def zipped(*names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, CONLL)
    return out.getvalue()


NO_TEXT = {
    "zip archive": zipped("a.conll"),
    "Word": zipped("[Content_Types].xml", "word/document.xml"),
    "Excel": zipped("[Content_Types].xml", "xl/workbook.xml"),
    "LibreOffice": zipped("mimetype", "content.xml"),
    "bzip2": bz2.compress(CONLL.encode()),
    "xz": lzma.compress(CONLL.encode()),
    "zstd": b"\x28\xb5\x2f\xfd\x04\x58" + bytes(range(128, 200)),
    "Parquet": b"PAR1\x15\x04\x15" + b"\0" * 40 + b"PAR1",
    "Arrow stream": b"\xff\xff\xff\xff\x10\x01\0\0" + b"\0" * 80,
    "SQLite": b"SQLite format 3\0\x10\0" + b"\0" * 80,
    "pickle": b"\x80\x04\x95\x10\0\0\0\0\0\0\0]\x94.",
    "DocBin": zlib.compress(bytes(range(256)) * 9),
    "picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
    "UTF-16": CONLL.encode("utf-16"),
    "UTF-16 text without a mark": CONLL.encode("utf-16-le"),
    "UTF-32": b"\xff\xfe\0\0" + CONLL.encode("utf-32-le"),
    "RTF": b"{\\rtf1\\ansi Ilse Brandt left.}\n",
    "Git LFS": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    "web page": b"<!DOCTYPE html>\n<html></html>\n",
    "carriage return alone": CONLL.replace("\n", "\r").encode(),
}


@pytest.mark.parametrize("name", NO_TEXT)
def test_what_is_no_text_is_named_in_every_task(name, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(NO_TEXT[name])
    (entity,), (question,) = list(examine_entities(path)), list(examine_questions(path))
    assert name in entity.message and entity.kind == "not text"
    assert name in f"{question.message} {question.advice}" and question.kind == "not text" and question.advice
    assert not has_questions(path)
    with pytest.raises(ParallelTextError, match=name):
        read_pairs(path)


def test_a_name_in_letters_that_begins_a_text_is_text(tmp_path):
    (tmp_path / "a").write_text("ORC\tB-ORG\nPAR1\tO\n")
    assert [item.text for item in examine_entities(tmp_path / "a")] == ["ORC PAR1"]


@pytest.mark.parametrize(("name", "words"), [("a.ann", "brat"), ("data.arrow", "datasets library"), ("a.txt", "name")])
def test_a_folder_is_named(tmp_path, name, words):
    (tmp_path / name).write_text("x")
    (problem,) = examine_entities(tmp_path)
    assert words in f"{problem.message} {problem.advice}".lower()


@pytest.mark.parametrize("name", ["zip archive", "Parquet", "carriage return alone", "cut", "empty", "nothing"])
def test_what_is_wrong_with_a_whole_file_names_it_once_and_says_one_thing_to_do(name, tmp_path, capsys):
    path = tmp_path / "file.tsv"
    more = {"cut": gzip.compress(CONLL.encode() * 99, mtime=0)[:-9], "empty": b"", "nothing": b"Hi.\nGo!\n"}
    path.write_bytes((NO_TEXT | more)[name])
    (entity,), question = examine_entities(path), list(examine_questions(path))[-1]
    assert main(["translate", str(path), "--check-only"]) == 1
    headline, pair = capsys.readouterr().out.splitlines()
    assert headline.startswith("file.tsv: 0 can be used")
    for said in (str(entity), str(question), pair):
        assert said.count("file.tsv") == (said != pair) and said.endswith(".") and not said.endswith("..")
        assert not re.search(r"Fetch it again\. .|NEW\. .|lines=True\)\. .|inside .*\)\. .", said), said
    assert (entity.message, entity.advice) != ("", "") and pair.startswith("BAD  whole file: ")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for_and_a_link_to_nothing_is_called_so(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("gone.conll")
    for name, said in (("pipe", "a pipe or a device"), ("link", "a link to gone.conll")):
        path = tmp_path / name
        with pytest.raises((ParallelTextError, OSError), match=said):
            read_pairs(path)
        (entity,), (question,) = examine_entities(path), examine_questions(path)
        assert said in entity.message and (said in question.message or name == "link")


def test_of_a_damaged_archive_nothing_is_left_out_in_silence(tmp_path):
    path = tmp_path / "file"
    whole = gzip.compress(("Ilse\n\n" + CONLL * 5000).encode(), mtime=0)
    path.write_bytes(whole[:-8] + bytes(8))  # all of it is there, its sum says otherwise
    assert len([item for item in examine_entities(path) if isinstance(item, Example)]) > 1000
    for on_error in ("raise", "skip"):
        with pytest.raises(EntityFileError, match=r"it breaks off after line \d+: .* 1 more lines cannot be used"):
            read_entities(path, on_error)


MERGED = "id,text,start,end,label\n1,{},0,11,PER\n"


def test_merged_cells_stand_for_the_text_above(tmp_path):
    (path := tmp_path / "file").write_text(MERGED.format(TEXT) + ",,17,21,LOC\n2,She sat.,,,\n")
    both, none = (item for item in examine_entities(path) if isinstance(item, Example))
    assert [(span.label, both.text[span.start : span.end]) for span in both.spans] == FOUND and not none.spans
    told = [item for item in examine_entities(path) if not isinstance(item, Example)]
    assert all(problem.kept for problem in told)
    assert [problem.line for problem in told if "1 row has no text, the first here" in problem.message] == [3]


@pytest.mark.parametrize(
    "rows", ["2,,0,4,LOC\n", "2,Ilse, who left,0,4,LOC\n,,0,4,LOC\n", "2,\xff,0,4,LOC\n,,0,4,LOC\n"],
    ids=["another text", "a row that is lost", "a line that is lost"],
)  # fmt: skip
def test_a_blank_text_that_may_be_anothers_is_refused(rows, tmp_path):
    (path := tmp_path / "file").write_bytes((MERGED.format(TEXT) + rows).encode("latin-1"))
    items = list(examine_entities(path))
    (example,) = (item for item in items if isinstance(item, Example))
    assert len(example.spans) == 1
    assert "no text" in [item.kind for item in items if not isinstance(item, Example) and not item.kept]


CODES = {
    "latin-1": ("Zo\xeb left M\xe1laga", "Latin-1 or Windows-1252"),
    "cp1252": ("\u201cZo\xeb\u201d left \u2013", "Latin-1 or Windows-1252"),
    "shift_jis": ("\u5c71\u7530\u3055\u3093 \u304c \u6771\u4eac", "Shift_JIS"),
    "gb18030": ("\u674e\u660e \u5728 \u4e0a\u6d77", "GB18030"),
    "cp1251": ("\u0410\u043d\u043d\u0430 \u0432 \u041c\u043e\u0441\u043a\u0432\u0435", "Windows-1251"),
}


@pytest.mark.parametrize("code", CODES)
def test_text_in_another_code_is_not_guessed_at_and_its_code_is_named(code, tmp_path):
    text, named = CODES[code]
    (path := tmp_path / "file").write_bytes(f"{text}\tB-PER\nleft\tO\n".encode(code))
    (entity,) = (item for item in examine_entities(path) if not isinstance(item, Example))
    path.write_bytes(json.dumps({"data": text}, ensure_ascii=False).encode(code))
    for problem in (entity, *examine_questions(path)):
        assert problem.kind == "not UTF-8" and not problem.kept and named in problem.advice


@pytest.mark.parametrize("sign", ["\n", "\t", "\0"])
def test_a_sign_that_json_does_not_take_is_named_with_its_place(sign, tmp_path):
    whole = json.dumps({"data": [{"paragraphs": [{"context": "Ilse left.", "qas": []}]}]}, indent=1)
    for content, column in ((whole.replace("Ilse left", f"Ilse{sign}left"), 22), (whole + "\0", 2)):
        (tmp_path / "file").write_text(content)
        (problem,) = examine_questions(tmp_path / "file")
        assert f"column {column}: {sign if column > 2 else chr(0)!r} stands there" in problem.message
        assert "within a text JSON writes" in problem.advice


def test_a_text_with_an_empty_list_is_one_without_entities(tmp_path):
    rows = [[TEXT, SPANS], ["She sat.", []]]
    for content in (json.dumps(rows), json.dumps(rows[::-1]), "".join(json.dumps(row) + "\n" for row in rows[::-1])):
        (tmp_path / "file").write_text(content)
        found = {item.text: len(item.spans) for item in examine_entities(tmp_path / "file")}
        assert found == {TEXT: 2, "She sat.": 0}


@pytest.mark.parametrize("head", ["translation", "id,translation", '"translation"'])
def test_a_table_of_the_datasets_librarys_objects_is_named(head, tmp_path):
    rows = [f"\"{{'en': 'Hi {n}.', 'fr': 'Salut {n}.'}}\"" for n in range(5)]
    more = "0," if "id" in head else ""
    (tmp_path / "file").write_text("\n".join([head, *(more + row for row in rows)]))
    with pytest.raises(ParallelTextError, match="objects of Python.*to_json"):
        read_pairs(tmp_path / "file")


READ = {
    "an entity a row": f'text,start,end,label\n"{TEXT}",0,11,PER\n"{TEXT}",17,21,LOC\n',
    "an entity a row, semicolons": f"id;sentence;start_offset;end_offset;type;entity\n1;{TEXT};0;11;PER;Ilse Brandt\n"
    f"1;{TEXT};17.0;21.0;LOC;Orsk\n",
    "underscores": CONLL.replace("-", "_"),
    "colons": CONLL.replace("-", ":"),
    "dashes": CONLL.replace("-", "\u2013"),
    "Excel's first line": "sep=;\nword;tag\n" + CONLL.strip().replace("\t", ";"),
    "a column called entity": "token,entity\n" + CONLL.strip().replace("\t", ","),
    "JSON with commas behind": ROW + ",\n" + ROW.replace(TEXT, TEXT.replace(".", "!")) + ",\n",
    "JSON one after the other": json.dumps(json.loads(ROW), indent=1) * 1 + "\n",
    "CoNLL-U Plus": "# global.columns = ID FORM NER\n" + "".join(
        f"{n}\t{line}\n" for n, line in enumerate(CONLL.strip().split("\n"), 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_what_is_near_to_a_known_format_is_read(name, tmp_path):
    path = tmp_path / "train"
    path.write_text(READ[name], encoding="utf-8")
    items = list(examine_entities(path))
    examples = [item for item in items if isinstance(item, Example)]
    assert [(s.label, examples[0].text[s.start : s.end]) for s in examples[0].spans] == FOUND
    assert all(item.kept for item in items if not isinstance(item, Example))


NUMBERED = {
    "columns": "Ilse 1\nBrandt 2\nleft 0\nOrsk 3\n",
    "CSV": "word,tag\nIlse,1\nBrandt,2\nleft,0\nOrsk,3\n",
    "JSON": json.dumps({"tokens": ["Ilse", "Brandt", "left", "Orsk"], "ner_tags": [1, 2, 0, 3]}) + "\n",
}
HEAD = "---\ndataset_info:\n  features:\n  - name: ner_tags\n    sequence:\n      class_label:\n        names:\n"
CARD = HEAD + "".join(f"          '{n}': {name}\n" for n, name in enumerate(NAMES.split())) + "---\n# A set\n"


@pytest.mark.parametrize("name", NUMBERED)
@pytest.mark.parametrize(("beside", "content"), [("labels.txt", NAMES), ("README.md", CARD)])
def test_numbered_labels_take_their_names_from_a_file_beside(name, beside, content, tmp_path):
    (tmp_path / "train").write_text(NUMBERED[name])
    items = list(examine_entities(tmp_path / "train"))
    assert not any(isinstance(item, Example) for item in items) and "labels.txt" in items[-1].advice
    (tmp_path / beside).write_text(content)
    *told, example = examine_entities(tmp_path / "train")
    assert [(s.label, example.text[s.start : s.end]) for s in example.spans] == FOUND
    assert beside in " ".join(problem.message for problem in told)


REFUSED = {
    "classes of texts, CSV": ("text,label\nIlse left Orsk.,good\nNobody came.,bad\n", "a whole text a row"),
    "classes of texts, tabs": ("Ilse left.\tnone\nNobody came in.\thate\n", "a class of texts"),
    "sentences": ("Ilse left\nTom stayed\nNobody O\n", "no known format"),
    "sentences that end in letters": ("I like O\nYou like O\nwe like B\n", "no known format"),
    "names without places": (json.dumps({"text": TEXT, "entities": [{"entity": "Orsk", "type": "LOC"}]}), "no places"),
    "names under types": (json.dumps({"text": TEXT, "entities": {"LOC": ["Orsk"]}}), "no places"),
    "brackets": ("[PER Ilse Brandt ] left [LOC Orsk ] .\n" * 2, "within the text"),
    "Markdown's brackets": ("[Ilse Brandt](PER) left [Orsk](LOC).\n" * 2, "within the text"),
    "Python": (str({"text": TEXT, "label": SPANS}) + "\n", "objects of Python"),
    "JSON within JSON": (json.dumps(ROW) + "\n", "packed twice"),
    "JSON with comments": ("// mine\n" + ROW + "\n", "comments"),
    "a comma too many": ('[{"text": "Ilse left", "label": [[0, 4, "PER"]],},]\n', "comma"),
    "another space": ("Ilse\u3000B-PER\nleft\u3000O\n", "space of another kind"),
    "nothing outside": ("Ilse\tPER\nleft\tNIL\nwas\tNIL\n", "no label says outside"),
    "labels alone": (NAMES, "a list of labels"),
    "CRFsuite": ("B-PER\tw[0]=Ilse\tw[1]=left\nO\tw[0]=left\tw[-1]=Ilse\n", "CRFsuite"),
    "CoNLL-U Plus without entities": ("# global.columns = ID FORM MWE\n1\tIlse\t*\n2\tleft\t*\n", "CoNLL-U Plus"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_holds_no_entities_is_refused_by_its_name(name, tmp_path):
    content, words = REFUSED[name]
    (tmp_path / "train").write_text(content, encoding="utf-8")
    items = list(examine_entities(tmp_path / "train"))
    assert not any(isinstance(item, Example) for item in items)
    assert words in items[0].message and items[0].advice and not items[0].kept


QUESTION = {"id": "a", "question": "When?", "context": "Built in 1790.", "answer": "1790"}


@pytest.mark.parametrize("between", ["\n", ",\n", ""])
@pytest.mark.parametrize("indent", [None, 1])
def test_questions_one_after_the_other(between, indent, tmp_path):
    rows = [QUESTION, QUESTION | {"id": "b", "question": "In what year?"}]
    path = tmp_path / "rows"
    path.write_text(between.join(json.dumps(row, indent=indent) for row in rows))
    assert [q.id for q in examine_questions(path) if isinstance(q, Question)] == ["a", "b"]


PAIRS = [("Ilse left.", "Ilse est partie."), ("Go now.", "Va maintenant.")]
OBJECTS = [json.dumps({"en": a, "fr": b}, indent=n) for n in (None, 1) for a, b in PAIRS]
TMX = '<?xml version="1.0" encoding="UTF-16"?>\n<tmx version="1.4"><header srclang="en"/><body>' + "".join(
    f'<tu><tuv xml:lang="en"><seg>{a}</seg></tuv><tuv xml:lang="fr"><seg>{b}</seg></tuv></tu>' for a, b in PAIRS
) + "</body></tmx>"  # fmt: skip
TRANSLATED = {
    "commas behind": ",\n".join(OBJECTS[:2]).encode(),
    "over several lines": "\n".join(OBJECTS[2:]).encode(),
    "on one line": "".join(OBJECTS[:2]).encode(),
    "TMX in UTF-16": TMX.encode("utf-16"),
    "Excel's first line": ("sep=;\nsource;target\n" + "".join(f"{a};{b}\n" for a, b in PAIRS)).encode(),
}


@pytest.mark.parametrize("name", TRANSLATED)
def test_translations_that_are_nearly_a_known_format(name, tmp_path):
    (tmp_path / "pairs").write_bytes(TRANSLATED[name])
    assert list(read_pairs(tmp_path / "pairs", tell=lambda said: None)) == PAIRS


NO_PAIRS = {
    "labelled words": (CONLL, "labels of entities"),
    "links": ("1\t2\n3\t4\n5\t6\n", "holds two numbers"),
    "numbered sentences": ("1\tGo home now.\n2\tIlse left.\n3\tNobody came.\n", "holds numbers"),
    "sentences of many languages": ("".join(
        f"{n}\t{'eng' if n % 2 else 'fra'}\tGo {n}.\n" for n in range(12)), "one sentence a line"),
    "classes": ("".join(f"It is day {n}.\t{'good' if n % 3 else 'bad'}\n" for n in range(40)), "come again"),
    "a conversation": (json.dumps({"messages": [{"role": "user", "content": "Go"}, {"role": "bot", "content": "Va"}]}),
                       "no sentence and its translation"),
    "texts with labels": (json.dumps({"text": "Go", "label": "x"}) + "\n", "no sentence and its translation"),
    "Python": (str(PAIRS), "list of Python"),
    "SGML": ("<refset>\n<seg>Va.</seg>\n</refset>\n", "SGML"),
    "Latin-1": ("Été\tété\n".encode("latin-1"), "not UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_PAIRS)
def test_what_holds_no_translations_is_refused_by_its_name(name, tmp_path):
    content, words = NO_PAIRS[name]
    (tmp_path / "pairs").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ParallelTextError, match=words):
        list(read_pairs(tmp_path / "pairs", on_error="skip", tell=lambda said: None))


# Data sets and tools that are named ---------------------------------------------------------------


NER_OF_KILI = {"NER": {"annotations": [{"categories": [{"name": "PER"}], "beginOffset": 0, "content": "Ilse"}]}}
NAMED = {
    "DocRED": [{"title": "T", "vertexSet": [[{"name": "Ilse", "pos": [0, 1], "sent_id": 0, "type": "PER"}]],
                "sents": [["Ilse", "left"]], "labels": []}],
    "Few-NERD": [{"support": {"word": [["Ilse"]], "label": [["person-actor"]]},
                  "query": {"word": [["Orsk"]], "label": [["O"]]}, "types": ["person-actor"]}],
    "Kili": [{"id": "1", "content": TEXT, "labels": [{"jsonResponse": NER_OF_KILI, "labelType": "DEFAULT"}]}],
    "jsonResponse": [{"id": "1", "content": TEXT, "latestLabel": {"jsonResponse": NER_OF_KILI}}],
}  # fmt: skip


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize("name", NAMED)
def test_entities_of_a_known_data_set_or_tool_are_named(tmp_path, name, lines):
    path = tmp_path / "file.json"
    path.write_text("\n".join(map(json.dumps, NAMED[name] * 3)) if lines else json.dumps(NAMED[name] * 3, indent=1))
    found = list(examine_entities(path))
    assert {one.kind for one in found} == {"another tool"} and all(name in one.message for one in found)


@pytest.mark.parametrize(
    "content",
    [
        [{"id": "m", "plot": TEXT, "qa": [{"id": "q", "question": "Who left?", "answers": ["Ilse"]}]}],
        [{"plot_id": "m", "plot": TEXT, "question_id": "q", "question": "Who left?", "answers": ["Ilse"]}],
    ],
)
def test_duorc_is_named(tmp_path, content):
    path = tmp_path / "file.json"
    for text in (json.dumps(content), "\n".join(map(json.dumps, content * 2))):
        path.write_text(text)
        (first, *_) = examine_questions(path)
        assert not isinstance(first, Question) and "DuoRC" in first.message


YAMLS = (
    "- text: Ilse left.\n  entities:\n  - start: 0\n    end: 4\n    label: PER\n- text: Bo ran.\n",
    "---\ndata:\n  - tokens: [Ilse, left]\n    tags: [B-PER, O]\n",
    "# by hand\nversion: 1\nexamples:\n  - question: Who left?\n    context: Ilse left.\n    answers:\n      - Ilse\n",
)


@pytest.mark.parametrize("text", YAMLS)
def test_yaml_is_named(tmp_path, text):
    path = tmp_path / "file"
    path.write_text(text)
    for found in (*examine_entities(path), *examine_questions(path)):
        assert "this is YAML" in found.message and "yaml.safe_load" in found.advice
    with pytest.raises(ParallelTextError, match="file: this is YAML. Write it as JSON first"):
        read_pairs(path)


def test_a_conversation_is_not_called_yaml(tmp_path):
    path = tmp_path / "file"
    path.write_text("Ana: Hello.\nBo: Who is there?\nAna: It is I.\nBo: Come in.\n")
    assert not any("YAML" in one.message for one in (*examine_entities(path), *examine_questions(path)))
