"""Right answers written in unusual ways, one module a lesson: each must be accepted in full."""
