"""Little SQuAD: passages and questions written for this course, as plain text that anyone can edit.

`python -m utils.datasets.generators.little_squad` compiles data/little_squad/source to train.json, dev.json and
test.json beside it, in SQuAD 2.0's format. An answer is marked by quoting the passage, so no character is ever
counted by hand:

    = The title of the passage

    The passage, over as many lines as it takes. A line break counts as a space.

    A blank line inside it stays, as one line break.

    ? A question that the passage answers?
    + the answer
    + another answer that is as good
    + again [2]
    ? A question that looks as if the passage answered it?
    - what a hasty reader would say

`[2]` is the second place where those words stand; it is asked for only where they stand more than once.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[3] / "data" / "little_squad"
SPLITS = ("train", "dev", "test")


class SourceError(ValueError):
    """Something in a source file that cannot be compiled; the message names file and line."""

    def __init__(self, path: Path, line: int, message: str):
        super().__init__(f"{path}, line {line}: {message}")


def find_answer(context: str, quoted: str) -> dict:
    """Where an answer stands in its passage.

    Args:
        context: the passage.
        quoted: words of the passage, with their occurrence (from 1) in square brackets where they come again.

    Returns:
        {"text": …, "answer_start": …}, in characters.

    Raises:
        ValueError: the words are not there as whole words, or in several places and none was named.
    """
    text, number = re.fullmatch(r"(.*?)(?: \[(\d+)\])?", quoted).groups()
    before, after = (r"\b" if end.isalnum() else "" for end in (text[:1], text[-1:]))
    starts = [match.start() for match in re.finditer(before + re.escape(text) + after, context)]
    if not text or not starts:
        raise ValueError(f'the passage does not have these words: "{text}". Quote it letter for letter.')
    if number is None and len(starts) > 1:
        raise ValueError(f'"{text}" stands {len(starts)} times in the passage: write "{text} [1]" or another number.')
    if not 1 <= int(number or 1) <= len(starts):
        raise ValueError(f'"{text}" stands {len(starts)} times in the passage, so there is no [{number}].')
    return {"text": text, "answer_start": starts[int(number or 1) - 1]}


def _blocks(path: Path) -> Iterator[tuple[int, str, str]]:
    """Line number, sign and text of each line of a source; a passage comes whole, with the sign ""."""
    passage, started = "", 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        sign, text = (line[0], line[2:].strip()) if re.match(r"[=?+-]( |$)", line) else ("", line.strip())
        if not sign:
            started = started or (number if text else 0)
            passage += f"{text} " if text else "\n"
            continue
        if not text:
            raise SourceError(path, number, f'nothing stands behind the sign "{sign}".')
        if started:
            yield started, "", re.sub(r"\s*\n\s*", "\n", passage.strip())
        passage, started = "", 0
        yield number, sign, text
    if started:
        raise SourceError(path, started, f'no question follows "{passage.strip()[:40]}".')


def read_source(path: str | Path) -> list[dict]:
    """The passages of one source file, each an article of SQuAD 2.0 with one paragraph.

    A question's id is made of the passage's title and the question's own words: it stays when others come and go.

    Raises:
        SourceError: what cannot be compiled, with file and line.
    """
    path, articles, lines = Path(path), [], {}
    for line, sign, text in _blocks(path):
        paragraph = articles[-1]["paragraphs"][0] if articles else None
        if sign == "=":
            articles.append({"title": text, "paragraphs": [{"context": "", "qas": []}]})
        elif paragraph is None:
            raise SourceError(path, line, 'a title must come first: a line "= The title".')
        elif not sign and paragraph["context"]:
            raise SourceError(path, line, f'the passage has ended; is a sign (? + -) missing before "{text[:40]}"?')
        elif not sign:
            paragraph["context"] = text
        elif not paragraph["context"]:
            raise SourceError(path, line, "the passage must come before its questions.")
        elif sign == "?":
            question = _question(articles[-1]["title"], text)
            if question["id"] in lines:
                raise SourceError(path, line, f"the question of line {lines[question['id']]} again.")
            lines[question["id"]] = line
            paragraph["qas"].append(question)
        else:
            _add_answer(path, line, paragraph, sign, text)
    for question in (question for article in articles for question in article["paragraphs"][0]["qas"]):
        if question["is_impossible"] is None:
            raise SourceError(path, lines[question["id"]], 'no answer follows: "+ answer", or "- plausible answer".')
    return articles


def _question(title: str, text: str) -> dict:
    """A question that waits for its answers."""
    name = re.sub(r"\W+", "-", title.lower()).strip("-")
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return {"id": f"{name}-{digest}", "question": text, "is_impossible": None, "answers": []}


def _add_answer(path: Path, line: int, paragraph: dict, sign: str, text: str) -> None:
    """Puts an answer, or a plausible one, to the passage's last question."""
    if not paragraph["qas"]:
        raise SourceError(path, line, "an answer stands before the first question.")
    question = paragraph["qas"][-1]
    if question["is_impossible"] is (sign == "+"):
        raise SourceError(path, line, "a question has answers (+) or plausible answers (-), not both.")
    question["is_impossible"] = sign == "-"
    try:
        answer = find_answer(paragraph["context"], text)
    except ValueError as error:
        raise SourceError(path, line, str(error)) from None
    question.setdefault("plausible_answers" if sign == "-" else "answers", []).append(answer)


def compile_split(split: str, folder: str | Path = FOLDER / "source") -> str:
    """The JSON text of a split: train, dev or test."""
    if split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(SPLITS)}. Received: split={split!r}")
    articles = [article for path in sorted(Path(folder, split).glob("*.txt")) for article in read_source(path)]
    return json.dumps({"version": "v2.0", "data": articles}, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    """Write the three files and say what they hold."""
    for split in SPLITS:
        text = compile_split(split)
        (FOLDER / f"{split}.json").write_text(text, encoding="utf-8", newline="\n")
        paragraphs = [paragraph for article in json.loads(text)["data"] for paragraph in article["paragraphs"]]
        questions = [question for paragraph in paragraphs for question in paragraph["qas"]]
        impossible = sum(question["is_impossible"] for question in questions)
        print(f"{split}: {len(paragraphs)} passages, {len(questions)} questions, {impossible} of them unanswerable")


if __name__ == "__main__":
    main()
