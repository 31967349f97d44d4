"""One creator's work into an index, while somebody waits; `serving.enrol` takes the same steps."""

import hashlib
from dataclasses import dataclass, replace

from detector import measure
from imaging import decode_for_view, global_view, sketch
from serving.enrol import Enroller
from similarity.copies.known_pictures import known_pictures
from similarity.gallery.creators import Enrolment, EnrolmentResult
from similarity.gallery.names import creator_name, work_name


@dataclass(frozen=True)
class EnrolledWork:
    """What came of it.

    Attributes:
        sha256: Hex digest of the file.
        result: What the index says; `added` is 0 where the creator has the work already.
        plain: There is so little to see in it that copies and likeness are hardly found.
    """

    sha256: str
    result: EnrolmentResult
    plain: bool


def enrol_one(enroller: Enroller, enrolment: Enrolment, name: str, data: bytes) -> EnrolledWork:
    """Enrol one work of a creator.

    Args:
        enroller: Of the index.
        enrolment: Whose work it is, and by whose consent.
        name: Of the work: a path or a platform's id.
        data: The whole file.

    Raises:
        ImagingError: It is no image, or is refused.
        BadName: A name cannot be kept.
        SimilarityError: The index cannot be changed.
    """
    name = work_name(name)
    size = enroller.encoder.size
    image = decode_for_view(data, size, limits=enroller.limits)
    features = enroller.encoder.encode(global_view(image, size)[None])
    sha256 = hashlib.sha256(data).hexdigest()
    index = enroller.similarity
    work = index.describer.new_work(name, sha256, features, sketch(image))
    state = index.gallery.state(newest=True)
    alike = known_pictures(state, creator_name(enrolment.creator), [work])
    result = index.gallery.enrol(enrolment, [work])
    result = replace(result, shared=(*result.shared, *alike))
    return EnrolledWork(sha256, result, measure(image).information.too_plain)
