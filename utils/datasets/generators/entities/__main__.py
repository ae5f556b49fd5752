"""`python -m utils.datasets.generators.entities` writes the files of data/entities anew."""

import sys

from utils.datasets.generators.entities.sentences import write

sys.exit(write())
