"""Files with entities that are known by sight and not read: what each is, and what to do with it. No framework."""

import re
from typing import Any

from utils.datasets.readers.entity_examples import SHOWN
from utils.datasets.readers.entity_layout import is_conllu

ADVICE = 'Make it JSON Lines, {"text": …, "entities": [[0, 4, "PER"]]}, or columns, a word and its label a line'
PIECES = 'Join the pieces, and say where each entity begins and ends: {"text": …, "entities": [[0, 4, "PER"]]}'
KILI = (
    'Write {"text": …, "entities": [[beginOffset, beginOffset + len(content), name], …]} of each asset: its content, '
    "and of the annotations of the label that counts each one's content and its category's name"
)
ANN = re.compile(r"T\d+\t\S+ \d+ \d+|[RE*AMN]\d*\t\S+ \S|#\d+\t")
PYTHON = re.compile(r"(?:(?:#|import |from ).*\n)*\s*(?:\w+\s*=\s*)?\[\s*\(\s*[\"']")
XML = re.compile(r"\s*<(?:\?xml|!DOCTYPE|[A-Za-z][\w:.-]*(?:\s[^<>]*)?>)")
WITHIN = re.compile(r"<START(?::\w+)?>.*<END>|<(\w+)(?:\s[^<>]*)?>[^<>]+</\1>")  # OpenNLP's marks, or tags like XML's
BRACKETS = re.compile(r"(?:^|\|)Entity=[^|]*[()]")
BEGINNINGS = (  # what a file's first lines look like, what it is, what to do
    (re.compile(r"#FORMAT=WebAnno TSV|#T_(?:SP|RL|CH)="), "this is WebAnno's TSV, as INCEpTION writes it",
     "Export the project as CoNLL 2002 (or 2003) there"),
    (re.compile(r"# ?(?:webanno\.|de\.tudarmstadt\.)|(?:#.*\n)*1-1\t\S+\t.*(?:\n#.*)*(?:\n1-2\t|$)"),
     "this is WebAnno's TSV, whose first column counts sentences and words",
     "Export the project as CoNLL 2002 (or 2003) there"),
    (re.compile(r"(?:#.*\n)*(?:\S+[ \t]+){3}\[WORD\]\s"), "these are skeletons of CoNLL-2012, without their words",
     "Fill the words in from OntoNotes, with its skeleton2conll.sh"),
    (re.compile(r"\d+\|t\|"), "this is PubTator: places in a title and an abstract, both in rows of their own", ADVICE),
    (re.compile(r"[^\n|]*\|[^\n]*\n(?=[^\n]*-)[ \t:|+-]*\|[ \t:|+-]*$", re.MULTILINE),
     "this is a table of Markdown", "Write a word and its label a line, a tab between, without the table's rules"),
    (re.compile(r"(?s)version:.*\bnlu:"), "this is Rasa's YAML", "Convert it there: rasa data convert nlu -f json"),
    (re.compile(r"## (?:intent|lookup|synonym|regex):"), "this is Rasa's Markdown",
     "Convert it there: rasa data convert nlu -f json"),
    (re.compile(r"(?i)\W*file\W+line\W+begin.?offset\W+end.?offset\W+type\b"),
     "these are Comprehend's annotations: places in lines of another file",
     'Put each line and its entities into one object: {"text": …, "entities": [{"start": 0, "end": 4, "label": …}]}'),
    (re.compile(r"(?:O|[BI]-\S+)\t(?:\S+\t)*\w+\[-?\d+\]\S*="), "these are features for CRFsuite, made of words",
     "Pass the file that they were made of, a word and its label a line"),
    (re.compile(r"(?i)\W*text\W+type\W*$", re.MULTILINE), "this is a list of names and types, as Comprehend takes one",
     "Its names stand in no text, from which alone a model learns: label them in sentences"),
)  # fmt: skip
KEYS = (  # keys of an object that tell, what it is, what to do
    ({"annotatable", "entities"}, "tagtog's annotations (ann.json); the text stands in another file", ADVICE),
    ({"projectFileVersion", "assets"}, "a project of Azure's language service; the texts stand in other files", ADVICE),
    ({"%TYPES", "%FEATURE_STRUCTURES"}, "a CAS of UIMA, as INCEpTION writes it", "Export it as CoNLL 2002 there"),
    ({"File", "Entities"}, "what Comprehend found; the text stands in another file", ADVICE),
    ({"query", "span_position"}, "entities asked for by questions (MRC), one type a row",
     "Put a text's entities of all types into one object"),
    ({"conversations"}, "a conversation with a chat model, whose answers have no places", ADVICE),
    ({"messages"}, "a conversation with a chat model, whose answers have no places", ADVICE),
    ({"vertexSet", "sents"}, "DocRED's, whose entities are named by sentence and word",
     'Write {"tokens": sents[n], "ner_tags": […]} a line: of each place in vertexSet B- and its type at pos[0], I- '
     "before pos[1], and O elsewhere"),
    ({"support", "query", "types"}, "an episode of Few-NERD, some sentences to learn from and some to ask",
     "Pass Few-NERD's supervised files, a word and its label a line"),
    ({"fields", "responses"}, "a record of Argilla 2", "Take the text and the spans of the answer that counts"),
)  # fmt: skip


