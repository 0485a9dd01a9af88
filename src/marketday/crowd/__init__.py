"""The load generator: a crowd of shoppers, its own log of every answer, and the report with checks of the day."""
