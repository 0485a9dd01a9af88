"""Game days: something breaks on purpose while a market day is played, and the page says whether a hypothesis held."""
