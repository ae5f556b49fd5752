"""French sentences with their English: a lexicon, a grammar over it, and the pairs that ship (`pairs`)."""

from utils.datasets.generators.french_english.pairs import load

__all__ = ["load"]
