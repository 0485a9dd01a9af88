"""The report of a day: gathered from the crowd's own journals and the databases, judged by pure functions."""
