"""What articles are made of: fetched pages, files and notes, kept as immutable snapshots."""
