"""The hand-back in PostgreSQL: the link to the drop's database, the staging schema in the mall's, and the promotion."""
