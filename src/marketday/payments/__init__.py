"""Payments: states, the port of a payment gateway, its client and the built-in sandbox."""
