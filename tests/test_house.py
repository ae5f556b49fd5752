"""The house: five floors without a circle, files that can be read in one sitting, tests beside what they test."""

import ast
import json
import re
import subprocess
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import conftest

ROOT = Path(__file__).resolve().parents[1]
LINES = 500
TABLES_OF_WORDS = {"utils/datasets/generators/french_english/lexicon.py"}
FLOORS = [  # from the ground up: a room imports from its own floor and those below
    {"layers", "text", "files", "plots"},
    {"pretrained", "training", "decoding", "fast_decoding", "datasets.readers", "notebook"},
    {"datasets.generators", "tasks", "generating"},
    {"checks", "explore"},
    {"course"},
]


def dotted(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {dotted(path): path for path in sorted((ROOT / "utils").rglob("*.py"))}


def imported(text, known):
    """The modules of the house that a text imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name if name in known else node.module for name in names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def graph(files):
    return {name: {m for m in imported(text, files) if m in files} for name, text in files.items()}


def circle(files):
    try:
        TopologicalSorter(graph(files)).prepare()
    except CycleError as error:
        return error.args[1]
    return None


def room(module):
    parts = module.split(".")[1:]
    return ".".join(parts[:2]) if parts[:1] == ["datasets"] else (parts or [""])[0]


def floor(module):
    return next((n for n, rooms in enumerate(FLOORS) if room(module) in rooms), None)


def climbs(files):
    """Imports from a higher floor, as (importer, imported)."""
    pairs = [(name, m) for name, found in graph(files).items() for m in found if room(name) != room(m)]
    return [(name, m) for name, m in pairs if floor(m) > floor(name)]


TEXTS = {name: path.read_text(encoding="utf-8") for name, path in FILES.items()}


def test_no_module_imports_itself_round_a_circle():
    assert circle(TEXTS) is None


def test_every_room_stands_on_a_floor_and_imports_from_none_above():
    homeless = {name for name in TEXTS if floor(name) is None}
    assert homeless == {"utils", "utils.datasets"}, "name the new room in FLOORS"
    assert climbs(TEXTS) == []


def test_the_library_needs_neither_tests_nor_benchmarks():
    outside = {name: {m.split(".")[0] for m in imported(text, TEXTS)} for name, text in TEXTS.items()}
    assert not [name for name, found in outside.items() if found & {"tests", "benchmarks", "notebooks"}]


@pytest.mark.parametrize("folder", ["utils", "tests", "benchmarks"])
def test_a_file_can_be_read_in_one_sitting(folder):
    paths = {p.relative_to(ROOT).as_posix(): p for p in (ROOT / folder).rglob("*.py")}
    long = {name for name, p in paths.items() if len(p.read_text(encoding="utf-8").splitlines()) > LINES}
    assert long - TABLES_OF_WORDS == set()


def test_an_exercise_has_its_file_of_checks_of_wrong_and_of_unusual_right_answers():
    for folder in (p for p in (ROOT / "utils" / "checks").iterdir() if (p / "__init__.py").exists()):
        exercises = {
            p.stem: p for p in folder.glob("*.py") if re.search(r"^register\(", p.read_text(encoding="utf-8"), re.M)
        }
        assert exercises
        for name, path in exercises.items():
            assert path.read_text(encoding="utf-8").count("\nregister(") == 1, path
            for kind in ("mutants", "alternatives"):
                assert (ROOT / "tests" / kind / folder.name / f"{name}.py").exists(), (kind, folder.name, name)


def test_the_readmes_name_what_is_there():
    for page in ("README.md", "CONTRIBUTING.md", "data/README.md", "benchmarks/README.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        paths = re.findall(r"`((?:utils|tests|benchmarks|notebooks|data)/[\w./]*)`", text)
        modules = re.findall(r"(?:python -m |`)((?:utils|tests|benchmarks)\.[\w.]*\w)", text)
        missing = [p for p in paths if not (ROOT / p).exists()]
        missing += [
            m for m in modules if not any(ROOT.joinpath(*m.split(".")).with_suffix(s).exists() for s in ("", ".py"))
        ]
        assert missing == [], page


def test_these_tests_see_what_they_look_for():
    assert circle({"utils.a": "from utils.b import f", "utils.b": "def f():\n    import utils.a\n"})
    assert circle({"utils.a": "from utils.b import f", "utils.b": ""}) is None
    upward = {"utils.layers.x": "from utils.checks import y", "utils.checks": "", "utils.checks.y": ""}
    assert climbs(upward) == [("utils.layers.x", "utils.checks.y")]
    assert climbs({"utils.checks.y": "import utils.layers.x", "utils.layers.x": ""}) == []


def test_what_make_fast_leaves_out_is_there():
    """A test that was renamed would run, whatever it takes: its old name must go from the list."""
    listed = json.loads((ROOT / "tests" / "long.json").read_text("utf-8"))["seconds"]
    functions = {path: {node.name for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8")))
                        if isinstance(node, ast.FunctionDef)}
                 for path in {name.split("::")[0] for name in listed}}  # fmt: skip
    gone = [name for name in listed
            if name.partition("[")[0].split("::")[-1] not in functions[name.split("::")[0]]]  # fmt: skip
    assert gone == []


class Named:
    """As much of a test as the choice looks at."""

    def __init__(self, nodeid):
        self.nodeid = nodeid

    def get_closest_marker(self, mark):
        return self.nodeid.endswith(mark)


def test_make_fast_leaves_out_what_is_slow_or_listed_and_runs_what_is_new(monkeypatch, tmp_path):
    monkeypatch.setattr(conftest, "FILE", tmp_path / "long.json")
    conftest.FILE.write_text('{"seconds": {"a.py::long[1]": 2.0}}', "utf-8")
    names = ["a.py::long[1]", "a.py::long[1]@group", "a.py::long[2]", "a.py::new", "a.py::slow"]
    items, gone = [Named(name) for name in names], []
    config = SimpleNamespace(hook=SimpleNamespace(pytest_deselected=lambda items: gone.extend(items)))
    for chosen, left in ((False, names), (True, ["a.py::long[2]", "a.py::new"])):
        config.getoption = lambda name, chosen=chosen: chosen
        conftest.pytest_collection_modifyitems(config, items)
        assert [item.nodeid for item in items] == left
    assert [item.nodeid for item in gone] == ["a.py::long[1]", "a.py::long[1]@group", "a.py::slow"]


def test_each_long_case_that_takes_turns_runs_at_every_third_commit_and_all_others_always(monkeypatch, tmp_path):
    monkeypatch.setattr(conftest, "FILE", tmp_path / "long.json")
    long = [f"a.py::t[{n}]in_turn" for n in range(60)] + ["a.py::half_a_minute"]
    kept = ["a.py::short_in_turn", "a.py::new_in_turn", "a.py::a_quarter"]
    seconds = dict.fromkeys(long, 1.0) | {long[-1]: 30.0, kept[0]: 0.9, kept[2]: 15.0}
    conftest.FILE.write_text(json.dumps({"seconds": seconds}), "utf-8")
    config = SimpleNamespace(hook=SimpleNamespace(pytest_deselected=lambda items: None))
    runs = []
    for turn in range(conftest.TURNS):
        monkeypatch.setattr(conftest, "turn", lambda turn=turn: turn)
        for asked in ("--in-turn", ""):
            items = [Named(name) for name in long + kept]
            config.getoption = lambda name, asked=asked: name == asked
            conftest.pytest_collection_modifyitems(config, items)
            assert [item.nodeid for item in items][-3:] == kept
            assert asked or len(items) == len(long) + 3
            runs += [item.nodeid for item in items[:-3]] if asked else []
    assert sorted(runs) == sorted(long)


def test_whose_turn_it_is_the_commit_says(tmp_path, monkeypatch):
    monkeypatch.setattr(conftest, "FILE", tmp_path / "long.json")
    assert conftest.turn() == 0  # no history here
    git = ["git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    found = set()
    subprocess.run([*git, "init", "--quiet"], check=True)
    for n in range(12):
        subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", str(n)], check=True)
        head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout
        assert conftest.turn() == int(head, 16) % conftest.TURNS
        found.add(conftest.turn())
    assert len(found) > 1
