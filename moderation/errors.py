"""The tree of acts that cannot be done, each with a stable code."""

from datetime import timedelta

from core.errors import RakkanError


class ModerationError(RakkanError):
    """An act that cannot be done. `str(error)` is one plain line for a person."""

    code = "moderation"


class KeyReused(ModerationError):
    """An idempotency key was used before, for another act."""

    code = "key_reused"


class OwnCase(ModerationError):
    """Somebody would decide about their own upload."""

    code = "own_case"


class SameModerator(ModerationError):
    """Somebody else must look at it: this moderator had a part in it before."""

    code = "same_moderator"


class SeniorNeeded(ModerationError):
    """Only a senior moderator may do this."""

    code = "senior_needed"


class AlreadyClaimed(ModerationError):
    """Another moderator looks at it."""

    code = "already_claimed"


class NotClaimed(ModerationError):
    """Whoever answers does not hold it: it was never claimed, or the claim has expired."""

    code = "not_claimed"


class AlreadyAnswered(ModerationError):
    """It is answered already."""

    code = "already_answered"


class NotAChoice(ModerationError):
    """The policy's rows do not let this follow."""

    code = "not_a_choice"


class FindingMissing(ModerationError):
    """An answer about a label does not say how the image was made."""

    code = "finding_missing"


class ReasonMissing(ModerationError):
    """An answer says no reason."""

    code = "reason_missing"


class NothingToAppeal(ModerationError):
    """Nothing was done by this decision, or it was taken back already."""

    code = "nothing_to_appeal"


class NotTheUploader(ModerationError):
    """Only the uploader can object to a decision."""

    code = "not_the_uploader"


class AlreadyAppealed(ModerationError):
    """An objection to this decision was made before."""

    code = "already_appealed"


class AppealTooLate(ModerationError):
    """The days within which the policy lets people object are over."""

    code = "appeal_too_late"


class BadEvidence(ModerationError):
    """What is handed in with an appeal is not named by digests."""

    code = "bad_evidence"


class NotApproved(ModerationError):
    """A delisting in bulk was not approved, or was undone."""

    code = "not_approved"


class UndoOver(ModerationError):
    """A delisting in bulk can no longer be undone."""

    code = "undo_over"


class TooEarly(ModerationError):
    """A delisting in bulk can still be undone: it is not carried out yet."""

    code = "too_early"


class PolicyInShadow(ModerationError):
    """A policy in shadow decides, and nothing of it is carried out."""

    code = "policy_in_shadow"


class NotTaken(ModerationError):
    """A receiver did not take a message.

    Attributes:
        final: Whether it is not to be tried again.
        retry_after: How long the receiver asks to wait; None where it does not say.
    """

    code = "not_taken"

    def __init__(
        self, message: str, *, final: bool = False, retry_after: timedelta | None = None
    ) -> None:
        """Say why, and when to try again."""
        super().__init__(message)
        self.final = final
        self.retry_after = retry_after


class AlreadySent(ModerationError):
    """A message is to be tried again that was delivered, or erased."""

    code = "already_sent"


class BadRow(ModerationError):
    """A row of a file that a platform hands over is not as described."""

    code = "bad_row"


class NotJudged(ModerationError):
    """An upload could not be judged, however often it was tried."""

    code = "not_judged"


class NotHeld(ModerationError):
    """An upload that was accepted is another process's to decide about, or was erased."""

    code = "not_held"


class CaseErased(ModerationError):
    """What a decision was made of was erased: nothing more can follow from it."""

    code = "case_erased"


class SignInRefused(ModerationError):
    """A name and password that do not let in, or too many that did not."""

    code = "sign_in_refused"


class PasswordTooShort(ModerationError):
    """A new password is too short to be safe."""

    code = "password_too_short"


class LinkInvalid(ModerationError):
    """A link to a public page that nobody signed, or whose time is over."""

    code = "link_invalid"
