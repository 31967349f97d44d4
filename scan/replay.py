"""What another policy would ask for about the images of a finished scan."""

from collections.abc import Iterator

from labelling.replay import Replayed
from scan.journal import Journal
from scan.rules import Rules


def replay(journal: Journal, rules: Rules, against: Rules | None = None) -> Iterator[Replayed]:
    """Decide about every image of a scan under a policy, and say what was decided.

    Args:
        journal: Of a finished scan.
        rules: The policy that is tried.
        against: What it is compared with; None for what the scan decided.

    Yields:
        Each image that has a judgement, by its path.

    Raises:
        JournalError: It cannot be read.
    """
    for entry in journal.entries():
        if entry.judgement is not None:
            before = entry.decision if against is None else against.decide(entry.judgement)
            yield Replayed(entry.path, before, rules.decide(entry.judgement))
