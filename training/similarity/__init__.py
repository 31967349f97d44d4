"""The heads of the search: manifest to artefact."""
