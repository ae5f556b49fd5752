"""Submissions as people hand them in: found, told apart, or named with what is wrong. Nothing of theirs is run."""

import json
import os
import time

import pytest

from utils.course.grade.answers import answers
from utils.course.grade.collect import read_notebook, submissions, which_lesson
from utils.course.grade.names import printable
from utils.course.grade.walls import asked

RIGHT = "def softmax(x, axis=-1):\n    e = np.exp(x)\n    return e / e.sum(axis, keepdims=True)\n"


def notebook(*code, heading="# 01 · Why attention?", **more):
    cells = [{"cell_type": "markdown", "source": [heading], "metadata": {}}]
    cells += [{"cell_type": "code", "source": text.splitlines(True), "metadata": {}, "outputs": []} for text in code]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | more)


@pytest.fixture
def hand_in(tmp_path):
    def put(place, content=None):
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(notebook(RIGHT) if content is None else content, encoding="utf-8")
        return path

    return put


def found_in(folder, **options):
    return {one.learner: one for one in submissions(folder, **options)}


def test_learners_are_folders_or_files(hand_in, tmp_path):
    hand_in("ana/01_why_attention.ipynb")
    hand_in("bo/deep/er/Untitled.ipynb")
    hand_in("cleo-01_why_attention.ipynb")
    hand_in("dov.ipynb")
    hand_in("ana/.ipynb_checkpoints/01_why_attention-checkpoint.ipynb")
    found = found_in(tmp_path)
    assert set(found) == {"ana", "bo", "cleo", "dov"}
    assert {one.lesson for one in found.values()} == {"01_why_attention"}


def test_of_several_attempts_the_latest_counts_or_all(hand_in, tmp_path):
    first, second = hand_in("ana/a.ipynb"), hand_in("ana/b.ipynb")
    os.utime(first, (2000, 2000))
    os.utime(second, (1000, 1000))
    assert [one.path for one in submissions(tmp_path)] == [first]
    assert len(submissions(tmp_path, attempts="best")) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "no JSON"),
        ("", "no JSON"),
        ("[1, 2]", 'no list of "cells"'),
        ('{"cells": 3}', 'no list of "cells"'),
        ("[" * 200_000, "nested too deep"),
        (json.dumps({"cells": [{}] * 6000}), "6000 cells"),
        ('{"cells": [' + "[]," * 4_000_000 + "[]]}", "8 million values"),
        (notebook("x = 1\n" * 600_000), "characters of code"),
        (notebook("print(1)", heading="# My holidays"), "no lesson's exercise"),
    ],
)
def test_what_is_no_notebook_is_named(hand_in, tmp_path, content, said):
    hand_in("ana/x.ipynb", content)
    assert said in found_in(tmp_path)["ana"].problem


def test_an_empty_folder_is_named(tmp_path):
    with pytest.raises(ValueError, match="holds no notebook"):
        submissions(tmp_path)


def test_a_link_is_not_followed_wherever_it_leads(hand_in, tmp_path):
    ana = hand_in("class/ana/x.ipynb")
    secret = hand_in("secret/y.ipynb")
    for name, target in (("bo", secret), ("dov", ana), ("edda", "../ana/x.ipynb")):  # another's is not one's own
        (tmp_path / "class" / name).mkdir()
        os.symlink(target, tmp_path / "class" / name / "y.ipynb")
    (tmp_path / "class" / "cleo").mkdir()
    os.symlink(tmp_path / "secret", tmp_path / "class" / "cleo" / "folder")
    os.symlink(ana, tmp_path / "class" / "ana" / "01_why_attention.ipynb")
    found = found_in(tmp_path / "class")
    assert (
        not found["ana"].problem and found["ana"].code and "does not count, it is a link" in str(found["ana"].remarks)
    )
    for name in ("bo", "dov", "edda"):
        assert not found[name].code and "it is a link, and is not followed" in found[name].problem
    assert not found["cleo"].code and found["cleo"].status == "not submitted"


def test_names_that_are_no_utf8_can_be_shown(tmp_path):
    folder = os.path.join(os.fsencode(tmp_path), b"caf\xe9\x1b[31m")
    os.mkdir(folder)
    with open(os.path.join(folder, b"x.ipynb"), "w", encoding="utf-8") as file:
        file.write(notebook(RIGHT))
    (learner,) = found_in(tmp_path)
    assert learner == r"caf\xe9\x1b[31m"
    assert printable("ana") == "ana"


