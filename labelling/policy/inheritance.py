"""A policy with all that it inherits, checked: from names and documents to what decides."""

from collections.abc import Mapping

from labelling.errors import BadPolicy, UnknownPolicy
from labelling.policy.checking import check
from labelling.policy.problems import LoadedPolicy, did_you_mean, quoted
from labelling.policy.resolved import ResolvedPolicy


def resolve(name: str, documents: Mapping[str, LoadedPolicy]) -> ResolvedPolicy:
    """A policy with all that it inherits.

    Args:
        name: Of the policy.
        documents: By name; `labelling.policy.library.PolicyLibrary` is one.

    Raises:
        UnknownPolicy: None has this name; lists those that there are.
        BadPolicy: It, or one that it inherits, cannot be read; or they do not go together.
    """
    return together(inherited(name, documents))


def together(chain: tuple[LoadedPolicy, ...]) -> ResolvedPolicy:
    """A policy and those that it inherits as what decides.

    Args:
        chain: The most general first.

    Raises:
        BadPolicy: They do not go together.
    """
    errors = tuple(one for one in check(chain) if not one.warning)
    if errors:
        raise BadPolicy(errors)
    return ResolvedPolicy.of(tuple(one.policy for one in chain))


def inherited(name: str, documents: Mapping[str, LoadedPolicy]) -> tuple[LoadedPolicy, ...]:
    """A policy and those that it inherits, the most general first.

    Args:
        name: Of the policy.
        documents: By name.

    Raises:
        UnknownPolicy: None has this name.
        BadPolicy: One cannot be read, inherits one that there is not, or itself by way of others.
    """
    if name not in documents:
        raise UnknownPolicy(
            f"There is no policy {quoted(name)}{did_you_mean(name, documents)}: there are"
            f" {', '.join(sorted(documents))}."
        )
    return with_parents(documents[name], documents)


def with_parents(
    own: LoadedPolicy, documents: Mapping[str, LoadedPolicy]
) -> tuple[LoadedPolicy, ...]:
    """A policy, which need not be one of the documents, behind those that it inherits.

    Args:
        own: The policy.
        documents: By name.

    Raises:
        BadPolicy: One cannot be read, inherits one that there is not, or itself by way of others.
    """
    chain = [own]
    while (parent := chain[0].policy.inherits) is not None:
        places = chain[0].places
        if any(parent == one.policy.name for one in chain):
            sentence = f"{quoted(parent)} inherits itself, by way of this: let one inherit nothing."
            raise BadPolicy((places.problem(("inherits",), sentence),))
        if parent not in documents:
            meant = did_you_mean(parent, documents)
            sentence = f"There is no policy {quoted(parent)} to inherit{meant}."
            raise BadPolicy((places.problem(("inherits",), sentence),))
        chain.insert(0, documents[parent])
    return tuple(chain)
