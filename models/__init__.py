"""Image views to features: encoders, heads and artefacts. The only door to OpenVINO and torch."""
