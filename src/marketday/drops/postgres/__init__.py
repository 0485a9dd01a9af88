"""Drops in PostgreSQL: the store of the drop database, and what comes into it from the mall's."""
