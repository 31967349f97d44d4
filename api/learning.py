"""What a running service keeps for those who teach the next model."""

from collections.abc import Collection
from datetime import datetime

from models.shadow_answers import ShadowAnswers
from serving.keeping import FeatureKeeper
from serving.learning import Learner, Learning
from serving.settings import Settings
from serving.shadow import ShadowJudge
from storage import Store


def open_learning(settings: Settings, store: Store) -> Learning:
    """What keeps features of uploads, and what a challenger answers beside the model in use.

    Where the operator wants no features, none are kept, and none stay.

    Args:
        settings: For how long, and in how much space.
        store: The records, which say what has a label and what has to leave.
    """
    learners: list[Learner] = [ShadowJudge(ShadowAnswers(settings.shadow))]
    kept = settings.upload_features
    if settings.features_days:
        keeper = FeatureKeeper(kept, settings.features, labelled=lambda: _labelled(store))
        learners.append(keeper)
    else:
        kept.expire()
    return Learning(learners, NewlyForgotten(store))


class NewlyForgotten:
    """The images that are to leave, by the records; each call gives those that are new since."""

    def __init__(self, store: Store) -> None:
        """Begin with all that there are.

        Args:
            store: The records.
        """
        self._store = store
        self._known: dict[str, datetime] = {}

    def __call__(self) -> frozenset[str]:
        """Hex digests of their files."""
        with self._store.reading() as reader:
            found = dict(reader.forgotten())
        new = frozenset(digest for digest, at in found.items() if self._known.get(digest) != at)
        self._known = found
        return new


def _labelled(store: Store) -> Collection[str]:
    with store.reading() as reader:
        return {one.sha256 for one in reader.labels() if one.sha256 is not None}
