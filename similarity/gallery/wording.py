"""How a creator stands in an index, in words for people."""

from similarity.gallery.creators import Creator, Protection


def standing(creator: Creator) -> str:
    """Whether likeness to a creator counts, in two words."""
    if creator.protection is not Protection.PROTECTED:
        return "not protected"
    if creator.standing is None:
        return "no works"
    return "stands out" if creator.standing.distinct else "review only"


def review_only(creator: Creator) -> str | None:
    """Why likeness to a creator is for a person to judge at most; None if that is not so."""
    one = creator.standing
    if creator.protection is not Protection.PROTECTED or one is None or one.distinct:
        return None
    if one.own is None:
        return "one work does not show a style; enrol more"
    return (
        "these works do not stand out from other people's, or are too few or too different from"
        " each other; enrol more"
    )
