"""Small files with a known defect each: what a validator must find, and must not find more. No framework."""

import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import NamedTuple

TEXTS = ("Ada Bell lives in Cork.", "On Monday Tom met Mia.", "The train to Graz was late.", "Nobody came by.")
SPANS = (((0, 8, "PER"), (18, 22, "LOC")), ((10, 13, "PER"), (18, 21, "PER")), ((13, 17, "LOC"),), ())
PASSAGE = "The mill on the Lee was built in 1790. It ground oats until the flood of 1853, and stands empty now."
ASKED = (("When was the mill built?", "1790"), ("What did it grind?", "oats"), ("Where does it stand?", "on the Lee"))


class Plant(NamedTuple):
    """A file and what is wrong with it: (kind, line) of each defect; none for a clean one."""

    name: str
    content: bytes
    defects: frozenset


def plant(folder: str | Path, plants) -> dict[Path, frozenset]:
    """Writes the files; returns for each path what is to be found."""
    found = {}
    for item in plants:
        path = Path(folder) / item.name
        path.write_bytes(item.content)
        found[path] = item.defects
    return found


def _plant(name: str, content, *defects) -> Plant:
    return Plant(name, content if isinstance(content, bytes) else content.encode("utf-8"), frozenset(defects))


# Entities ------------------------------------------------------------------------------------------


def line_of(text: str, spans) -> str:
    """A text with its entities as a line of JSON."""
    entities = [{"start": a, "end": b, "label": label} for a, b, label in spans]
    return json.dumps({"text": text, "entities": entities}, ensure_ascii=False)


def _with(*more: str) -> str:
    """Four good lines, then others: the first of them is line 5."""
    return "\n".join([*map(line_of, TEXTS, SPANS), *more]) + "\n"


def _columns(*more: str) -> str:
    """Two good sentences in columns, eight lines with their blanks; the first line after them is 9."""
    good = "Ada\tB-PER\nBell\tI-PER\nleft\tO\n\nTom\tB-PER\nstayed\tO\n.\tO\n\n"
    return good + "\n".join(more) + "\n"


def _table(*more: str) -> str:
    """A header and two sentences of a CSV, five lines."""
    good = "sentence,word,tag\n1,Ada,B-PER\n1,left,O\n2,Tom,B-PER\n2,stayed,O\n"
    return good + "\n".join(more) + "\n"


def _zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("train.conll", content)
    return buffer.getvalue()


