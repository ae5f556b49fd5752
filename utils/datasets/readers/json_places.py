"""What `json` itself does not say of a file: in which line something stands, and which key an object has twice.

No framework.
"""

import gzip
import json
import re
from bisect import bisect_right
from pathlib import Path

ID = {"id", "question_id", "qid", "guid", "query_id", "_id"}  # keys under which a question has its name
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')


class Places:
    """The lines of a SQuAD file's parts.

    Attributes:
        paths: such as "data[0].paragraphs[2].qas[1]" -> the line in which that object begins.
        ids: a question's id -> the lines of the objects that have it, in order.
    """

    def __init__(self, path: Path):
        content = Path(path).read_bytes()
        content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        self.paths, self.ids = places(content.decode("utf-8-sig"))

    def line(self, name: str, again: bool = False) -> int:
        """The line of a place or of a question's id, the second one where it is there `again`; 0 where unknown."""
        if name in self.paths:
            return self.paths[name]
        lines = self.ids.get(name, [0])
        return lines[min(again, len(lines) - 1)]


def places(text: str) -> tuple[dict[str, int], dict[str, list[int]]]:
    """See `Places`."""
    ends = [found.start() for found in re.finditer("\n", text)]
    paths, ids, stack = {}, {}, []  # the stack: [path, "{" or "[", key or number, line]
    key, before = None, ""
    for found in TOKEN.finditer(text):
        token = found[0]
        if token in "{[":
            path = ""
            if stack:
                top = stack[-1]
                path = f"{top[0]}[{top[2]}]" if top[1] == "[" else f"{top[0]}.{key}".removeprefix(".")
            line = bisect_right(ends, found.start()) + 1
            paths[path] = line
            stack.append([path, token, 0, line])
        elif token in "}]":
            if stack:
                stack.pop()
        elif token == "," and stack:
            stack[-1][2] += 1
        elif before == ":" and key in ID and stack:
            ids.setdefault(token.strip('"'), []).append(stack[-1][3])
        elif token[0] == '"' and stack and stack[-1][1] == "{" and before in "{,":
            key = token[1:-1]
        before = token
    return paths, ids


def twice(text: str) -> str:
    """What is to be said of an object that has a key twice, of which `json` keeps the last alone; "" where none has.

    Args:
        text: JSON that can be read, a comma behind it or none.
    """
    found = []

    def look(pairs: list) -> None:
        names = [name for name, _ in pairs]
        if len({*names}) < len(names):
            name = next((value for key, value in pairs if key in ID and isinstance(value, (str, int))), "")
            found.append((next(one for one in names if names.count(one) > 1), name))

    json.loads(text.strip().removesuffix(","), object_pairs_hook=look)
    if not found:
        return ""
    key, name = found[0]
    where = f" ({name})" if name != "" else ""
    return f'the key "{key}" stands twice in one object{where}, and the last alone would count'
