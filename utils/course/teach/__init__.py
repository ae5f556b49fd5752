"""What a class is taught with, made from the built lessons: a deck of slides for each, and a site of all.

Nothing is run again: text, code and figures are those of the notebooks. `slides` writes the decks, `site` the pages;
`guide` finds the teacher's pages in `notebooks/teaching/`, `text` turns Markdown and TeX into HTML.
"""
