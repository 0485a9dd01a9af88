"""In-memory stores, a fake clock, a fake provisioner: imported only by tests."""
