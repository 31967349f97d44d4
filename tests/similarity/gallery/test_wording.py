from dataclasses import replace
from datetime import UTC, datetime

from similarity.gallery.creators import Consent, Creator, Protection, Standing
from similarity.gallery.wording import review_only, standing


def test_how_creators_stand() -> None:
    ann = Creator("Ann", Consent("Ann", datetime.now(UTC)))
    distinct = Standing(0.1, 0.1, 2.0, True)
    assert standing(ann) == "no works"
    assert standing(replace(ann, standing=distinct)) == "stands out"
    assert review_only(replace(ann, standing=distinct)) is None
    plain = replace(ann, standing=replace(distinct, distinct=False))
    assert standing(plain) == "review only"
    assert "other people's" in (review_only(plain) or "")
    single = replace(ann, standing=Standing(0.1, 0.1, None, False))
    assert "one work" in (review_only(single) or "")
    known = replace(plain, protection=Protection.PUBLIC_DOMAIN)
    assert standing(known) == "not protected"
    assert review_only(known) is None
