"""Image views to features: encoders, heads and artefacts. The only door to OpenVINO and torch."""

from models.artefact import Artefact, Manifest, load_artefact
from models.choice import Choice
from models.download import fetch
from models.features import Encoder, Features, Views
from models.load import load_encoder, load_reference_encoder, measured_choice
from models.precision import Precision
from models.registry import Registry
from models.stream import encode_stream

__all__ = [
    "Artefact",
    "Choice",
    "Encoder",
    "Features",
    "Manifest",
    "Precision",
    "Registry",
    "Views",
    "encode_stream",
    "fetch",
    "load_artefact",
    "load_encoder",
    "load_reference_encoder",
    "measured_choice",
]
