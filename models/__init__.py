"""Image views to features: encoders, heads and artefacts. The only door to OpenVINO and torch."""

from models.artefact.artefact import Artefact, Manifest, load_artefact
from models.artefact.registry import Registry
from models.encoder.choice import Choice
from models.encoder.download import fetch
from models.encoder.features import Encoder, Features, Views
from models.encoder.load import load_encoder, load_reference_encoder, measured_choice
from models.encoder.precision import Precision
from models.encoder.stream import encode_stream

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
