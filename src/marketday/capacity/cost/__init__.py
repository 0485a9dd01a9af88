"""What an environment costs: resources, prices, bills."""