def test_which_lesson():
    lessons = {each.lesson for each in asked()}
    code = ["class Encoder:\n    pass", "def layer_norm(x): pass"]
    assert which_lesson("Untitled", code, "", lessons) == "06_encoder"
    assert which_lesson("Untitled", [], "# 06 · The encoder", lessons) == "06_encoder"
    assert which_lesson("06_encoder (1)", [], "", lessons) == "06_encoder"
    assert which_lesson("holidays", [], "# Spain", lessons) == ""


def test_older_formats_and_other_editors(tmp_path, hand_in):
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": RIGHT}]}], "nbformat": 3}
    assert read_notebook(hand_in("a.ipynb", json.dumps(old))).code == [RIGHT]
    one_text = json.dumps({"cells": [{"cell_type": "code", "source": RIGHT, "metadata": {"id": "x", "colab": {}}}]})
    assert read_notebook(hand_in("b.ipynb", one_text)).code == [RIGHT]


def answer_of(name, *code):
    from utils.course.grade.collect import Submission

    lesson = next(each.lesson for each in asked() if each.name == name)
    return next(a for a in answers(Submission("ana", None, lesson=lesson, code=list(code))) if a.asked.name == name)


def code_of(found):
    return "\n".join(code for _, code in found.cells)


def test_with_an_answer_goes_what_it_stands_on():
    found = answer_of(
        "softmax",
        "import numpy as np\nimport os",
        "%matplotlib inline\nunused = 1",
        "SCALE = 2\ndef helper(x):\n    return x * SCALE\n",
        "def softmax(x, axis=-1):\n    return np.exp(helper(x))\n",
        "softmax = check(softmax)",
        "print(softmax([1]))",
    )
    assert [own for own, _ in found.cells] == [False, False, False, True]
    assert "os" not in code_of(found) and "unused" not in code_of(found) and "print" not in code_of(found)


@pytest.mark.parametrize(
    "code",
    [
        ("import numpy as np", RIGHT),
        (RIGHT, "import numpy as np"),  # cells in another order
        ("import numpy as np\n\n" + RIGHT + "\nsoftmax = check(softmax)",),  # merged into one
        ("import numpy as np", "def softmax(x): return 1", RIGHT),  # a second attempt below the first
        ("import numpy as np", "softmax = lambda x, axis=-1: np.exp(x)"),
        ("from numpy import *\nimport numpy as np", RIGHT, "!pip install x\n%timeit softmax(1)"),
    ],
)
def test_an_answer_is_found_wherever_it_stands(code):
    found = answer_of("softmax", *code)
    assert not found.missing and sum(own for own, _ in found.cells) == 1 and "numpy" in code_of(found)
    assert "x): return 1" not in code_of(found)


@pytest.mark.parametrize(
    "above",
    [
        "SCALE = 1\nSCALE += 2",
        "SCALE = 1\nSCALE = SCALE + 2",
        "SCALE, OTHER = 3, 4",
        "if True:\n    SCALE = 3",
        "for SCALE in (1, 2, 3):\n    pass",
        "with open('/dev/null') as file:\n    SCALE = 3",
        "try:\n    from absent import SCALE\nexcept ImportError:\n    SCALE = 3",
        "print(SCALE := 3)",
        "SCALE: int = 3",
        "TABLE = {}\nTABLE['a'] = 3\nSCALE = TABLE['a']",
        "TABLE = []\nTABLE.append(3)\nSCALE = TABLE[0]",
        "class Table:\n    pass\nTable.scale = 3\nSCALE = Table.scale",
        "one = 1; SCALE = one + 2",
        "SCALE = 3\ntext = 'a\x0cb \u2028 c'",
        "%matplotlib inline\nlisted = !ls\nspent = %time 3\nSCALE = 3\nprint?",
        "%%time\nSCALE = 3",
        "import absent, math as m\nSCALE = m.ceil(2.5)",
        "from math import *\nSCALE = ceil(2.5)",
    ],
)
@pytest.mark.parametrize("cells", [1, 2])
def test_with_an_answer_go_the_values_however_they_are_made(above, cells):
    answer = "def softmax(x, axis=-1):\n    y = (x\n        % 5)\n    return y * SCALE\n"
    found = answer_of("softmax", *((f"{above}\n{answer}",) if cells == 1 else (above, answer)))
    space = {}
    for _, code in found.cells:
        exec(code, space)
    assert space["softmax"](2) == 6


