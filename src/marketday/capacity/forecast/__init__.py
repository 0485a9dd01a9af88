"""How many people come, and what they ask for."""
