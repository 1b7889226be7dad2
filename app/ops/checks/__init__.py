"""Checks of one instance and its fleet: each looks at one thing and says what it found."""
