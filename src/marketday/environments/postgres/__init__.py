"""Environments in the mall's PostgreSQL: recorded there, or mirrored from the place where they are recorded."""
