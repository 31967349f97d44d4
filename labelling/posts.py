"""What a history keeps of an upload."""

from evidence import CopyVerdict, Judgement
from labelling.context import Context
from labelling.facts import too_plain
from labelling.history import Likeness, Post

FREE_STYLES = frozenset({"style_public_domain", "style_house"})
"""Reasons of likenesses that are held against nobody: the style belongs to all, or to many."""


def post_of(judgement: Judgement, context: Context) -> Post:
    """An upload as it will stand in its account's history.

    Args:
        judgement: What is said of the image.
        context: What its platform says of it; an upload without a name is called by its digest.
    """
    near = judgement.similarity
    return Post(
        work=context.work if context.work is not None else judgement.image.sha256,
        at=context.at,
        kind=context.kind,
        declared_ai=context.declared_ai,
        verdict=judgement.ai.verdict,
        evidence=judgement.ai.evidence,
        likenesses=tuple(
            Likeness(one.creator_id, one.creator, one.p_value, one.verdict)
            for one in (near.creators if near else ())
            if one.reason.code not in FREE_STYLES
        ),
        searched=near is not None,
        copies=tuple(
            dict.fromkeys(
                one.creator
                for one in (near.copies if near else ())
                if one.verdict is CopyVerdict.COPY
            )
        ),
        plain=too_plain(judgement),
        outside_links=context.outside_links,
    )
