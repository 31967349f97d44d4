"""Manifest, features, splits: what is learnt from."""
