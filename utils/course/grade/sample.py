"""A class to try the grader on: `make sample-class` writes thirty invented submissions of lessons 01 to 05.

Each is the learner's copy, filled in as somebody of some skill would: right, with a mistake that people make, blank,
no Python, with a line too much. The last learner was unlucky: one file was cut off on its way, one holds a loop without
an end, one came late. One more is in the roster and handed in nothing. Nobody of these names exists.
"""

import argparse
import datetime
import json
import os
import random
import re
from pathlib import Path

from utils.course.grade.walls import Asked, asked
from utils.course.source import ROOT, symbol_source
from utils.files import write_whole

NAMES = (
    "abelard-moss briony-tarn cato-wren dalia-fenn edda-quill ferris-holt gwen-orchard hadrian-lisle imke-vane "
    "jory-strand"
)
ENDLESS = {  # the counter never moves
    "attention_for_one_word": (
        "    scores = np.array([np.dot(q[i], k_j) for k_j in k])",
        "    j, s = 0, []\n    while j < len(k):\n        s.append(np.dot(q[i], k[j]))\n    scores = np.array(s)",
    )
}
ABSENT = "kestrel-odum"
DUE = datetime.datetime(2026, 1, 30, 18, 0)
LESSONS = ("01", "02", "03", "04", "05")
MISTAKES = {  # exercise -> changes to a right answer that people make
    "cosine_similarity": [("    return np.sum(a * b, axis=-1) / lengths", "    return np.sum(a * b, axis=-1)")],
    "softmax": [("x - x.max(axis=axis, keepdims=True)", "x"), ("e.sum(axis=axis, keepdims=True)", "e.sum()")],
    "attention_pool": [(" / temperature", ""), ("@ np.asarray(values), weights", "@ np.asarray(values)")],
    "get_angles": [("2 * ", "")],
    "positional_encoding": [("np.sin", "np.cos")],
    "shift_matrix": [("[-s, c]", "[s, c]")],
    "project_qkv": [("x @ w_v", "x @ w_k")],
    "attention_for_one_word": [("q[i]", "q[0]")],
    "scaled_dot_product_attention": [(" / math.sqrt(k.shape[-1])", "")],
    "create_padding_mask": [("ops.not_equal", "ops.equal")],
    "create_look_ahead_mask": [(">=", ">")],
    "mask_to_additive": [("lowest(dtype)", "-100.0")],
    "split_heads": [("ops.transpose(x, (0, 2, 1, 3))", "x")],
    "MultiHeadAttention": [("attention_mask", "None")],
}


def write_sample(out: Path, seed: int = 0) -> list[Path]:
    """Writes the submissions, a folder for each learner, and a roster; the same seed writes the same.

    Args:
        out: the folder; made if need be.
        seed: of who does what.
    """
    rng, written = random.Random(seed), []
    sources = {number: next((ROOT / "notebooks" / "exercises").glob(f"{number}_*.ipynb")) for number in LESSONS}
    *learners, unlucky = NAMES.split()
    for n, learner in enumerate(learners):
        skill = 0.25 + 0.75 * n / (len(learners) - 1)
        for number in sorted(rng.sample(LESSONS, 3)):
            book = filled(sources[number], rng, skill)
            written.append(hand_in(out / learner / sources[number].name, as_text(book), DUE - hours(6)))
    for number in ("01", "02", "03"):
        text = as_text(filled(sources[number], rng, skill=1, instead=ENDLESS))
        text = text[: len(text) // 2] if number == "01" else text
        when = DUE + hours(39) if number == "02" else DUE - hours(1)
        written.append(hand_in(out / unlucky / sources[number].name, text, when))
    rows = ["learner,folder,due", *(f"{name},{name},{DUE:%Y-%m-%dT%H:%M}" for name in (*learners, unlucky, ABSENT))]
    write_whole(out / "roster.csv", ("\n".join(rows) + "\n").encode("utf-8"))
    return written


def hours(count: int) -> datetime.timedelta:
    """So many hours."""
    return datetime.timedelta(hours=count)


def as_text(book: dict) -> str:
    """A notebook, as it is stored."""
    return json.dumps(book, indent=1, ensure_ascii=False)


def hand_in(path: Path, text: str, when: datetime.datetime) -> Path:
    """Writes a notebook as if it had been saved at that time; returns its path."""
    write_whole(path, text.encode("utf-8"))
    os.utime(path, (when.timestamp(), when.timestamp()))
    return path


def filled(source: Path, rng: random.Random, skill: float, instead: dict | None = None) -> dict:
    """A learner's copy with answers in it; `instead`: exercise -> a change to its right answer, made for certain."""
    book = json.loads(source.read_text(encoding="utf-8"))
    for each in (each for each in asked() if each.lesson == source.stem):
        fill(book, each, rng, skill, (instead or {}).get(each.name, ("", "")))
    return book


def fill(book: dict, each: Asked, rng: random.Random, skill: float, instead: tuple[str, str]) -> None:
    """Answers one exercise of a learner's copy."""
    cell = next(cell for cell in book["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == each.name
                or re.search(rf"^(def|class) {each.name}\b", "".join(cell["source"]), flags=re.MULTILINE))  # fmt: skip
    right, luck = symbol_source(each.symbol).replace(*instead), rng.random()
    wrong = [right.replace(old, new) for old, new in MISTAKES.get(each.name, ()) if old in right]
    if luck < skill:
        text = right
    elif luck < skill + 0.7 * (1 - skill) and wrong:
        text = rng.choice(wrong)
    elif rng.random() < 0.3:
        text = right.replace("return", "retrun", 1)
    else:
        return  # not started
    how = rng.random()
    if how < 0.1:
        text = "import os\n" + text
    elif how < 0.2:
        text = f"# as we said in class\n{text}\n\nprint({each.name!r}, 'done')"
    cell["source"] = text.splitlines(keepends=True)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m utils.course.grade.sample", description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path, nargs="?", default=ROOT / "build" / "sample-class")
    written = write_sample(parser.parse_args().out)
    print(f"{len(written)} notebooks in {written[0].parents[1]}")


if __name__ == "__main__":
    main()
