"""Grades a class: answers run behind walls, the comparison happens outside. `python -m utils.course grade --help`.

`collect` finds the notebooks and the answers in them, `walls` builds what a box may hold, `sealed` runs inside it,
`box` speaks with it, `marking` turns an answer into marks, `gradebook` keeps them, `pages` and `exports` show them.
"""
