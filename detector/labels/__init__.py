"""Labels that are written into files."""
