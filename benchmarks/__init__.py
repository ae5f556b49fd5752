"""Side-by-side measurements, and the commands behind every stored experiment."""
