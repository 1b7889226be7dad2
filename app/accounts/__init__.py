"""People, their roles, their keys, how they sign in, and what they changed."""
