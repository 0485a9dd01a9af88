"""Pages and JSON API of the mall."""
