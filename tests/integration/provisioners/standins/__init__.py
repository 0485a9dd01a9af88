"""Stand-ins of the services, for tests of what starts and watches them: each answers that it is ready."""
