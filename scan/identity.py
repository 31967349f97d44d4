"""What the rows of a scan depend on."""

from core.text import valid
from serving.judge import Judge
from serving.sources.source import Source


def identity(source: Source, judge: Judge, account: str | None) -> dict[str, str]:
    """What the rows of a scan depend on, by name: a resumed scan has the same.

    So have all machines that take part in one.

    Args:
        source: What is scanned.
        judge: Judges the images.
        account: Whose uploads they are.
    """
    made = judge.made_by
    detector, similarity = made.detector, made.similarity
    return {
        "version": made.version,
        "model": f"{detector.name} {detector.sha256}",
        "encoder": made.encoder,
        "precision": made.precision,
        "limits": ", ".join(f"{name} {value}" for name, value in vars(judge.limits).items()),
        "readers": ", ".join(made.readers),
        "index": judge.index or "none",
        "similarity model": f"{similarity.name} {similarity.sha256}" if similarity else "none",
        "account": valid(account or "none"),
        "paths": source.name,
    }
