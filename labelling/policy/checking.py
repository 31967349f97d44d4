"""What the schema cannot tell: whether the rows of a policy, and those it inherits, go together."""

from labelling.policy.placed import Chain, placed_rows
from labelling.policy.problems import Problem
from labelling.policy.rows_together import TOGETHER
from labelling.policy.within_rows import WITHIN


def check(chain: Chain) -> tuple[Problem, ...]:
    """All that is wrong with a policy and those that it inherits.

    Args:
        chain: The most general first; at least one.

    Returns:
        Errors and warnings, by file and line.
    """
    rows = placed_rows(chain)
    found = {problem for checked in (*WITHIN, *TOGETHER) for problem in checked(chain, rows)}
    return tuple(sorted(found))