def entity_plants() -> list[Plant]:
    """Files of entities: the clean ones first."""
    clean, jsonl = _with(), "Eve saw Bonn."
    many = [line_of(f"Person{n} Bell waits.", [(0, len(f"Person{n} Bell"), "PER")]) for n in range(60)]
    rare = [line_of("A boat called Heron.", [(14, 19, "SHIP")])]
    packed = gzip.compress((clean * 50).encode(), mtime=0)
    return [
        _plant("clean.jsonl", clean),
        _plant("clean.conll", _columns("Mia\tB-PER")),
        _plant("clean.csv", _table('3,"a,b",O', "3,Mia,B-PER")),
        _plant("clean.gz", gzip.compress(clean.encode(), mtime=0)),
        _plant("not_json.jsonl", _with('{"text": "Eve'), ("not JSON", 5)),
        _plant("list.jsonl", _with("[1, 2]"), ("not an object", 5)),
        _plant("first_list.jsonl", "[1, 2]\n" + clean, ("not an object", 1)),
        _plant("first_number.jsonl", "7\n" + clean, ("not an object", 1)),
        _plant("first_broken.jsonl", '["Eve"\n' + clean, ("not JSON", 1)),
        _plant("no_text.jsonl", _with('{"text": "", "entities": []}'), ("no text", 5)),
        _plant("no_spans.jsonl", _with('{"text": "Eve left."}'), ("no spans", 5)),
        _plant("float.jsonl", _with(line_of(jsonl, [(0.5, 3, "PER")])), ("bad span", 5)),
        _plant("no_label.jsonl", _with(line_of(jsonl, [(0, 3, "")])), ("bad label", 5)),
        _plant("empty_span.jsonl", _with(line_of(jsonl, [(3, 4, "PER")])), ("empty span", 5)),
        _plant("range.jsonl", _with(line_of(jsonl, [(8, 99, "LOC")])), ("span out of range", 5)),
        _plant("overlap.jsonl", _with(line_of(jsonl, [(0, 7, "PER"), (4, 7, "LOC")])), ("overlapping spans", 5)),
        _plant("twice.jsonl", _with(line_of(jsonl, [(0, 3, "PER")] * 2)), ("span twice", 5)),
        _plant("space.jsonl", _with(line_of(jsonl, [(0, 4, "PER")])), ("space around a span", 5)),
        _plant("cut.jsonl", _with(line_of(jsonl, [(0, 2, "PER")])), ("span cuts a word", 5)),
        _plant(
            "other.jsonl",
            _with('{"text": "Eve saw Bonn.", "entities": [{"start": 8, "end": 12, "label": "LOC", "text": "Eve"}]}'),
            ("span says other text", 5),
        ),
        _plant("numbers.jsonl", _with('{"tokens": ["Eve", "left"], "ner_tags": [1, 0]}'), ("bad label", 5)),
        _plant("lengths.jsonl", _with('{"tokens": ["Eve", "left"], "ner_tags": ["B-PER"]}'), ("no label", 5)),
        _plant("copy.jsonl", _with(line_of(TEXTS[1], SPANS[1])), ("text twice", 5)),
        _plant("otherwise.jsonl", _with(line_of(TEXTS[1], [])), ("one text, two labellings", 5)),
        _plant("latin.jsonl", _with().encode() + line_of("Noël left.", []).encode("latin-1"), ("not UTF-8", 5)),
        _plant("nul.jsonl", _with("Eve\0"), ("NUL byte", 5)),
        _plant("garbled.jsonl", _with(line_of("NoÃ«l left.", [])), ("garbled letters", 5)),
        _plant("lost.jsonl", _with(line_of("No\ufffdl left.", [])), ("letters lost", 5)),
        _plant("bell.jsonl", _with(line_of("Eve\u0007 left.", [])), ("control character", 5)),
        _plant("hidden.jsonl", _with(line_of("Eve\u200b left.", [])), ("invisible character", 5)),
        _plant("markup.jsonl", _with(line_of("Eve &amp; Tom<br> left.", [])), ("markup", 5)),
        _plant("enormous.jsonl", _with('{"text": "' + "x" * 2**20 + '"}'), ("line too long", 5)),
        _plant("bom.jsonl", "\ufeff" + clean, ("byte order mark", 1)),
        _plant("ends.jsonl", clean + line_of(jsonl, []) + "\r\n", ("mixed line ends", 5)),
        _plant("old_mac.conll", _columns("Mia\tB-PER\rleft\tO"), ("carriage return", 9)),
        _plant("empty.jsonl", b"", ("empty file", 0)),
        _plant("blank.jsonl", "\n\n  \n", ("empty file", 0)),
        _plant("prose.txt", "Dear all,\nplease find the data attached.\n", ("unknown format", 0)),
        _plant("archive.zip", _zipped(clean.encode()), ("not text", 0)),
        _plant("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 40, ("not text", 0)),
        _plant("wide.jsonl", clean.encode("utf-16"), ("not text", 0)),
        _plant("cut_off.gz", packed[:-20], ("broken off", 0)),
        _plant("unlabelled.jsonl", "\n".join(line_of(t, []) for t in TEXTS), ("no entities", 0)),
        _plant("rare.jsonl", "\n".join([*many, *rare]), ("label imbalance", 0)),
        _plant("case.jsonl", _with(line_of(jsonl, [(0, 3, "Per")])), ("label spelt two ways", 0)),
        _plant("no_tag.conll", _columns("Mia\tB-PER", "left"), ("no label", 10)),
        _plant("tag.conll", _columns("Mia\tB-PER", "left\t?!"), ("bad label", 10)),
        _plant("inside.conll", _columns("Mia\tI-PER", "left\tO"), ("I- without B-", 9)),
        _plant("bare.conll", _columns("Mia\tPER", "left\tO"), ("label without B- or I-", 9)),
        _plant("small_o.conll", _columns("Mia\tB-PER", "left\tB-o"), ("label for nothing", 0)),
        _plant(
            "underscore.conll",
            _columns("Mia\tB_PER", "left\tO"),
            ("underscore in a label", 0),
        ),
        _plant(
            "columns.conll",
            "Ada NNP I-NP B-PER\nleft VBD I-VP O\n\nTom NNP I-NP B-PER\nsaw VBD I-VP\n",
            ("other number of columns", 5),
        ),
        _plant("endless.conll", _columns(*(f"w{n}\tO" for n in range(501))), ("endless sentence", 9)),
        _plant("row.csv", _table("3,a,b,O"), ("other number of columns", 6)),
        _plant("short.csv", _table("3,O"), ("other number of columns", 6)),
        _plant("again.csv", _table("1,Mia,B-PER"), ("sentence comes back", 6)),
        _plant("gap.csv", _table("3,Mia,"), ("no label", 6)),
        _plant("break.csv", _table('3,"Mia\nBell",B-PER'), ("space within a word", 7)),
    ]


# Questions -----------------------------------------------------------------------------------------


def asked(question: str, answer: str | None, name: str, context: str = PASSAGE) -> dict:
    """A question as SQuAD writes it."""
    answers = [] if answer is None else [{"text": answer, "answer_start": context.index(answer)}]
    return {"id": name, "question": question, "answers": answers, "is_impossible": answer is None}


def squad_file(*more: dict, context: str = PASSAGE, paragraphs=()) -> str:
    """Three good questions and others as SQuAD's JSON: each question is one line, the first of the others line 7."""
    qas = [asked(q, a, f"q{n}") for n, (q, a) in enumerate(ASKED)] if context == PASSAGE else []
    rows = ",\n".join(json.dumps(item, ensure_ascii=False) for item in [*qas, *more])
    rest = "".join(",\n" + json.dumps(item) for item in paragraphs)
    head = '{"version": "v2.0", "data": [{"title": "Mill", "paragraphs": [\n{"context": '
    return f'{head}{json.dumps(context, ensure_ascii=False)},\n"qas": [\n{rows}\n]}}{rest}\n]}}]}}\n'


def _answer(text, start, **changes) -> str:
    item = {"id": "q9", "question": "And what else?", "answers": [{"text": text, "answer_start": start}]}
    return squad_file(item | changes)


def _sheet(*more: str) -> str:
    """A header and two questions of a CSV, three lines."""
    good = f'id,context,question,answer\na,"{PASSAGE}",When was it built?,1790\nb,"{PASSAGE}",What did it grind?,oats\n'
    return good + "\n".join(more) + "\n"


def question_plants() -> list[Plant]:
    """Files of questions: the clean ones first."""
    clean = squad_file()
    long_passage = " ".join(f"word{n}" for n in range(60)) + "."
    long_question = asked("All of it?", long_passage[:-1], "q9", long_passage)
    spread = "Oak and oak. " * 4
    repeated = [asked(f"Which tree is it, number {n}?", "oak", f"r{n}", spread) for n in range(25)]
    early = [asked(f"What is first, number {n}?", "Word0", f"e{n}", "Word0 " + long_passage[6:]) for n in range(55)]
    open_ones = [asked(f"Who owned it in year {n}?", None, f"n{n}") for n in range(25)]
    other = {"context": PASSAGE, "qas": [asked("Why does it stand empty?", "the flood of 1853", "o1")]}
    item = asked("What stopped it?", "the flood", "q9")
    return [
        _plant("clean.json", clean),
        _plant("clean.csv", _sheet('c,"First line.\nSecond ""line"".",Which one?,Second', "d,Short text.,Who?,")),
        _plant(
            "clean.jsonl",
            json.dumps(
                {
                    "question": "What?",
                    "context": PASSAGE,
                    "answers": {"text": ["oats"], "answer_start": [PASSAGE.index("oats")]},
                }
            ),
        ),
        _plant("not.json", clean.replace('"qas"', "qas"), ("not JSON", 3)),
        _plant("shape.json", '{"questions": []}', ("not SQuAD", 0)),
        _plant("none.json", '{"data": []}', ("no questions", 0)),
        _plant("context.json", squad_file(paragraphs=[{"context": " ", "qas": []}]), ("bad context", 8)),
        _plant("silent.json", squad_file(item | {"question": ""}), ("bad question", 7)),
        _plant("nameless.json", squad_file({k: v for k, v in item.items() if k != "id"}), ("bad id", 7)),
        _plant("same_id.json", squad_file(item | {"id": "q1"}), ("id used twice", 7)),
        _plant("odd.json", _answer("oats", "46th"), ("bad answer", 7)),
        _plant("absent.json", _answer("barley", 46), ("answer not there", 7)),
        _plant("wrong_place.json", _answer("1790", 3), ("answer not there", 7)),
        _plant("blank.json", _answer(" ", 3), ("empty answer", 7)),
        _plant("unanswered.json", squad_file(item | {"answers": []}), ("no answer", 7)),
        _plant("answered.json", squad_file(item | {"is_impossible": True}), ("answer to an unanswerable question", 7)),
        _plant("spaces.json", _answer("oats ", PASSAGE.index("oats")), ("space around the answer", 7)),
        _plant("aside.json", _answer("the flood", PASSAGE.index("the flood") + 1), ("answer a little aside", 7)),
        _plant("half.json", _answer("floo", PASSAGE.index("flood")), ("answer cuts a word", 7)),
        _plant("long.json", squad_file(long_question, context=long_passage), ("long answer", 4)),
        _plant("again.json", squad_file(asked("When was the mill built", "1790", "q9")), ("asked twice", 7)),
        _plant(
            "two.json", squad_file(asked("When was the mill built?", "1853", "q9")), ("one question, two answers", 7)
        ),
        _plant("parted.json", squad_file(paragraphs=[other]), ("passage twice", 8)),
        _plant("garbled.json", squad_file(item | {"question": "Whatâ€™s it?"}), ("garbled letters", 7)),
        _plant("lost.json", squad_file(item | {"question": "Wh\ufffdt?"}), ("letters lost", 7)),
        _plant("markup.json", squad_file(item | {"question": "<b>What</b>?"}), ("markup", 7)),
        _plant("first.json", squad_file(*repeated, context=spread), ("always the first place", 0)),
        _plant("early.json", squad_file(*early, context="Word0 " + long_passage[6:]), ("answers at the start", 0)),
        _plant("mostly.json", squad_file(*open_ones), ("mostly unanswerable", 0)),
        _plant("bom.json", "\ufeff" + clean, ("byte order mark", 1)),
        _plant("ends.json", clean.replace("\n", "\r\n", 1), ("mixed line ends", 1)),
        _plant("latin.json", clean.replace("Mill", "Müll").encode("latin-1"), ("not UTF-8", 1)),
        _plant("wide.json", clean.encode("utf-16"), ("not text", 0)),
        _plant("archive.json", _zipped(clean.encode()), ("not text", 0)),
        _plant("broken.json", gzip.compress((clean * 9).encode(), mtime=0)[:-30], ("cannot be unpacked", 0)),
        _plant("row.csv", _sheet("c,Tom, who left,Who?,Tom"), ("other number of columns", 4)),
        _plant("several.csv", _sheet('c,"Tom met Tom.",Who?,Tom'), ("answer in several places", 4)),
        _plant("absent.csv", _sheet("c,Tom left.,Who?,Mia"), ("answer not there", 4)),
        _plant("open.csv", _sheet('c,"Tom left.,Who?,Tom', "d,Mia left.,Who?,Mia"), ("bad quotes", 4)),
        _plant("header.csv", "id,context,question,answer\n", ("no questions", 0)),
    ]
