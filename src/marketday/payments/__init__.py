"""Payments and the gateway that carries them out."""
