"""Judgements as JSON, both ways.

The document has the shape of the service's answers: `image`, `ai`, `similarity`, `model`. What the
pixels say stands among the signals, as the last of them, under the name `pixels`. The JSON Schema
lies beside this file; `python -m evidence.document` writes it anew.

Within a version, parts may be added, never removed, and none changes its meaning.
"""

import json
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from evidence.ai import (
    AiEvidence,
    GeneratorFamily,
    Information,
    Novelty,
    Photo,
    PixelEvidence,
    Verdict,
    Withheld,
)
from evidence.errors import BadDocument, UnknownSchema
from evidence.judgement import ArtefactId, ImageFacts, Judgement, Provenance
from evidence.reasons import Reason
from evidence.signals import Claim, EvidenceKind, Signal
from evidence.similarity import SimilarityEvidence
from evidence.wording.filling import Value

SCHEMA: Literal[1] = 1
"""Version of the documents that are written and read."""

SCHEMA_FILE = Path(__file__).parent / f"judgement-{SCHEMA}.schema.json"
"""Their JSON Schema."""


class _Document(BaseModel):
    # Scores of creators who are not measured are minus infinity.
    model_config = ConfigDict(frozen=True, ser_json_inf_nan="strings", serialize_by_alias=True)


class SignalDocument(_Document):
    """A statement that was found; see `evidence.signals.Signal`."""

    name: str
    evidence: EvidenceKind
    claim: Claim
    code: str
    text: str
    values: tuple[tuple[str, Value], ...] = ()
    generator: str | None = None
    tool: str | None = None
    model: str | None = None
    prompt: str | None = None
    seed: str | None = None
    artists: tuple[str, ...] = ()

    @classmethod
    def of(cls, signal: Signal) -> "SignalDocument":
        """The document of a signal."""
        return cls(
            name=signal.reader,
            evidence=signal.kind,
            claim=signal.claim,
            code=signal.reason.code,
            text=signal.reason.text,
            values=signal.reason.values,
            generator=signal.generator,
            tool=signal.tool,
            model=signal.model,
            prompt=signal.prompt,
            seed=signal.seed,
            artists=signal.artists,
        )

    def record(self) -> Signal:
        """The signal of a document."""
        return Signal(
            reader=self.name,
            kind=self.evidence,
            claim=self.claim,
            reason=Reason(self.code, self.text, self.values),
            generator=self.generator,
            tool=self.tool,
            model=self.model,
            prompt=self.prompt,
            seed=self.seed,
            artists=self.artists,
        )


class PixelsDocument(_Document):
    """What the pixels alone say; see `evidence.ai.PixelEvidence`."""

    name: Literal["pixels"]
    evidence: Literal[EvidenceKind.INFERRED]
    probability: float
    score: float
    scored: Verdict
    verdict: Verdict
    withheld: tuple[Withheld, ...] = ()
    reasons: tuple[Reason, ...]
    information: Information
    novelty: Novelty | None = None
    photo: Photo | None = None
    stability: float | None = None
    hints: tuple[SignalDocument, ...] = ()

    @classmethod
    def of(cls, pixels: PixelEvidence) -> "PixelsDocument":
        """The document of what pixels say."""
        return cls(
            name="pixels",
            evidence=EvidenceKind.INFERRED,
            probability=pixels.probability,
            score=pixels.score,
            scored=pixels.scored,
            verdict=pixels.verdict,
            withheld=pixels.withheld,
            reasons=pixels.reasons,
            information=pixels.information,
            novelty=pixels.novelty,
            photo=pixels.photo,
            stability=pixels.stability,
            hints=tuple(map(SignalDocument.of, pixels.hints)),
        )

    def record(self) -> PixelEvidence:
        """What the pixels of a document say."""
        return PixelEvidence(
            score=self.score,
            probability=self.probability,
            scored=self.scored,
            verdict=self.verdict,
            withheld=self.withheld,
            reasons=self.reasons,
            information=self.information,
            novelty=self.novelty,
            photo=self.photo,
            stability=self.stability,
            hints=tuple(hint.record() for hint in self.hints),
        )


