"""What can go wrong with an index of creators' works."""

from core.errors import RakkanError


class SimilarityError(RakkanError):
    """Base of all errors of this package.

    Attributes:
        code: Stable name of the error, for programs.
    """

    code = "similarity"


class IndexDiffers(SimilarityError):
    """The index was made with another encoder or other heads."""

    code = "index_differs"


class IndexNotFound(SimilarityError):
    """There is no index at that place."""

    code = "index_not_found"


class BrokenIndex(SimilarityError):
    """A file of the index is missing, damaged, or not the one that it should be."""

    code = "broken_index"


class IndexBusy(SimilarityError):
    """Another process is changing the index."""

    code = "index_busy"


class IndexOutdated(SimilarityError):
    """The tables of the index are of another revision than this version of rakkan works with."""

    code = "index_outdated"


class IndexReadOnly(SimilarityError):
    """The index was opened for reading alone."""

    code = "index_read_only"


class StateEnded(SimilarityError):
    """Works were taken out of the index, so that the state that was searched is no more."""

    code = "state_ended"


class CreatorNotFound(SimilarityError):
    """No creator of that name is enrolled."""

    code = "creator_not_found"


class WorkNotFound(SimilarityError):
    """There is no such work."""

    code = "work_not_found"


class WorksNotDescribed(SimilarityError):
    """Works of the index are not described by the heads that it shall go on with."""

    code = "works_not_described"


class NotInAFolder(SimilarityError):
    """The index lies in a database, where this cannot be done."""

    code = "not_in_a_folder"


class BadName(SimilarityError):
    """A creator, account or work has a name that cannot be kept."""

    code = "bad_name"


class BadWithdrawals(SimilarityError):
    """What should be a list of withdrawals is none."""

    code = "bad_withdrawals"
