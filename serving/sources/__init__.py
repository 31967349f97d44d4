"""Files, folders and archives to items that can be read."""
