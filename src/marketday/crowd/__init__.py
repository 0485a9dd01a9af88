"""The load generator: shoppers, arrival curves, their log and the report."""
