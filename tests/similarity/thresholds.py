"""When a work counts as copied, as the shipped model has it."""

from models.artefact.artefact import open_artefact
from models.artefact.manifest import SimilarityManifest
from models.artefact.registry import SHIPPED

COPIES = open_artefact(SHIPPED / "similarity-v3-int8", SimilarityManifest).manifest.copies
