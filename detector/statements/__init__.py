"""What a file and its uploader say, gathered and compared."""
