"""What every article is about, in tables that can be asked for the articles near another."""
