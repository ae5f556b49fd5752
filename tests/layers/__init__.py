"""Tests of the layers: run once on each backend (test_backends starts the other two)."""
