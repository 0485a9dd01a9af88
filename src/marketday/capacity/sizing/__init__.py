"""How large an environment has to be for a forecast."""
