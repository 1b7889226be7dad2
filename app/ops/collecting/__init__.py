"""Log lines of a whole fleet: how they come to one place, and how one request's are found there."""
