"""What `make demo` shows: an archive, creators and certificates that are made on the spot."""
