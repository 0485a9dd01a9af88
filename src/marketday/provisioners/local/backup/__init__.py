"""Backup and restore of one machine: base backups, archived WAL, files and keys, and the check of each by a restore."""
