"""The mall's products, and their import from a shop system's export."""
