"""What of the whole blog wants mending: orphans, broken links, duplicates, rivals, sentences that age."""
