"""What models cost: reserved before each call, held under caps, kept after it, added up."""
