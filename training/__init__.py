"""Manifest to artefact: data, the detector's and the similarity's heads, and their evaluation."""

from core.extras import require_extra

require_extra("evaluate", "training or evaluation", "matplotlib", "scipy", "sklearn")
