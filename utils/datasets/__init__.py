"""Data: generators of what ships, readers of standard formats, validation."""
