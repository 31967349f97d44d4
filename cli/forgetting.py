"""Deleting what is kept of images on this machine."""

from collections.abc import Collection

from serving.settings import Settings


def forget_features(settings: Settings, digests: Collection[str]) -> int:
    """Delete the features of images, of training and of uploads, and what a shadow said of them.

    Args:
        settings: Where they lie.
        digests: Hex digests of the images' files.

    Returns:
        Of how many images anything was kept.
    """
    # Only here: most commands forget nothing.
    from models.feature_store.shards import forget
    from models.shadow_answers import ShadowAnswers

    if not digests:
        return 0
    ShadowAnswers(settings.shadow).forget(digests)
    return max(forget(settings.features, digests), settings.upload_features.forget(digests))
