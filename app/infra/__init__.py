"""The outside world behind small Protocols: database, network, models, durable work."""
