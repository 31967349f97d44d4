"""An archive of images to a table and a report."""
