"""Writes examples in every format of entities that is read: small files of our own wording, as the tools write them."""

import csv
import io
import json
from typing import NamedTuple


class Sentence(NamedTuple):
    """A text of words with a space between any two, and its entities as (first word, last word + 1, type)."""

    words: tuple
    entities: tuple

    @property
    def text(self):
        return " ".join(self.words)

    def spans(self):
        """(start, end, type) in characters."""
        starts = [len(" ".join(self.words[:n])) + (n > 0) for n in range(len(self.words))]
        return [(starts[a], starts[b - 1] + len(self.words[b - 1]), kind) for a, b, kind in self.entities]

    def tags(self, letters="BIIB", form="{}-{}"):
        """A label a word; letters: of an entity's first, inner, last and only word."""
        found = ["O"] * len(self.words)
        for first, last, kind in self.entities:
            for n in range(first, last):
                place = 3 if last - first == 1 else 0 if n == first else 2 if n == last - 1 else 1
                found[n] = form.format(letters[place], kind)
        return found


def dump(value, **how):
    return json.dumps(value, ensure_ascii=False, **how) + "\n"


def lines(items):
    return "".join(map(dump, items))


def columns(row, separator="\t", before="", between="\n"):
    """A writer of columns; `row` gives the cells of number, word and label."""

    def write(sentences):
        blocks = []
        for s in sentences:
            rows = [row(n, word, tag) for n, (word, tag) in enumerate(zip(s.words, s.tags(), strict=True))]
            blocks.append(before + "".join(separator.join(cells) + "\n" for cells in rows))
        return between.join(blocks)

    return write


def schemed(letters, form="{}-{}"):
    def write(sentences):
        blocks = (
            "".join(f"{w}\t{t}\n" for w, t in zip(s.words, s.tags(letters, form), strict=True)) for s in sentences
        )
        return "\n".join(blocks)

    return write


