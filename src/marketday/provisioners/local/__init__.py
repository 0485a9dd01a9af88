"""Provisioner by processes on this machine."""
