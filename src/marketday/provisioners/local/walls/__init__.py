"""The walls around one process: what the Linux kernel forbids it. Uses only the standard library, to start fast."""
