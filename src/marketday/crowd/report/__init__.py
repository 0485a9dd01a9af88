"""The report of a day: evidence from the crowd's journals and the databases, checked by pure functions."""
