"""What models cost: reserved before each call, kept after it, held under caps, shown by day, person and model."""
