"""The build: from a percent source to an executed lesson and a learner's copy with blanks."""

import sys

# nbformat's import would build 39 grammars for addresses, 2 s of a core, which no notebook needs (findings/)
sys.modules.setdefault("rfc3987_syntax", None)
