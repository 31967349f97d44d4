"""What a file carries besides its pixels: EXIF, IPTC, XMP, texts."""
