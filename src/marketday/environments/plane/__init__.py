"""What the lifecycle does on an environment's own servers: its PostgreSQL, its Valkey, and its edge."""
