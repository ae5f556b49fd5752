"""Readers of the formats that people have, a file a family, and the validator over them."""
