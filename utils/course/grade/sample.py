"""A class to try the grader on: `make sample-class` writes thirty invented submissions of lessons 01 to 05.

Each is the learner's copy, filled in as somebody of some skill would: right, with a mistake that people make, blank,
no Python, with a line too much. Nobody of that name exists.
"""

import argparse
import json
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
    learners = NAMES.split()
    for n, learner in enumerate(learners):
        skill = 0.25 + 0.75 * n / (len(learners) - 1)
        for number in sorted(rng.sample(LESSONS, 3)):
            book = json.loads(sources[number].read_text(encoding="utf-8"))
            for each in (each for each in asked() if each.lesson.startswith(number)):
                fill(book, each, rng, skill)
            path = out / learner / sources[number].name
            write_whole(path, json.dumps(book, indent=1, ensure_ascii=False).encode("utf-8"))
            written.append(path)
    rows = ["learner,folder,due", *(f"{learner},{learner},2099-01-31T18:00" for learner in learners)]
    write_whole(out / "roster.csv", ("\n".join(rows) + "\n").encode("utf-8"))
    return written


def fill(book: dict, each: Asked, rng: random.Random, skill: float) -> None:
    """Answers one exercise of a learner's copy."""
    cell = next(cell for cell in book["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == each.name
                or re.search(rf"^(def|class) {each.name}\b", "".join(cell["source"]), flags=re.MULTILINE))  # fmt: skip
    right, luck = symbol_source(each.symbol), rng.random()
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
