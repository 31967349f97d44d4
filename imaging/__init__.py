"""Bytes to `DecodedImage`: the only door to image codecs."""
