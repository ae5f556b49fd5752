"""The course's library: every piece of code that a lesson shows lives here, once."""
