"""Product files as Shopify exports them."""
