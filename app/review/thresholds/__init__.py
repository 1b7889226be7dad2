"""A site's own thresholds, kept in the database: one state for the whole fleet, with its history."""
