"""What was found, in words for people: sentences and headings, for a terminal and for pages."""
