"""Payments: their states, the payment gateway's port and client, and the built-in sandbox gateway."""
