"""A drop's definition, stock and reservations."""
