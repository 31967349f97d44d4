"""What is trained and published: one format, one registry, golden values."""
