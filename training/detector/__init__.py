"""The detector: manifest to artefact."""
