"""Manifest to artefact: data, the detector's and the similarity's heads, and their evaluation."""

from importlib.util import find_spec

from core.errors import MissingExtra

if not all(find_spec(package) for package in ("matplotlib", "scipy", "sklearn")):
    raise MissingExtra("training and evaluation need more packages: pip install 'rakkan[evaluate]'")
