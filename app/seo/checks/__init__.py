"""The checks by group; each is a small pure function of the page."""
