"""The report page of a game day."""
