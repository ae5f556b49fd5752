#!/usr/bin/env bash
# One would guess: a cell tagged raises-exception must raise: the tag is a claim, and nbval checks claims.
# What happens: the tag only allows an exception. A tagged cell that raises nothing, in a notebook that stores
#   no output, passes.
# Versions: nbval 0.11.0, ipython 9.18.1, ipykernel 7.4.0.
# Where it matters: lessons that show an error on purpose: when the error no longer comes, a notebook cleared
#   of outputs goes on passing.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check nbval==0.11.0 pytest==9.2.0 ipykernel==7.4.0 ipython==9.18.1 nbconvert==7.17.2
venv/bin/python - <<'PY'
from importlib.metadata import version

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

print("nbval", version("nbval"))
tagged = {"tags": ["raises-exception"]}
nbformat.write(new_notebook(cells=[new_code_cell("x = 1", metadata=tagged)]), "calm.ipynb")
nbformat.write(new_notebook(cells=[new_code_cell("1 / 0")]), "untagged.ipynb")
PY
# shellcheck source=/dev/null
source venv/bin/activate
for name in calm untagged; do
    if pytest -q -p no:cacheprovider --nbval "$name.ipynb" >"$name.txt" 2>&1; then result=passes; else result=fails; fi
    echo "$name: $result"
    case "$name $result" in
        "calm passes" | "untagged fails") ;;
        *) echo "CHANGED: $name.ipynb $result"; cat "$name.txt"; exit 1 ;;
    esac
done
