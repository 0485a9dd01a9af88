"""Keeps the rooms of Valkey in PostgreSQL as well, and makes a room again that Valkey has lost."""
