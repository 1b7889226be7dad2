"""What the tools of the repository refuse."""
