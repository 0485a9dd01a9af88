"""The drop store's pages and API."""
