"""The drawings of the example catalogue: stages in the colours of a brand, and containers to stand on them."""
