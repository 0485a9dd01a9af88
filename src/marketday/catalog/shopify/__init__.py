"""Read product files that Shopify exports."""
