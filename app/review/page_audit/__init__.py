"""The audit of a published page: its answer, its head, its data and the files beside it."""
