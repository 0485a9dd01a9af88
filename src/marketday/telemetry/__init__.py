"""Metrics: what every service counts, and the rates between two scrapes."""
