"""The crowd's HTTP: `wire` and `connection` are the cheap client of its people, `setup` is what happens once a day."""
