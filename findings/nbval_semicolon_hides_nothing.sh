#!/usr/bin/env bash
# One would guess: a trailing ';' hides a cell's value when the notebook is checked, as it did when it was
#   run.
# What happens: nbval asks the kernel with store_history off, and IPython's ';' looks at the history. The
#   value comes back, and a notebook that Jupyter itself ran a moment ago fails with 'Unexpected output
#   fields'.
# Versions: nbval 0.11.0, ipython 9.18.1, ipykernel 7.4.0, nbconvert 7.17.2.
# Where it matters: 'plt.plot(x);' and every other quiet last line in a notebook under test.
set -euo pipefail
unset PYTHONPATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check nbval==0.11.0 pytest==9.2.0 ipykernel==7.4.0 \
    ipython==9.18.1 nbconvert==7.17.2
venv/bin/python - <<'PY'
from importlib.metadata import version

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

print("nbval", version("nbval"), "ipython", version("ipython"))
nbformat.write(new_notebook(cells=[new_code_cell("1 + 1;")]), "quiet.ipynb")
PY
# shellcheck source=/dev/null
source venv/bin/activate
export HOME="$tmp"
jupyter nbconvert --log-level ERROR --to notebook --execute --inplace quiet.ipynb
python -c "
import nbformat
outputs = nbformat.read('quiet.ipynb', 4).cells[0].outputs
print('outputs that nbconvert stored:', outputs)
if outputs: raise SystemExit('CHANGED: nbconvert stores the value')"
if pytest -q -p no:cacheprovider --nbval quiet.ipynb >report.txt 2>&1; then
    echo "CHANGED: nbval accepts the quiet cell"
    exit 1
fi
grep "Unexpected output fields" report.txt || { echo "CHANGED: nbval fails otherwise"; cat report.txt; exit 1; }
