"""The walls around one process: what the Linux kernel keeps it from. Of the standard library alone: it starts fast."""
