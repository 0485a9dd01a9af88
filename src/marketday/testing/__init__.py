"""In-memory stores, a fake clock, a fake provisioner: imported by tests alone."""
