"""Those who turn facts into sections, behind one Protocol."""

from app.generation.writers.port import Writer as Writer
