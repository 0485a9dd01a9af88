"""The waiting room's pages and API."""
