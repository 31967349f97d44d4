"""A replay to one page that stands alone."""

from collections.abc import Mapping
from datetime import datetime

from labelling.actions import Action, milder_or_equal
from labelling.replay import Replay
from labelling.wording import action_word
from pages.environment import render


def replay_page(
    replay: Replay, *, title: str, policy: str, table: str | None, made: datetime
) -> str:
    """The page of a replay.

    Args:
        replay: What was counted.
        title: Of the service, as people know it.
        policy: Names the policy that was tried.
        table: Name of the file in which all changes stand; None for none.
        made: When.

    Returns:
        An HTML document.
    """
    return render(
        "replay/page.html.j2",
        **matrix(replay),
        title=title,
        policy=policy,
        action_word=action_word,
        table=table,
        made=made,
    )


def matrix(replay: Replay) -> Mapping[str, object]:
    """What `replay/matrix.html.j2` shows, by name.

    Args:
        replay: What was counted.
    """
    before = {one for one, _ in replay.transitions}
    after = {one for _, one in replay.transitions}
    befores = [*([None] if None in before else []), *(one for one in Action if one in before)]
    return {
        "replay": replay,
        "befores": befores,
        "afters": [one for one in Action if one in after],
        "totals": {
            one: sum(count for (old, _), count in replay.transitions.items() if old is one)
            for one in befores
        },
        "harsher": _harsher,
    }


def _harsher(before: Action | None, after: Action) -> bool:
    return before is None or not milder_or_equal(after, before)
