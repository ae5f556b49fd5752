#!/usr/bin/env bash
# One would guess: `import nbformat` is quick, and which other packages are installed does not matter: it
#   validates with fastjsonschema, and asks for no format of a string.
# What happens: jsonschema, which it imports all the same, imports rfc3987_syntax where that is installed,
#   and that builds 39 grammars with lark while it is imported. Nine tenths of the import's time go there,
#   2 s of a core, before one notebook is read.
# Versions: nbformat 5.11.1, jsonschema 4.26.0, rfc3987-syntax 1.1.0, lark 1.3.1.
# Where it matters: JupyterLab brings rfc3987-syntax in (jupyter-events asks for
#   jsonschema[format-nongpl]), so each start of nbconvert, nbval, nbgrader or a server pays.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check nbformat==5.11.1 jsonschema==4.26.0 rfc3987-syntax==1.1.0 \
    lark==1.3.1
cat >imported.py <<'PY'
import sys
import time

import lark

if sys.argv[1] == "without":
    sys.modules["rfc3987_syntax"] = None  # as if it were not installed
built, begin = [], lark.Lark.__init__
lark.Lark.__init__ = lambda self, *args, **options: (built.append(self), begin(self, *args, **options))[1]
start = time.process_time()
import nbformat  # noqa: E402

print(f"{sys.argv[1]} rfc3987_syntax: {len(built)} grammars, {time.process_time() - start:.2f} s of a core")
if len(built) != int(sys.argv[2]):
    raise SystemExit(f"CHANGED: {sys.argv[2]} grammars were expected")
PY
venv/bin/python -c "
from importlib.metadata import version
print(*(f'{name} {version(name)}' for name in ('nbformat', 'jsonschema', 'rfc3987-syntax', 'lark')))"
venv/bin/python imported.py with 39
venv/bin/python imported.py without 0
