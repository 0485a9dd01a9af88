"""The load generator: an open crowd of shoppers, its own log of every answer, and the report that judges the day."""
