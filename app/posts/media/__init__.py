"""Files that people upload for their articles: kept once each, named by their content."""
