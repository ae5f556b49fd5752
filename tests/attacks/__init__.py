"""Submissions that try to cheat, to read, to harm or to outlast. Each has an honest twin: they must get the same.

Every attempt is harmless in itself: where walls held, it did nothing; where they did not, a test fails.
"""
