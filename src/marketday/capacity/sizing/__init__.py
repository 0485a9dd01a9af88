"""The size that an environment needs for a forecast."""