@pytest.mark.parametrize(
    "code",
    [
        "def softmax(x):\n    raise NotImplementedError\ndef mine(x):\n    return 6\nsoftmax = mine",
        "def twice(f):\n    return lambda x: 2 * f(x)\ndef softmax(x):\n    return 3\nsoftmax = twice(softmax)",
        "def twice(f):\n    return lambda x: 2 * f(x)\n@twice\ndef softmax(x):\n    return 3\n",
        "if True:\n    def softmax(x):\n        return 6",
        "class softmax:\n    def __new__(cls, x):\n        return cls.how(x)\nsoftmax.how = lambda x: 6",
        "def softmax(x):\n    !pip list\n    return 6",
        "\ufeffdef softmax(x):\n    return 6",
        "from __future__ import annotations\ndef softmax(x: Absent):\n    return 6",
        "def softmax(x):\n    return 6\nfrom utils.checks import *",
    ],
)
def test_an_answer_may_be_made_in_many_ways(code):
    found, space = answer_of("softmax", code), {}
    for _, code in found.cells:
        exec(code, space)
    assert space["softmax"](2) == 6


def test_an_answer_that_stands_on_much_is_found_soon():
    chain = "a0 = 1\n" + "".join(f"a{n} = a{n - 1}\n" for n in range(1, 20_000))
    again = "a = a\n" * 9000
    assert len(answer_of("softmax", again + "def softmax(x):\n    return a\n").cells) < 3000
    started = time.monotonic()
    assert len(answer_of("softmax", chain + "def softmax(x):\n    return a19999\n").cells) < 3000
    one_line = ";".join(f"a{n} = a{n - 1}" for n in range(1, 20_000))
    assert len(answer_of("softmax", f"a0 = 1;{one_line}\ndef softmax(x):\n    return a19999\n").cells) == 2
    assert time.monotonic() - started < 20


def test_what_programs_add_and_how_they_write_names(hand_in, tmp_path):
    hand_in("__MACOSX/ana/._x.ipynb", "no work")
    hand_in("ana/._x.ipynb", "no work")
    hand_in("bo/X.IPYNB", notebook("import numpy as np\r\n" + RIGHT.replace("\n", "\r")))
    hand_in("Jose\u0301/x.ipynb")
    (tmp_path / "dov").mkdir()
    os.symlink(tmp_path / "dov" / "round.ipynb", tmp_path / "dov" / "round.ipynb")
    roster = hand_in("roster.csv", "learner,folder,due\njo,Jos\u00e9,1970-01-01\n")
    found = found_in(tmp_path, roster=roster)
    assert set(found) == {"ana", "bo", "dov", "jo"} and found["jo"].late and not found["bo"].problem
    assert found["ana"].status == "not submitted" and "it is a link" in found["dov"].problem


@pytest.mark.parametrize(
    "above", ["%%bash\nls", "%%writefile other.py\n" + RIGHT, "%%html\n<b>x</b>", "%% javascript\nlet softmax = 3"]
)
def test_cells_that_are_no_python_are_no_answers(hand_in, above):
    path = hand_in("x.ipynb", notebook(above, "%%time\n" + RIGHT, "%%capture out\nx = 1"))
    assert read_notebook(path).code == ["%%time\n" + RIGHT, "%%capture out\nx = 1"]


def test_an_answer_in_a_cell_of_text_is_named(hand_in, tmp_path):
    for kind in ("markdown", "raw"):
        book = json.loads(notebook("def attention_pool(): pass"))
        book["cells"].append({"cell_type": kind, "source": RIGHT, "metadata": {}})
        hand_in("ana/x.ipynb", json.dumps(book))
        (one,) = submissions(tmp_path)
        missing = {found.asked.name: found.missing for found in answers(one)}
        assert "in a cell of text" in missing["softmax"] and "was the cell deleted" in missing["cosine_similarity"]


def test_where_there_is_none_it_says_why():
    assert "was the cell deleted" in answer_of("softmax", "x = 1").missing
    assert (
        "no Python: '(' was never closed, line 1 of the cell: def softmax(x:"
        in answer_of("softmax", "def softmax(x:\n    return").missing
    )
    assert "was the cell deleted" in answer_of("softmax", "from utils.checks import softmax").missing
