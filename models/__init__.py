"""Image views to features: encoders, heads and artefacts. The only door to OpenVINO and torch."""

from models.artefact.artefact import Artefact
from models.artefact.detector import DetectorArtefact
from models.artefact.manifest import DetectorManifest, Kind
from models.artefact.registry import Registry
from models.encoder.download import fetch
from models.encoder.features import Encoder, Features, Views
from models.encoder.load import (
    load_encoder,
    load_other_precisions,
    load_reference_encoder,
    measured_choice,
)
from models.encoder.precision import ON_CPU, ON_GPU, Choice, Precision
from models.encoder.spec import EncoderSpec
from models.encoder.stream import encode_stream
from models.tail import load_last_blocks

__all__ = [
    "ON_CPU",
    "ON_GPU",
    "Artefact",
    "Choice",
    "DetectorArtefact",
    "DetectorManifest",
    "Encoder",
    "EncoderSpec",
    "Features",
    "Kind",
    "Precision",
    "Registry",
    "Views",
    "encode_stream",
    "fetch",
    "load_encoder",
    "load_last_blocks",
    "load_other_precisions",
    "load_reference_encoder",
    "measured_choice",
]
