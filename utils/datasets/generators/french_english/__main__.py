"""`python -m utils.datasets.generators.french_english` writes the three files of data/french_english anew."""

import sys

from utils.datasets.generators.french_english.pairs import main

sys.exit(main())
