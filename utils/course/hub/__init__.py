"""A server for one class: JupyterHub, each learner shut in with their own copies, one page for the teacher.

`learners` reads who is in the class, `copies` keeps their exercises up to date, `walls` starts a learner's server,
`config` tells JupyterHub all that, `page` is what learners and teacher see beside their notebooks, `run` keeps the
parts alive. `python -m utils.course hub CLASS` starts it.
"""
