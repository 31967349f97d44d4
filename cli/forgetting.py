"""Deleting what is kept of images on this machine."""

from collections.abc import Collection

from serving.settings import Settings


def forget_features(settings: Settings, digests: Collection[str]) -> int:
    """Delete the features of images, those of training and those of uploads.

    Args:
        settings: Where they lie.
        digests: Hex digests of the images' files.

    Returns:
        Of how many images anything was kept.
    """
    from models.feature_store.shards import forget  # only here: most commands forget nothing

    if not digests:
        return 0
    return max(forget(settings.features, digests), settings.upload_features.forget(digests))
