"""Every sentence that says why, in English: its code, and its template.

A code never vanishes and never changes its meaning: documents that are kept name it. How templates
are written, see `evidence.wording.filling`. The translations lie in `evidence/wording/locale`.
"""

from collections.abc import Mapping
from types import MappingProxyType

_NEAR = "{share:phrase} of other people's works come as near to anybody here."
_GROUND = "{ground:percent} of the image has one colour"
_DETAIL = "Only {detail:percent} of the image has any visible edge or texture"
_TOO_LITTLE = ": too little to judge by."
_MATERIAL = (
    ": as a thumbnail or an explanatory image of a material it may carry too little information."
)
_INTERVAL = "(95 % interval {low:percentage} to {high:percentage} %)"
_LAID_OVER = "Laid over the upload[, {mirrored:phrase}], the work looks {agreement:.0%} the same"
_POINTS = (
    "{points} points of [{shown:.0%} of ]the work lie in the upload in the same arrangement"
    "[, {mirrored:phrase}]; around them the pictures look {agreement:.0%} the same"
)
_NOT_ENOUGH = ", which is not enough to prove a copy."

_PIXELS = {
    "pixels_above": (
        "The pixels score above the level that {share:percent} of {n} human works in the"
        f" calibration set reach {_INTERVAL}."
    ),
    "pixels_below": (
        "The pixels score below the level under which {share:percent} of {n} AI pictures in the"
        f" calibration set lie {_INTERVAL}."
    ),
    "pixels_overlap": (
        "The pixels score where human works and AI pictures of the calibration set overlap too"
        " much for a verdict."
    ),
    "pixels_unstable": (
        "After mild recompression the pixels would lead to another answer: that is too unstable for"
        " a verdict."
    ),
    "too_small": (
        "The image is smaller ({side} px) than any that the model was made from ({smallest} px):"
        " the pixels give no verdict."
    ),
    "too_plain_ground": _GROUND + _TOO_LITTLE,
    "too_plain_detail": _DETAIL + _TOO_LITTLE,
    "novel": (
        "The image is unlike those that the model was made from, as {share:percent} of {n} human"
        " works in the calibration set are: no verdict is given."
    ),
    "photo": (
        "It looks primarily like a photograph (or a picture made to look like one), as"
        " {share:percent} of {n} drawn and painted works in the calibration set do"
        f" {_INTERVAL}."
    ),
    "plain_material_ground": _GROUND + _MATERIAL,
    "plain_material_detail": _DETAIL + _MATERIAL,
}

_WEIGHING = {
    "two_proofs": "Two proofs contradict each other: a person decides.",
    "partly_generated": (
        "A generator worked on this picture, but did not make all of it: the policy says what that"
        " is called."
    ),
    "edit_is_no_shield": (
        "That a generator only edited it is unsigned, and does not stand against what the pixels"
        " say."
    ),
}

_DECODING = {
    "transparency_on_white": "transparency composited on white",
    "first_frame": "first of {count} frames",
    "first_page": "first of {count} pages",
    "first_picture": "first of {count} pictures",
    "frame_of": "frame {number} of {count}, since the first shows next to nothing",
    "page_of": "page {number} of {count}, since the first is a smaller version of it",
    "hidden_default": "a picture passed over that only viewers without animations show",
    "end_missing": "the end of the file is missing, behind the picture",
    "metadata_left_out": "oversized metadata left out",
    "floats_stretched": "floating-point values stretched to the visible range",
    "profile_unusable": "colour profile unusable, colours taken without it",
    "cmyk_approximate": "CMYK without a usable colour profile, converted approximately",
    "jpeg_damaged": "damaged or unusual JPEG data, read as far as possible",
}

_SIMILARITY = {
    "copy_same_file": "It is the very file.",
    "copy_laid_over": f"{_LAID_OVER}.",
    "copy_laid_over_unproven": f"{_LAID_OVER}{_NOT_ENOUGH}",
    "copy_points": f"{_POINTS}.",
    "copy_points_unproven": f"{_POINTS}{_NOT_ENOUGH}",
    "style_near": _NEAR,
    "style_public_domain": f"{_NEAR} The style is in the public domain.",
    "style_house": f"{_NEAR} It is a house style that many share.",
    "style_few_works": (
        f"{_NEAR} The creator's works are too few, or too like other people's, for more."
    ),
    "style_unmeasured": (f"{_NEAR} But the upload is unlike all works that this was measured on."),
    "own_works": "Works of {creator} do not count: the upload is from an account of theirs.",
    "collaborator": ("Likeness to {creator} does not count: they work together with the uploader."),
}

_PHRASES = {
    "mirrored": "mirrored",
    "share_most": "More than half",
    "share_few": "Fewer than 0.01 %",
    "share_about": "About {p_value:short_percent}",
}

TEMPLATES: Mapping[str, str] = MappingProxyType(
    _PIXELS | _WEIGHING | _DECODING | _SIMILARITY | _PHRASES
)
"""Template by code."""
