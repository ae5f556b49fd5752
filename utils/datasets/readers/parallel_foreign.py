"""Text that is known and is no parallel text, or not as it was passed: what it is, and what to do about it."""

import re

from utils.datasets.readers.broken_json import of_line
from utils.datasets.readers.entity_labels import TAG

SHARE = 0.95  # of the cells of a column, or of lines, that tells what all of them are
SENTENCE = re.compile(r".*[.?!…。！？।؟][\"'»”’)]*")
LANGUAGES = set(
    r"""
    eng fra deu spa ita nld por pol rus ukr bel bul ces slk slv hrv srp bos mkd ell tur aze kaz uzb heb ara pes kur ber
    kab hun fin est lav lit swe dan nob nno isl gle gla cym bre cat glg eus oci lat epo ina ido lfn tlh toki tok jbo
    hin urd ben mar tam tel guj pan mal kan nep sin tha vie ind zsm tgl ceb jav khm lao mya cmn yue wuu jpn kor mon sqi
    hye kat ron roh ltz fry afr swh zul xho yor ibo hau amh som mlt tat chv bak yid nds swg vol ile
    en fr de es it nl pt pl ru uk cs sk sl hr sr bg el tr he ar fa hu fi et lv lt sv da nb no is ga cy ca gl eu la eo
    hi ur bn mr ta te th vi id ms tl zh ja ko ro af sw am sq hy ka \N
    """.split()
)  # ISO 639, as lists of sentences name their languages; \N: not known
MARKUP = (
    "is XML or SGML, and two files are read line by line. Write the sentences within its tags one a line, or pass TMX "
    "or XLIFF alone"
)
INFERENCES = {"entailment", "neutral", "contradiction", "not_entailment"}
GENRES = {"main-captions", "main-forum", "main-forums", "main-news"}  # what the STS benchmark calls its parts
DICTS = re.compile(r"""\{'[\w-]+': ['"]""")
TAGS = re.compile(r"\s*(?:<[^<>]+>\s*)+")  # a line of markup alone
COMMENT = re.compile(r"\s*(?:[#!*]|//|/\*)")
USFM = re.compile(r"\\[a-z]+\d?\*?(?:\s|$)")
ABOUT = re.compile(r"\s*<(url|keywords|talkid|speaker)>.*</\1>\s*$")
APPLE = re.compile(r'\s*"(?:[^"\\]|\\.)*"\s*=\s*"(?:[^"\\]|\\.)*"\s*;')
PROPERTY = re.compile(r"\s*([A-Za-z_][\w.-]*)\s*=")
BY_KEY = (
    "holds strings by key, as programs have them for their words ({}). Write the strings alone, one a line, those of "
)
BY_KEY += "one key in the same line of both files; or export it as TMX, XLIFF or CSV"
WORDS_TOO = set(
    "cat est fin mar mal tam sin mon ido bak fry vol ben ces ron por lit lat pan nob kan tat mya tel".split()
)


def foreign(lines: list[str]) -> str:
    """What lines are that are known and cannot be read, and what to do; "" for any others."""
    if known := _of_tools(lines):
        return known
    if re.match(r'(?:[^"]*[,;\t])?"?translation"?\s*(?:[,;\t]|$)', lines[0]) and DICTS.search("\n".join(lines[1:3])):
        return (
            "is a table whose column 'translation' holds objects of Python, as the datasets library writes them. Write "
            "it as JSON Lines instead: dataset.to_json('train.jsonl')"
        )
    bare = lines[0] if lines and "\t" not in lines[0] else ""
    if re.match(r"\s*<(?:\w+[\s>]|!)", bare):
        return "is XML or SGML, and neither TMX nor XLIFF. Pass two files whose lines belong together, or a tab between"
    if re.match(r"\s*[\[(]+\s*[\"'(]", bare):
        return "is a list of Python. Write each pair with json.dumps((source, target)) as a line"
    return ""


def no_lines(lines: list[str]) -> str:
    """What a file is, one of two, that does not hold a sentence a line, and what to do; "" for any other."""
    if known := _of_tools(lines):
        return known
    first = lines[0] if lines else ""
    tags = sum(line.lstrip().startswith("<") for line in lines) * 2 > len(lines) and TAGS.fullmatch(first)
    if tags or re.match(r"\s*<(?:\?xml|!DOCTYPE|(?:src|ref|tst)set\b|mteval\b)", first, flags=re.IGNORECASE):
        return MARKUP
    opened = first.strip() in ("[", "{") and lines[1:] and re.match(r"\s*[\[{\"]", lines[1])  # over several lines
    if opened or sum(line.startswith("{") and is_object(line) for line in lines) >= SHARE * len(lines) > 0:
        return (
            "is JSON, and two files are read line by line. Write the sentences alone, one a line, or both sides "
            'into one file: {"source": "…", "target": "…"} a line'
        )
    return ""


