"""What a policy asks for, in words."""

from evidence.wording.catalogue import ENGLISH, say
from labelling.actions import Action


def action_word(action: Action | str, language: str = ENGLISH) -> str:
    """An action in a word or two, as a button or a table shows it."""
    return say(f"action_{action}", language)
