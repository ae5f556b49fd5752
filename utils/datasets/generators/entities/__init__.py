"""Sentences and short CVs with named entities: a lexicon, templates, and what fills them in (`sentences`)."""
