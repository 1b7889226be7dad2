"""What the doors share: who asks, sessions, guards, pages, problems."""
