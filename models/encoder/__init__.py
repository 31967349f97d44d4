"""Views to features: weights, precisions, engines."""
