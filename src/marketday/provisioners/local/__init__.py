"""Makes an environment on this machine: its servers and services run as local processes."""
