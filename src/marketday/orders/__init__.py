"""The mall's carts and orders."""
