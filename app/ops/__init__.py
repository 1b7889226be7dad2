"""Operating the program: health."""
