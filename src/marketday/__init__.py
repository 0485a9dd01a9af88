"""Marketday opens an online store for one day."""

__version__ = "0.1.0"
