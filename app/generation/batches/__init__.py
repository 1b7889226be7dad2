"""Batches: a table of many articles to be written, looked over first, then fed into the queue."""
