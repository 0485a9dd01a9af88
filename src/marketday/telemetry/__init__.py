"""Metrics: what every service counts, and what two scrapes of it say."""