def _of_tools(lines: list[str]) -> str:
    """What programs write and no sentence or pair a line: what it is, and what to do; "" for any other."""
    if any(re.match(r'msgid\s+"', line) for line in lines) and any(re.match(r"msgstr(\[|\s)", line) for line in lines):
        return "is a catalogue of gettext (.po). Export it as TMX or CSV: po2tmx or po2csv of the Translate Toolkit"
    if sum(bool(re.match(r"[STHDP]-\d+\t", line)) for line in lines) >= SHARE * len(lines) > 0:
        return "is what fairseq printed: source, target and hypotheses under one another. Pass the files it read"
    if sum(bool(re.match(r"(?:\d\d:)?\d\d:\d\d[,.]\d+ -->|Dialogue: ", line)) for line in lines) * 5 > len(lines):
        return "holds subtitles of one language (.srt, .vtt, .ass). Align them first, and pass two files or TMX"
    if sum(bool(USFM.match(line)) for line in lines) >= SHARE * len(lines) > 0:
        return "holds a book of the Bible with its marks (USFM: \\id, \\c, \\v). Write a verse a line, without them"
    if len({found[1] for line in lines if (found := ABOUT.match(line))}) > 1:
        return "has lines in tags about each talk, as <url> and <talkid>. Take what begins with < out of both files"
    if form := _by_key(lines):
        return BY_KEY.format(form)
    if len(lines) > 2 and re.fullmatch(r"\|?[\s:|-]*-[\s:|-]*\|?", lines[1].strip()) and lines[0].count("|") > 1:
        return "is a table of Markdown. Write the two sides with a tab between, without the line under the header"
    pairs = [line.split("\t") for line in lines if "\t" in line]
    if pairs and all(TAG.fullmatch(cells[-1].strip()) for cells in pairs) and any(c[-1].strip() != "O" for c in pairs):
        return "holds words with labels of entities, and no translations: python -m utils.tasks ner --help"
    return ""


def _by_key(lines: list[str]) -> str:
    """Whose form lines have that hold a key and a string each; "" for any others."""
    rows = [line for line in lines if not COMMENT.match(line)]
    if (
        len(rows) > 1
        and re.fullmatch(r"[a-z]{2,3}([-_]\w+)?:\s*", rows[0])
        and all(r.startswith(" ") for r in rows[1:])
    ):
        return "YAML"
    if len(rows) < 3 or any("\t" in line for line in lines):
        return ""
    if sum(bool(APPLE.fullmatch(row.rstrip())) for row in rows) >= SHARE * len(rows):
        return ".strings"
    keys = [found[1] for row in rows if (found := PROPERTY.match(row))]
    return ".properties" if len(keys) >= SHARE * len(rows) and len(set(keys)) >= SHARE * len(keys) else ""


def of_one_side(rows: list[list[str]]) -> str:
    """What rows are that hold one sentence each, beside its number and its language, or no sentence; "" for others."""
    if all(len(row) == 2 and row[0].isdecimal() and row[1].isdecimal() for row in rows):
        return (
            "holds two numbers a line, as Tatoeba's links do: which sentences belong together, and none of them. "
            "Download its sentence pairs, or name the two columns with --columns 1,2 where numbers are meant."
        )
    for place in (1, 0):  # number, language, sentence; language, sentence
        body = [row for row in rows if len(row) > place + 1]
        listed = len(body) == len(rows) and all(row[place] in LANGUAGES for row in body)
        listed = listed and not all(LANGUAGES & {*row[place + 2 :]} - {r"\N"} for row in body)  # no second side
        if listed and (place == 0 or all(row[0].isdecimal() for row in body)):
            said = 2 * sum(bool(SENTENCE.fullmatch(row[place + 1])) for row in body) > len(body)
            if said or place and all(len(row[1]) == 3 and row[1] not in WORDS_TOO for row in body):
                return (
                    f"holds one sentence a line, with its language ({body[0][place]}) in column {place + 1}, as "
                    "Tatoeba's lists of sentences do, and no translation beside it. Download its sentence pairs, or "
                    "name two columns with --columns where they are meant."
                )
    return ""


def is_object(line: str) -> bool:
    """Whether a line is an object of JSON."""
    try:
        return isinstance(of_line(line), dict)
    except (ValueError, RecursionError):
        return False
