"""How many people come, and which requests they make."""
