"""The mall's products: what is on sale, and how it gets in from a shop system's export."""
