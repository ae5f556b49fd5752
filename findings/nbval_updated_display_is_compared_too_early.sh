#!/usr/bin/env bash
# One would guess: a display that is updated is compared in its last state, the only one that the notebook
#   stores.
# What happens: nbval passes over the update ('unhandled iopub msg') and compares the first state with the
#   stored last one. The notebook that was run a moment ago fails.
# Versions: nbval 0.11.0, ipython 9.18.1, ipykernel 7.4.0, nbconvert 7.17.2.
# Where it matters: progress displays: any cell with display(..., display_id=True) and update.
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

print("nbval", version("nbval"), "ipykernel", version("ipykernel"))
cell = new_code_cell("shown = display('epoch 1', display_id=True)\nshown.update('epoch 2')")
nbformat.write(new_notebook(cells=[cell]), "progress.ipynb")
PY
# shellcheck source=/dev/null
source venv/bin/activate
jupyter nbconvert --log-level ERROR --to notebook --execute --inplace progress.ipynb
python -c "
import nbformat
outputs = nbformat.read('progress.ipynb', 4).cells[0].outputs
print('stored:', [output.data['text/plain'] for output in outputs])
if len(outputs) != 1: raise SystemExit('CHANGED: more than the last state is stored')"
if pytest -q -p no:cacheprovider --nbval progress.ipynb >report.txt 2>&1; then
    echo "CHANGED: nbval accepts the updated display"
    exit 1
fi
grep "'epoch 2'\" == \"'epoch 1'" report.txt || { echo "CHANGED: nbval fails otherwise"; cat report.txt; exit 1; }
