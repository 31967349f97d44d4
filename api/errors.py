"""The tree of what is wrong with a request, each with a stable code."""

from core.errors import RakkanError


class RequestError(RakkanError):
    """A request that cannot be answered. `str(error)` is one plain line for a person."""

    code = "request"


class KeyMissing(RequestError):
    """No key was shown, or one that is not in use."""

    code = "key_missing"


class ScopeMissing(RequestError):
    """The key may not be used for this."""

    code = "scope_missing"


class BadForm(RequestError):
    """The body is no form that can be read, or lacks a field."""

    code = "bad_form"


class UploadTooLarge(RequestError):
    """The body is longer than may be."""

    code = "upload_too_large"


class UploadTooSlow(RequestError):
    """The body did not come within the time that a client has for it."""

    code = "upload_too_slow"


class TooFast(RequestError):
    """The key asks more often than it may.

    Attributes:
        retry_after: Seconds after which it may ask again.
    """

    code = "too_fast"

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NoIndex(RequestError):
    """The service searches no index, so that nobody is enrolled."""

    code = "no_index"


class NoModels(RequestError):
    """The service knows no folder of models."""

    code = "no_models"


class NoPages(RequestError):
    """The service has no public pages."""

    code = "no_public_pages"


class InWork(RequestError):
    """An earlier request with the same idempotency key is not answered yet."""

    code = "in_work"


class NotSignedIn(RequestError):
    """Nobody is signed in, or no longer."""

    code = "not_signed_in"


class WrongForm(RequestError):
    """A form that is not of this session: another site may have sent it."""

    code = "wrong_form"


class RoleMissing(RequestError):
    """The person's role does not let them do this."""

    code = "role_missing"


class OpenIdFailed(RequestError):
    """The service by which people sign in does not answer, or did not vouch for this browser."""

    code = "openid_failed"
