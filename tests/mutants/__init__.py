"""Wrong answers as learners write them, one module a lesson: each must be rejected with its own diagnosis."""
