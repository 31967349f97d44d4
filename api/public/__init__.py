"""Public pages: what an uploader or a creator may see and do by a signed link, without a key."""

from api.public.application import public

__all__ = ["public"]
