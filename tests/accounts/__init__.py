"""People, roles, keys."""
