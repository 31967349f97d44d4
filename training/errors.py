"""The tree of things that can be wrong with training, each with a stable code."""

from core.errors import RakkanError


class TrainingError(RakkanError):
    """Training or evaluation that cannot go on. `str(error)` is one plain line for a person."""

    code = "training"


class ManifestError(TrainingError):
    """The manifest cannot be read, or a row of it is not valid."""

    code = "manifest"


class LeakageError(TrainingError):
    """The same work would stand on both sides of a split."""

    code = "leakage"


class TooFewImages(TrainingError):
    """There are not enough images, sources or creators to train on or to judge by."""

    code = "too_few_images"


class LabelsError(TrainingError):
    """A file of labels cannot be read, or a row of it is not valid."""

    code = "labels"


class AutomaticLabel(LabelsError):
    """A label is a model's own answer: these are never learnt from."""

    code = "automatic_label"


class MissingFiles(TrainingError):
    """Images that rows name are not there."""

    code = "missing_files"


class ContradictoryLabels(TrainingError):
    """The same image is called both `ai` and `human`."""

    code = "contradictory_labels"
