"""The cost of an environment: resources, prices, bills."""