def tool_of_object(item: Any) -> tuple[str, str] | None:
    """What an object of JSON is, as a sentence, and what to do, where it is known and not read."""
    if isinstance(item, dict) and _is_kili(item):
        return "this is Kili's own JSON, whose entities stand under jsonResponse", KILI
    if isinstance(item, dict) and _are_pieces(item.get("data")):
        return "this is a text in pieces, as Dialogflow and Snips have it", PIECES
    keys = set(item) if isinstance(item, dict) and not isinstance(item.get("text"), str) else set()
    return next(((f"this is {what}", advice) for told, what, advice in KEYS if told <= keys), None)


def _is_kili(item: dict) -> bool:
    """Whether it is an asset of Kili, with its labels or the latest of them."""
    found = item.get("labels") if isinstance(item.get("labels"), list) else [item.get("latestLabel")]
    return any(isinstance(one, dict) and "jsonResponse" in one for one in found)


def _are_pieces(data: Any) -> bool:
    """Whether it is a text cut where entities begin and end, each piece an object that may name its entity."""
    if not isinstance(data, list) or not data or not all(isinstance(one, dict) for one in data):
        return False
    said = any(isinstance(one.get("entity"), str) or "alias" in one or "userDefined" in one for one in data)
    return said and all(isinstance(one.get("text"), str) for one in data)


def tool_of_lines(lines: list[str], surely: bool = False) -> tuple[str, str] | None:
    """What a file is that is recognised and not read, and what to do.

    Args:
        lines: its first ones, no blank ones among them.
        surely: only what looks like nothing that is read.
    """
    if sum(bool(ANN.match(line)) for line in lines) > len(lines) / 2:
        return "these are brat's annotations (.ann): places in a text of its own file", ADVICE
    whole = "\n".join(lines)
    if PYTHON.match(whole):
        return "this is a list of Python", "Write it as JSON: json.dump(data, open('train.json', 'w'))"
    if found := next(((what, advice) for pattern, what, advice in BEGINNINGS if pattern.match(whole)), None):
        return found
    rows = [line.split("\t") for line in lines if line.count("\t") == 9 and line[0] != "#"]
    if not surely and rows and is_conllu(list(zip(*rows, strict=True))):
        if any(BRACKETS.search(row[9]) for row in rows):
            found = "this is CoNLL-U whose last column holds entities in brackets, as GUM and CorefUD write them"
            return found, "Put a label into the last column of each word instead: NER=B-PER"
        found = "this is CoNLL-U, and none of its ten columns holds entities"
        return found, "Put a label into the last column of each word, NER=B-PER, or into an eleventh"
    if not surely and XML.match(lines[0]):
        return "this is XML or HTML, or text with entities in angle brackets", ADVICE
    if not surely and (marked := next((found[0] for line in lines if (found := WITHIN.search(line))), None)):
        return f"entities are marked within the text, in angle brackets: {marked[:SHOWN]!r}", ADVICE
    return None
