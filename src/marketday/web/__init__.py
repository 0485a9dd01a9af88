"""Routes, templates and static files of every service."""