class AiDocument(_Document):
    """How an image was made; see `evidence.ai.AiEvidence`."""

    verdict: Verdict
    probability: float
    evidence: EvidenceKind
    generator: str | None = None
    family: GeneratorFamily
    stability: float | None = None
    signals: tuple[SignalDocument | PixelsDocument, ...]
    reasons: tuple[Reason, ...]

    @classmethod
    def of(cls, evidence: AiEvidence) -> "AiDocument":
        """The document of evidence."""
        return cls(
            verdict=evidence.verdict,
            probability=evidence.probability,
            evidence=evidence.evidence,
            generator=evidence.generator,
            family=evidence.family,
            stability=evidence.pixels.stability,
            signals=(
                *map(SignalDocument.of, evidence.signals),
                PixelsDocument.of(evidence.pixels),
            ),
            reasons=evidence.reasons,
        )

    def record(self) -> AiEvidence:
        """The evidence of a document.

        Raises:
            BadDocument: It does not say what the pixels say, exactly once.
        """
        pixels = [one for one in self.signals if isinstance(one, PixelsDocument)]
        if len(pixels) != 1:
            raise BadDocument("The judgement does not say what the pixels say, exactly once.")
        return AiEvidence(
            verdict=self.verdict,
            probability=self.probability,
            evidence=self.evidence,
            generator=self.generator,
            family=self.family,
            pixels=pixels[0].record(),
            reasons=self.reasons,
            signals=tuple(one.record() for one in self.signals if isinstance(one, SignalDocument)),
        )


class ModelDocument(_Document):
    """What a judgement was made by; see `evidence.judgement.Provenance`.

    Name and digest are the detector's.
    """

    name: str
    sha256: str
    encoder: str
    precision: str
    version: str
    readers: tuple[str, ...] = ()
    similarity: ArtefactId | None = None
    index: str | None = None
    policy: str | None = None

    @classmethod
    def of(cls, made_by: Provenance) -> "ModelDocument":
        """The document of a provenance."""
        return cls(
            name=made_by.detector.name,
            sha256=made_by.detector.sha256,
            encoder=made_by.encoder,
            precision=made_by.precision,
            version=made_by.version,
            readers=made_by.readers,
            similarity=made_by.similarity,
            index=made_by.index,
            policy=made_by.policy,
        )

    def record(self) -> Provenance:
        """The provenance of a document."""
        return Provenance(
            version=self.version,
            encoder=self.encoder,
            precision=self.precision,
            detector=ArtefactId(self.name, self.sha256),
            readers=self.readers,
            similarity=self.similarity,
            index=self.index,
            policy=self.policy,
        )


class JudgementDocument(_Document):
    """What is said of one image; see `evidence.judgement.Judgement`."""

    schema_: Literal[1] = Field(alias="schema")
    image: ImageFacts
    ai: AiDocument
    similarity: SimilarityEvidence | None = None
    model: ModelDocument

    @classmethod
    def of(cls, judgement: Judgement) -> "JudgementDocument":
        """The document of a judgement."""
        return cls(
            schema=SCHEMA,
            image=judgement.image,
            ai=AiDocument.of(judgement.ai),
            similarity=judgement.similarity,
            model=ModelDocument.of(judgement.made_by),
        )

    def record(self) -> Judgement:
        """The judgement of a document.

        Raises:
            BadDocument: It does not say what the pixels say, exactly once.
        """
        return Judgement(self.image, self.ai.record(), self.similarity, self.model.record())


class _SimilarityDocument(_Document):
    similarity: SimilarityEvidence


_JUDGEMENT = TypeAdapter(JudgementDocument)


def to_document(judgement: Judgement) -> dict[str, Any]:
    """A judgement as a JSON object with all its parts: what is not known is null."""
    # By way of the bytes, as Python's own numbers may be none of JSON.
    return _object(_JUDGEMENT.dump_json(JudgementDocument.of(judgement)))


def similarity_document(evidence: SimilarityEvidence) -> dict[str, Any]:
    """What a search found as a JSON object, as it stands in a judgement's."""
    found = _object(_SimilarityDocument(similarity=evidence).model_dump_json().encode())
    return cast(dict[str, Any], found["similarity"])


def dump_judgement(judgement: Judgement) -> bytes:
    """A judgement as JSON to be kept: on one line, without what is null or empty."""
    return _JUDGEMENT.dump_json(JudgementDocument.of(judgement), exclude_defaults=True)


def load_judgement(data: bytes | str) -> Judgement:
    """Read a judgement, however it was written.

    Raises:
        UnknownSchema: It has another version than `SCHEMA`.
        BadDocument: It is no judgement, or is damaged.
    """
    try:
        return _JUDGEMENT.validate_json(data).record()
    except ValidationError as error:
        version = _version(data)
        if version not in (None, SCHEMA):
            raise UnknownSchema(
                f"The judgement has the schema {version!r}, and schema {SCHEMA} is read: read it"
                " with the version of Rakkan that wrote it."
            ) from error
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise BadDocument(f"The document is no judgement: {place}: {first['msg']}.") from error


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the documents."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_JUDGEMENT.json_schema(mode="validation"),
    }


def _object(data: bytes) -> dict[str, Any]:
    return cast(dict[str, Any], json.loads(data))


def _version(data: bytes | str) -> object:
    """What a document says of its version; None where it says nothing."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return found.get("schema") if isinstance(found, dict) else None


def main() -> None:
    """Write the JSON Schema."""
    SCHEMA_FILE.write_text(json.dumps(json_schema(), indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
