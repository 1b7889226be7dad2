"""Articles: revisions, states, addresses, and the pages readers see."""
