"""Answers that are nearly the same once names, comments and layout are taken away: places to look, not verdicts.

Each answer becomes the multiset of runs of its syntax tree's nodes, names replaced by their order of appearance in the
run. What the lesson's own answer has, and what much of the class has, counts for nothing, and so does a blank.
"""

import ast
from collections import Counter
from itertools import combinations, islice

from utils.course.grade.answers import answers
from utils.course.grade.collect import Submission
from utils.course.source import symbol_source

RUN = 6  # nodes
ENOUGH = 25  # runs of an answer's own, below which nothing is said
LONGEST = 5000  # nodes of an answer that are looked at
SHARE = 0.85  # of both answers' runs that they must have in common
COMMON = 0.2  # of the class: a run that so many have is nobody's


def pairs(found: list[Submission]) -> list[dict]:
    """The pairs of learners whose answers are alike, the most alike first.

    Returns:
        question, one, other, share, for each.
    """
    by_question: dict[str, dict[str, Counter]] = {}
    symbols = {}
    for one in found:
        for answer in answers(one) if one.code else ():
            code = next((code for own, code in answer.cells if own), "")
            if runs := runs_of(code):
                by_question.setdefault(answer.asked.name, {})[one.learner] = runs
                symbols[answer.asked.name] = answer.asked.symbol
    result = []
    for question, every in by_question.items():
        own = _own(every, runs_of(symbol_source(symbols[question])))
        sizes = {learner: sum(runs.values()) for learner, runs in own.items()}
        for one, other in combinations(sorted(own), 2):
            less, more = sorted((sizes[one], sizes[other]))
            if less < SHARE * more:  # they cannot have so much in common
                continue
            shared = sum((own[one] & own[other]).values())
            share = shared / (less + more - shared)
            if share >= SHARE:
                result.append({"question": question, "one": one, "other": other, "share": share})
    return sorted(result, key=lambda pair: -pair["share"])


def _own(every: dict[str, Counter], reference: Counter) -> dict[str, Counter]:
    """Of each answer what is neither the lesson's nor common in the class, where that is enough to speak of."""
    having = Counter(run for runs in every.values() for run in runs)
    most = max(3, COMMON * len(every))
    own = {
        learner: Counter({run: n for run, n in runs.items() if run not in reference and having[run] <= most})
        for learner, runs in every.items()
    }
    return {learner: runs for learner, runs in own.items() if sum(runs.values()) >= ENOUGH}


def runs_of(code: str) -> Counter:
    """The runs of an answer's nodes; none where it is no Python."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Counter()
    if any(map(_is_blank, ast.walk(tree))):
        return Counter()
    nodes: list = []
    for node in islice(_in_order(tree), LONGEST):
        if isinstance(node, ast.Name):
            nodes.append((node.id,))
        elif isinstance(node, ast.arg):
            nodes.append((node.arg,))
        elif isinstance(node, ast.Attribute):
            nodes.append(f".{node.attr}")
        elif isinstance(node, ast.Constant):
            value = hash(node.value) if isinstance(node.value, int) else repr(node.value)[:20]  # repr may refuse an int
            nodes.append(f"{type(node.value).__name__} {value}")
        elif not isinstance(node, (ast.Load, ast.Store)):
            nodes.append(type(node).__name__)
    return Counter(_run(nodes[n : n + RUN]) for n in range(len(nodes) - RUN + 1))


def _run(nodes: list) -> tuple:
    """A run with its names, which are tuples, as numbers: what stands before it changes nothing."""
    names: dict[tuple, int] = {}
    return tuple(names.setdefault(node, len(names)) if isinstance(node, tuple) else node for node in nodes)


def _is_blank(node: ast.AST) -> bool:
    """Whether a function is still the learner's copy's."""
    if not isinstance(node, ast.FunctionDef):
        return False
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    last = body[0] if len(body) == 1 else None
    return isinstance(last, ast.Raise) and isinstance(last.exc, ast.Name) and last.exc.id == "NotImplementedError"


def _in_order(tree: ast.AST):
    """The nodes in the order of the text, docstrings left out."""
    todo = [tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            continue
        yield node
        todo += reversed(list(ast.iter_child_nodes(node)))
