"""The crowd's HTTP: `wire` is the cheap client of its people, `setup` is what happens once a day."""