def table(header, rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def word_table(sentences):
    rows = []
    for number, s in enumerate(sentences, start=1):
        for n, (word, tag) in enumerate(zip(s.words, s.tags(), strict=True)):
            rows.append([f"Sentence: {number}" if n == 0 else "", word, "X", tag])
    return table(["Sentence #", "Word", "POS", "Tag"], rows)


def marks(s, keys=("start", "end", "label")):
    return [dict(zip(keys, span, strict=True)) for span in s.spans()]


def dataturks(s):
    found = [{"label": [k], "points": [{"start": a, "end": b - 1, "text": s.text[a:b]}]} for a, b, k in s.spans()]
    return {"content": s.text, "annotation": found or None, "extras": None}


def prodigy(s):
    tokens, place = [], 0
    for n, word in enumerate(s.words):
        tokens.append({"text": word, "start": place, "end": place + len(word), "id": n, "ws": n + 1 < len(s.words)})
        place += len(word) + 1
    spans = [
        {**mark, "token_start": a, "token_end": b - 1} for mark, (a, b, _) in zip(marks(s), s.entities, strict=True)
    ]
    return {"text": s.text, "tokens": tokens, "spans": spans, "answer": "accept", "_task_hash": 7}


def label_studio_min(s):
    found = [{"start": a, "end": b, "text": s.text[a:b], "labels": [k]} for a, b, k in s.spans()]
    return {"id": 1, "text": s.text, "annotator": 1, "lead_time": 2.5, **({"label": found} if found else {})}


def label_studio(s):
    result = [{"id": f"r{n}", "from_name": "label", "to_name": "text", "type": "labels",
               "value": {"start": a, "end": b, "text": s.text[a:b], "labels": [k]}}
              for n, (a, b, k) in enumerate(s.spans())]  # fmt: skip
    return {"id": 1, "data": {"text": s.text}, "annotations": [{"id": 2, "was_cancelled": False, "result": result}],
            "predictions": []}  # fmt: skip


def spacy_document(sentences):
    """The training format of spaCy 2."""
    found = [
        {"tokens": [{"id": n, "orth": w, "tag": "X", "ner": t}
                    for n, (w, t) in enumerate(zip(s.words, s.tags("BILU"), strict=True))], "brackets": []}
        for s in sentences
    ]  # fmt: skip
    return {"id": 0, "paragraphs": [{"raw": "", "sentences": found, "cats": []}]}


def doccano(s):
    found = [{"id": n, **m} for n, m in enumerate(marks(s, ("start_offset", "end_offset", "label")))]
    return {"id": 1, "text": s.text, "entities": found, "relations": [], "Comments": []}


def rasa(sentences):
    found = [{"text": s.text, "intent": "tell", "entities": marks(s, ("start", "end", "entity"))} for s in sentences]
    return {"rasa_nlu_data": {"common_examples": found}}


def cluener(s):
    by_type = {}
    for a, b, k in s.spans():
        by_type.setdefault(k, {}).setdefault(s.text[a:b], []).append([a, b - 1])
    return {"text": s.text, "label": by_type}


def pairs(s):
    return [list(pair) for pair in zip(s.words, s.tags(), strict=True)]


NAMES = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


def numbered(s):
    return {"tokens": s.words, "ner_tags": [NAMES.index(tag) for tag in s.tags()]}


def dygie(sentences):
    before, found = 0, []
    for s in sentences:
        found.append([[a + before, b - 1 + before, k] for a, b, k in s.entities])
        before += len(s.words)
    return {"doc_key": "d", "sentences": [s.words for s in sentences], "ner": found}


def each(writer):
    return lambda sentences: lines(map(writer, sentences))


def whole(writer, **how):
    return lambda sentences: dump([writer(s) for s in sentences], **how)


def whole_offsets(unit):
    """Places counted in units of another width: bytes of UTF-8 or UTF-16 units."""
    width = {"utf-8": lambda t: len(t.encode()), "utf-16": lambda t: len(t.encode("utf-16-le")) // 2}[unit]
    return each(
        lambda s: {"text": s.text, "label": [[width(s.text[:a]), width(s.text[:b]), k] for a, b, k in s.spans()]}
    )


COLUMNS = {
    "columns, tab": columns(lambda n, w, t: (w, t)),
    "columns, space": columns(lambda n, w, t: (w, t), " "),
    "columns, CoNLL-2003": columns(lambda n, w, t: (w, "X", "B-NP", t), " ", between="\n-DOCSTART- -X- -X- O\n\n"),
    "columns, Label Studio": columns(lambda n, w, t: (w, "-X-", "_", t), " ", between="\n"),
    "columns, GermEval": columns(lambda n, w, t: (str(n + 1), w, t, "O"), before="#\thttp://x [2009]\n"),
    "columns, numbered from 0": columns(lambda n, w, t: (str(n), w, t)),
    "columns, comments": columns(lambda n, w, t: (w, "X", t), before="# sent_id = s1\n# text = x\n"),
    "columns, annotator behind": columns(lambda n, w, t: (w, t, "-", "anna")),
    "columns, label first": columns(lambda n, w, t: (t, w)),
    "columns, CoNLL-U": columns(lambda n, w, t: (str(n + 1), w, w, "NOUN", "X", "_", "0", "root", "_", f"NER={t}")),
    "columns, sentences numbered": lambda sentences: "".join(
        f"{n}\t{w}\t{t}\n" for n, s in enumerate(sentences, start=1) for w, t in zip(s.words, s.tags(), strict=True)
    ),
    "columns, BIOES": schemed("BIES"),
    "columns, BMEWO": schemed("BMEW"),
    "columns, BILOU": schemed("BILU"),
    "columns, lower-case": lambda sentences: schemed("biib")(sentences).replace("\tO\n", "\to\n"),
    "columns, suffixed": schemed("BIIB", "{1}-{0}"),
    "a sentence a row": lambda sentences: "".join(f"{s.text}\t{' '.join(s.tags())}\n" for s in sentences),
    "words with labels glued on": lambda sentences: "".join(
        " ".join(f"{w}/{t}" for w, t in zip(s.words, s.tags(), strict=True)) + "\n" for s in sentences
    ),
    "CSV of words": word_table,
    "CSV of sentences": lambda sentences: table(["text", "labels"], ([s.text, " ".join(s.tags())] for s in sentences)),
    "CSV of lists": lambda sentences: table(
        ["id", "tokens", "ner_tags"], ([n, list(s.words), s.tags()] for n, s in enumerate(sentences))
    ),
}
SPANS = {
    "spans, ours": each(lambda s: {"text": s.text, "entities": marks(s)}),
    "spans, an array": whole(lambda s: {"text": s.text, "entities": marks(s)}, indent=1),
    "spans, a line": whole(lambda s: {"text": s.text, "entities": marks(s)}),
    "Doccano": each(lambda s: {"id": 1, "text": s.text, "label": s.spans()}),
    "Doccano with relations": each(doccano),
    "DataTurks": each(dataturks),
    "Prodigy": each(prodigy),
    "Label Studio, JSON-MIN": whole(label_studio_min),
    "Label Studio": whole(label_studio, indent=2),
    "spaCy, pairs": whole(lambda s: [s.text, {"entities": s.spans()}]),
    "spaCy, a pair a line": each(lambda s: [s.text, {"entities": s.spans()}]),
    "spaCy, to_json": each(lambda s: {"text": s.text, "ents": marks(s), "tokens": [{"id": 0, "start": 0, "end": 1}]}),
    "an annotator's object": lambda sentences: dump(
        {"classes": ["PER"], "annotations": [*([s.text, {"entities": s.spans()}] for s in sentences), None]}, indent=1
    ),
    "Rasa": lambda sentences: dump(rasa(sentences), indent=2),
    "CLUENER": each(cluener),
    "LightTag": lambda sentences: dump(
        {"examples": [{"content": s.text, "annotations": marks(s, ("start", "end", "tag"))} for s in sentences]}
    ),
    "spans as columns": each(
        lambda s: {"text": s.text, "entities": {k: [m[k] for m in marks(s)] for k in ("start", "end", "label")}}
    ),
    "bytes": whole_offsets("utf-8"),
    "UTF-16": whole_offsets("utf-16"),
}
TOKENS = {
    "tokens": each(lambda s: {"tokens": s.words, "ner_tags": s.tags()}),
    "words": whole(lambda s: {"words": s.words, "ner_tags": s.tags()}),
    "numbers, names before": lambda sentences: dump({"id2label": dict(enumerate(NAMES))}) + each(numbered)(sentences),
    "numbers, names around": lambda sentences: dump(
        {"data": [numbered(s) for s in sentences], "features": {"ner_tags": {"names": NAMES}}}, indent=1
    ),
    "a data set by its columns": lambda sentences: dump(
        {"tokens": [s.words for s in sentences], "ner_tags": [s.tags() for s in sentences]}
    ),
    "spans over tokens": each(
        lambda s: {"tokens": s.words, "entities": [{"type": k, "start": a, "end": b} for a, b, k in s.entities]}
    ),
    "GLiNER": each(lambda s: {"tokenized_text": s.words, "ner": [[a, b - 1, k] for a, b, k in s.entities]}),
    "SciERC": lambda sentences: dump(dygie(sentences)),
    "spaCy, training": lambda sentences: dump([spacy_document(sentences)], indent=2),
    "pairs of word and label": whole(pairs),
    "such pairs a line": each(pairs),
    "labels in one string": each(lambda s: {"text": s.text, "labels": " ".join(s.tags())}),
    "objects of words": each(
        lambda s: {"tokens": [{"text": w, "ner": t} for w, t in zip(s.words, s.tags(), strict=True)]}
    ),
}
WRITERS = COLUMNS | SPANS | TOKENS
