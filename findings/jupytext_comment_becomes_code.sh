#!/usr/bin/env bash
# One would guess: a Python comment in a percent script is a comment in the notebook.
# What happens: a comment whose first word is also a shell command (cat, cd, cp, mv, rm, ls, echo, copy ...)
#   is taken for an escaped magic: the '#' goes, and the rest is code. 'copy the weights first' is then a
#   syntax error.
# Versions: jupytext 1.19.6. '# %%' format and light format alike.
# Where it matters: lessons kept as scripts: '# copy the weights first', '# cat and dog share a row', '# echo
#   the input'.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check jupytext==1.19.6
venv/bin/python - <<'PY'
import ast
from importlib.metadata import version

import jupytext


def still(true, what):
    if not true:
        raise SystemExit(f"CHANGED: {what}")


print("jupytext", version("jupytext"))
for comment, kept in [("# copy the weights first", False), ("# cat and dog share a row", False),
                      ("# echo the input", False), ("# move the weights first", True)]:
    script = f"# %%\n{comment}\nx = 1\n"
    still(ast.dump(ast.parse(script)) == ast.dump(ast.parse("x = 1")), "the script itself is not plain Python")
    source = jupytext.reads(script, fmt="py:percent").cells[0].source
    print(f"{comment!r} -> {source!r}")
    still(source == (comment if kept else comment[2:]) + "\nx = 1", f"{comment!r} gives {source!r}")
PY
