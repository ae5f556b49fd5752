"""Data: `readers` of the formats that people have, `generators` of what ships with the course."""
