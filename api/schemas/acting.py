"""Who acts: the key tells which program asks, and the body which person."""

from pydantic import BaseModel, Field

from moderation.people import Moderator


class Acting(BaseModel):
    """A moderator does something."""

    moderator: str = Field(
        min_length=1, max_length=200, description="Who, as the platform names its staff."
    )
    moderator_account: str | None = Field(
        None, max_length=200, description="The moderator's own account: not for their own uploads."
    )

    def person(self, *, senior: bool = False) -> Moderator:
        """The moderator.

        Args:
            senior: Whether the key lets them do what only senior moderators may.
        """
        return Moderator(self.moderator, self.moderator_account, senior)
