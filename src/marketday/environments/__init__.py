"""The lifecycle of an event environment."""
