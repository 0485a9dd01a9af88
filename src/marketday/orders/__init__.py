"""Carts and orders of the mall. Stock is exact, and every payment is finished."""
