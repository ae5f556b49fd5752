"""A code cell as it is shown to a class: what matters of it, in pieces that fit a slide."""

import ast
import html
import re

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

SETTING_UP = re.compile(r"^setup\(|^sys\.path", flags=re.MULTILINE)
CHECKING = re.compile(r"^(\w+ = )?check\(.*\)$|^hint\(.*\)$|^progress\(.*\)$")
MARKED = re.compile(r"<span[^>]*>|</span>|[^<]+")


def what_matters(text: str, whole: bool = False) -> str:
    """A cell without what a class need not read: imports, assertions, and all of a docstring but its first line.

    Assertions stay where nothing else is left.

    Args:
        text: the cell's source.
        whole: leave it as it is.
    """
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return text.strip()  # Jupyter's own lines
    if whole:
        return text.strip()
    imports = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom) or "sys.path" in ast.unparse(n)]
    claims = [n for n in tree.body if isinstance(n, ast.Assert)]
    if len(imports) + len(claims) == len(tree.body):
        return _without(text, _lines_of(imports))
    return _without(text, _lines_of(imports + claims) | _long_docstrings(tree))


def is_setting_up(text: str) -> bool:
    """Whether a cell only starts a lesson."""
    return bool(SETTING_UP.search(text))


def is_checking(text: str) -> bool:
    """Whether a cell only has a learner's answer checked."""
    lines = what_matters(text).splitlines()
    return bool(lines) and all(CHECKING.match(line) for line in lines)


def is_claiming(text: str) -> bool:
    """Whether a cell only asserts, imports aside."""
    try:
        body = [n for n in ast.parse(text).body if not isinstance(n, ast.Import | ast.ImportFrom)]
    except SyntaxError:
        return False  # Jupyter's own lines
    return bool(body) and all(isinstance(n, ast.Assert) for n in body)


def _lines_of(nodes: list) -> set[int]:
    return {n for node in nodes for n in range(node.lineno, node.end_lineno + 1)}


def _long_docstrings(tree: ast.Module) -> set[int]:
    """The lines of docstrings after their first, the closing quotes with them."""
    lines = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            lines |= set(range(node.body[0].lineno + 1, node.body[0].end_lineno + 1))
    return lines


def _without(text: str, gone: set[int]) -> str:
    """A text without some of its lines; a docstring whose end went is closed on its first line."""
    kept = []
    for number, line in enumerate(text.splitlines(), start=1):
        if number in gone:
            continue
        if number + 1 in gone and re.match(r'\s*r?"""', line) and line.count('"""') == 1:
            line = line.rstrip() + '"""'
        kept.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n")


def blank_form(text: str, method: str) -> str:
    """What a learner begins with: signature and docstring of a definition, or of one method of a class."""
    node = ast.parse(text).body[0]
    lines = text.splitlines()
    head = []
    if method:
        head = [lines[node.lineno - 1]]
        node = next(n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == method)
        head += [] if method == "__init__" else ["    ..."]
    first = node.body[0]
    upto = first.end_lineno if ast.get_docstring(node) is not None else first.lineno - 1
    return "\n".join([*head, *lines[node.lineno - 1 : upto], f"{' ' * first.col_offset}raise NotImplementedError"])


def pieces(text: str, most: int, width: int) -> list[str]:
    """A cell cut into pieces of at most so many lines, where possible between statements.

    Args:
        text: the code.
        most: lines of a piece, a line longer than `width` counted as the lines it is wrapped into.
        width: characters that fit one line.
    """
    lines = text.splitlines()
    if height(lines, width) <= most:
        return [text]
    parts = -(-height(lines, width) // most)
    most = min(most, -(-height(lines, width) // parts) + 3)  # of about one length
    made, start = [], 0
    while start < len(lines):
        end = start + 1
        while end < len(lines) and height(lines[start : end + 1], width) <= most:
            end += 1
        if end < len(lines):
            end = max(range(start + 1, end + 1), key=lambda n: (_worth(lines, start, n, end), n))
        made.append("\n".join(lines[start:end]).strip("\n"))
        start = end
    return [piece for piece in made if piece]


def _worth(lines: list[str], start: int, cut: int, end: int) -> float:
    """How good it is to cut before line `cut`: at a blank line or little indent, and late."""
    following = lines[cut] if cut < len(lines) else ""
    indent = len(following) - len(following.lstrip())
    blank = not lines[cut - 1].strip() or not following.strip()
    closing = following.strip()[:1] in (")", "]", "}")
    return (cut - start) / (end - start) + (0.5 if blank else 0.0) - indent / 20 - (1.0 if closing else 0.0)


def height(lines: list[str], width: int) -> int:
    """How many lines they take where `width` characters fit one."""
    return sum(1 + max(0, len(line) - 1) // width for line in lines)


def as_lines(text: str) -> str:
    """Python, coloured, each line a block of its own so that a long one is wrapped with more indent than it has."""
    made = highlight(text, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)).rstrip("\n")
    out, opened = [], []
    for line in made.split("\n"):
        begin = "".join(opened)
        for mark in MARKED.findall(line):
            if mark.startswith("<span"):
                opened.append(mark)
            elif mark == "</span>":
                opened.pop()
        indent = len(plain := html.unescape(re.sub(r"<[^>]+>", "", line))) - len(plain.lstrip(" "))
        within = f' style="--in: {indent}ch"' if indent else ""
        out.append(f'<span class="line"{within}>{begin}{line or " "}{"</span>" * len(opened)}</span>')
    return "".join(out)


def as_output(text: str) -> str:
    """Printed text, line by line."""
    return "".join(f'<span class="line">{html.escape(line) or " "}</span>' for line in text.split("\n"))


def colours(dark: bool = False) -> str:
    """The style sheet of the colours in `as_lines`."""
    return HtmlFormatter(style="a11y-dark" if dark else "a11y-high-contrast-light").get_style_defs("pre")
