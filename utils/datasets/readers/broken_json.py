"""Text that is nearly JSON, or only looks like it: values one after the other, and what else is known. No framework."""

import json
import re
from typing import Any

BETWEEN = re.compile(r"[\s,\x1e]*")  # 0x1e comes before each value of a JSON text sequence
BRACKETED = re.compile(
    r"\[[^\]\[{}\"]+\]\(\w[^()]*\)|\[\w+(?:[ \t]+[^\s\[\]{}\",]+)+[ \t]+\]|\{\{?[^{}\":]+[|:][^{}\":]+\}"
)
COLON = re.compile(r"\s*:\s*")
COMMENT = re.compile(r"\s*(?://|/\*)")
PYTHON = re.compile(r"\s*[\[({]+\s*(?:'|u'|None\b|True\b|False\b)")
TABLE = re.compile(r"\[[\w .-]+\]\s*$", re.MULTILINE)
YAML = re.compile(r"\s*(?:#.*\n\s*)*(?:%YAML\b|---\s*(?:#.*)?\n|(?:- )?[A-Za-z_]\w*:\s*(?:\S.*)?\n)")
FROM_YAML = "Write it as JSON first: json.dump(yaml.safe_load(open(FILE)), open('new.json', 'w'))"
KEYED = re.compile(r"^[ ]*(?:- +)?[A-Za-z_]\w*:(?: |$)|^[ ]*- ")
TRAILING = re.compile(r",\s*[\]}]")
SHOWN = 40


def of_line(line: str) -> Any:
    """What a line of JSON says, a comma behind it or none.

    Raises:
        ValueError, RecursionError: it is no JSON.
    """
    try:
        return json.loads(line)
    except ValueError:
        if not line.rstrip().endswith(","):
            raise
        return json.loads(line.rstrip()[:-1])


def one_after_another(text: str) -> list[Any] | None:
    """The values of a text that is several of JSON, blanks or commas between; None where it is not all that."""
    decoder, found = json.JSONDecoder(), []
    at = BETWEEN.match(text).end()
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return None
        if not isinstance(value, (dict, list)):
            return None
        found.append(value)
        at = BETWEEN.match(text, at).end()
    return found or None


def beginning_of(text: str, at: int = 0) -> Any:
    """The value whose JSON is cut off by the end of a text, as far as its outermost list of objects goes.

    None where the value is whole, where not even the first object of that list is, and where there is no such list.

    Args:
        text: the beginning of a file.
        at: where in it the value begins.
    """
    decoder, found = json.JSONDecoder(), {} if text[at : at + 1] == "{" else []
    if text[at : at + 1] not in ("{", "["):
        return None
    key, at = None, BETWEEN.match(text, at + 1).end()
    while text[at : at + 1] not in ("]", "}"):
        try:
            if isinstance(found, dict):
                key, at = decoder.raw_decode(text, at)
                at = COLON.match(text, at).end()
            value, after = decoder.raw_decode(text, at)
        except (AttributeError, ValueError, RecursionError):  # cut off within the key, or the value
            if isinstance(found, list):
                return found if found and isinstance(found[0], dict) else None
            inner = beginning_of(text, at)
            return None if inner is None else found | {key: inner}
        if isinstance(found, dict):
            found[key] = value
        else:
            found.append(value)
        at = BETWEEN.match(text, after).end()
    return None


def no_json(text: str, whole: bool = False) -> tuple[str, str] | None:
    """What a text is that json cannot read, as a sentence, and what to do; None where it is JSON with a fault.

    Args:
        text: the beginning of a file, or all of it.
        whole: whether it is all of it, so that its lines can be counted.
    """
    begins = text.lstrip()[:2000]
    first = begins.partition("\n")[0]
    if PYTHON.match(begins):
        return "these are objects of Python, in single quotes", "Write each with json.dumps(…)"
    if COMMENT.match(begins):
        return "this is JSON with comments, which JSON does not know", "Take the lines with // or /* out"
    if _is_packed(first):
        return "each line is a text that holds JSON, packed twice", "Write json.loads(line) of each line, and no more"
    if BRACKETED.match(first) or not begins.startswith(("[", "{")) and len(BRACKETED.findall(first)) > 1:
        found = f"entities are marked within the text, in brackets: {first[:SHOWN]!r}"
        return found, 'Make each line {"text": …, "entities": [[0, 4, "PER"]]}: the text bare, and where each begins'
    if TABLE.match(begins):
        return f"this is a file of settings, with {first.strip()[:SHOWN]!r} at its head", "Pass the labelled text"
    if is_yaml(begins):
        return "this is YAML", FROM_YAML
    if begins.startswith(("[", "{")):
        if TRAILING.search(text if whole else begins) and _reads(TRAILING.sub(lambda m: m[0][-1], text)):
            where = f" in line {_comma_line(text)}" if whole else ""
            return f"a comma stands before a closing bracket{where}, which JSON does not take", "Take it out"
    return None


def is_yaml(begins: str) -> bool:
    """Whether a text begins as YAML does and nearly each of its lines is a key, an item of a list, or stands within."""
    lines = [line for line in begins.splitlines()[:-1] if line.strip() and not line.lstrip().startswith("#")]
    shown = [line for line in lines if line not in ("---", "...") and not line.startswith("%")]
    keyed = sum(bool(KEYED.match(line)) for line in shown)
    deep = any(line[0] in " -" for line in lines)  # a conversation, "Ana: Hello", is not
    return deep and bool(YAML.match(begins)) and len(shown) > 1 and keyed > 0.7 * len(shown)


def _comma_line(text: str) -> int:
    """The line of the first comma before a closing bracket at which json stops; one within a text does not count."""
    try:
        json.loads(text)
        stop = 0
    except ValueError as error:
        stop = getattr(error, "pos", 0)
    comma = next((found.start() for found in TRAILING.finditer(text) if found.end() > stop), stop)
    return text.count("\n", 0, comma) + 1


def _is_packed(line: str) -> bool:
    return line.startswith('"') and _reads(line) and isinstance(inner := json.loads(line), str) and _reads(inner)


def _reads(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
