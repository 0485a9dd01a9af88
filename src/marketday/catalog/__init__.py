"""The mall's products."""
