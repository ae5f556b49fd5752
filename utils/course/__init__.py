"""The build: from a percent source to an executed lesson and a learner's copy with blanks."""
