"""Entries, the draw, admissions and their tokens."""
