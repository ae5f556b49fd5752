"""What made the data that ships: seeded, and a test makes it again and compares. Nobody else needs them."""
