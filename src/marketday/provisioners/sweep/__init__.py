"""Looks for what is left of an environment in AWS after it was destroyed."""
