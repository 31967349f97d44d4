"""Recorded decisions to what should be looked at: drift, and images to be labelled next."""
