"""A code cell as it is shown to a class: what matters of it, in pieces that fit a slide."""

import ast
import html
import re

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

SETTING_UP = re.compile(r"^setup\(|^sys\.path", flags=re.MULTILINE)
CHECKING = re.compile(r"^(\w+ = )?check\(.*\)$|^hint\(.*\)$|^progress\(.*\)$")
TOOLS = re.compile(r"[ \t]*# (?:fmt: \w+|noqa\b.*)$", flags=re.MULTILINE)  # what is said to a formatter
MARKED = re.compile(r"<span[^>]*>|</span>|[^<]+")


def what_matters(text: str, whole: bool = False) -> str:
    """A cell without what a class need not read: imports, assertions, and all of a docstring but its first line.

    Assertions stay where nothing else is left, and within functions.

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
    text = TOOLS.sub("", text)
    imports, claims = _imports(tree), _claims(tree.body)
    if len(imports) + sum(n in claims for n in tree.body) == len(tree.body):
        return with_claims(text)
    return _without(text, _lines_of(imports + claims) | _long_docstrings(tree))


def with_claims(text: str) -> str:
    """A cell that only claims, its imports left out."""
    return _without(TOOLS.sub("", text), _lines_of(_imports(ast.parse(text))))


def _imports(tree: ast.Module) -> list[ast.stmt]:
    return [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom) or "sys.path" in ast.unparse(n)]


def _claims(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements that only assert, loops and branches around nothing else with them."""
    made = []
    for node in body:
        if isinstance(node, ast.Assert):
            made.append(node)
        elif isinstance(node, ast.For | ast.While | ast.If | ast.With):
            parts = [node.body, getattr(node, "orelse", [])]
            found = [_claims(part) for part in parts]
            if all(len(claims) == len(part) for claims, part in zip(found, parts, strict=True)):
                made.append(node)
            else:  # no branch is left without a line
                made += [n for some, part in zip(found, parts, strict=True) if len(some) < len(part) for n in some]
    return made


def is_setting_up(text: str) -> bool:
    """Whether a cell only starts a lesson."""
    return bool(SETTING_UP.search(text))


def is_checking(text: str) -> bool:
    """Whether a cell only has a learner's answer checked."""
    lines = what_matters(text).splitlines()
    return bool(lines) and all(CHECKING.match(line) for line in lines)


def is_claiming(text: str, used: frozenset[str] = frozenset()) -> bool:
    """Whether a cell only asserts, imports aside, and names that nothing but its assertions needs.

    Args:
        text: the cell's source.
        used: names that later cells use.
    """
    try:
        body = [n for n in ast.parse(text).body if not isinstance(n, ast.Import | ast.ImportFrom)]
    except SyntaxError:
        return False  # Jupyter's own lines
    claims = _claims(body)
    rest = [n for n in body if n not in claims]
    return bool(claims) and all(isinstance(n, ast.Assign) and not names(n.targets, ast.Store) & used for n in rest)


def needed(text: str, later: frozenset[str] = frozenset()) -> frozenset[str]:
    """The names that a cell needs from before it, where those behind it need `later`."""
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return later  # Jupyter's own lines
    for node in reversed(body):
        made = names(node.targets, ast.Store) if isinstance(node, ast.Assign) else set()
        later = frozenset((later - made) | names([node]))
    return later


def names(nodes: list[ast.AST], use: type[ast.expr_context] = ast.Load) -> set[str]:
    """The names that are used in some nodes, or made in them with `ast.Store`."""
    return {n.id for node in nodes for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, use)}


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
    text = TOOLS.sub("", text)
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


def pieces(text: str, most: int, width: int, first: int | None = None) -> list[str]:
    """A cell cut into few pieces of at most so many lines, of about one length, where possible between statements.

    Args:
        text: the code.
        most: lines of a piece, a line longer than `width` counted as the lines it is wrapped into.
        width: characters that fit one line.
        first: lines of the first piece; None for as many.
    """
    lines = text.splitlines()
    tall = [height([line], width) for line in lines]
    best = [(0.0, 0)]  # of the first n lines: what the best way to cut them costs, and where its last piece begins
    for end in range(1, len(lines) + 1):
        ways, used = [], 0
        for start in range(end - 1, -1, -1):
            used += tall[start]
            limit = (first or most) if start == 0 else most
            if used > limit and start < end - 1:
                break
            ways.append((best[start][0] + 1 + 0.5 * (used / limit) ** 2 + _cost(lines, start), start))
        best.append(min(ways))
    made, end = [], len(lines)
    while end:
        start = best[end][1]
        made.insert(0, "\n".join(lines[start:end]).strip("\n"))
        end = start
    return [piece for piece in made if piece]


def _cost(lines: list[str], cut: int) -> float:
    """How bad it is to cut before line `cut`: little at a blank line or one without indent, much within a statement."""
    following = next((line for line in lines[cut:] if line.strip()), "")
    before = lines[cut - 1].strip() if cut else ""
    indent = len(following) - len(following.lstrip())
    blank = cut == 0 or not before or not lines[cut].strip()
    closing = following.strip().startswith((")", "]", "}", "else:", "elif ", "except", "finally:"))
    opening = before.endswith((":", "(", "[", "{", ",")) or before.startswith(("#", "@"))
    return indent / 20 - 0.5 * blank + closing + opening


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
