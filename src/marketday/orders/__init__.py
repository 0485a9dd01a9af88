"""Carts and orders of the mall: exact stock, and a payment that always comes to an end."""
