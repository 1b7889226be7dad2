"""What the doors share: units of work, problems, tokens."""
