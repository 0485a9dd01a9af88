"""Environments in the mall's PostgreSQL: recorded there, or mirrored from where they are recorded."""
