"""Every action has its words, in every language."""

import pytest

from evidence.wording.catalogue import ENGLISH, languages
from labelling import Action
from labelling.wording import action_word


@pytest.mark.parametrize("language", languages())
def test_every_action_has_words_of_its_own(language: str) -> None:
    words = [action_word(action, language) for action in Action]
    assert len(set(words)) == len(words)
    if language != ENGLISH:
        assert not set(words) & {action_word(action) for action in Action}
