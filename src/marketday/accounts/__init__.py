"""People, sessions and identity tokens."""
