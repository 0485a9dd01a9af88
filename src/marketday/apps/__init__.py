"""Composition roots: the only place where services are connected with their adapters."""
