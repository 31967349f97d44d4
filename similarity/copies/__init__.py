"""Copies of works: vectors and hashes propose, pixels prove."""
