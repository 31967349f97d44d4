"""The root of all errors that are told to a person.

    RakkanError
    ├── EvidenceError       evidence.errors     a judgement that cannot be read
    ├── DatabasesError      databases.errors    a database that has no address
    ├── StorageError        storage.errors      records that cannot be read or written
    ├── ModerationError     moderation.errors   an act that cannot be done
    ├── ImagingError        imaging.errors      an image that cannot be used
    ├── ModelsError         models.errors       an encoder or artefact that cannot be used
    ├── DetectorError       detector.errors     a label that cannot be written or signed
    ├── SimilarityError     similarity.errors   an index that cannot be used
    ├── LabellingError      labelling.errors    a policy or decision that cannot be used
    ├── TrainingError       training.errors     training or evaluation that cannot go on
    ├── SettingsError       serving.errors      a setting whose value cannot be
    ├── SourceError         serving.errors      one file that cannot be read
    ├── Overloaded          serving.errors      an upload that cannot be accepted now
    ├── RequestError        api.errors          a request that cannot be answered
    ├── ClientError         client.errors       a service that did not do what was asked for
    ├── ScanError           scan.errors         a scan that cannot be done
    ├── BenchmarkError      benchmarks.errors   something that cannot be measured
    └── MissingExtra        core.errors         a package of an optional extra is not installed

A code, once published, never changes its meaning. `tests/test_errors.py` holds this page, and that
no two errors share a code.
"""

from typing import ClassVar


class RakkanError(Exception):
    """Something that cannot be done. `str(error)` is one plain line for a person.

    Attributes:
        code: Stable name of what is wrong, for programs.
    """

    code: ClassVar[str] = "rakkan"


class MissingExtra(RakkanError):
    """A package of an optional extra is not installed."""

    code = "missing_extra"
