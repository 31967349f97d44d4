"""Every sentence for people, in English: its code, and its template.

A code never vanishes and never changes its meaning: documents that are kept name it. How templates
are written, see `evidence.wording.filling`. Translations lie in `evidence/wording/locale`; after a
change here, `python -m evidence.wording.update` brings them up to date.
"""

from collections.abc import Mapping
from types import MappingProxyType

_INTERVAL = "(95 % interval {low:percentage} to {high:percentage} %)"
_GROUND = "{ground:percentage} % of the image has one colour"
_DETAIL = "Only {detail:percentage} % of the image has any visible edge or texture"
_TOO_LITTLE = ": too little to judge by."
_MATERIAL = (
    ": as a thumbnail or an explanatory image of a material it may carry too little information."
)

_PIXELS = {
    "pixels_above": (
        "The pixels score above the level that {share:percentage} % of {n} human works in the"
        f" calibration set reach {_INTERVAL}."
    ),
    "pixels_below": (
        "The pixels score below the level under which {share:percentage} % of {n} AI pictures in"
        f" the calibration set lie {_INTERVAL}."
    ),
    "pixels_overlap": (
        "The pixels score where human works and AI pictures of the calibration set overlap too"
        " much for a verdict."
    ),
    "pixels_too_near": (
        "The pixels score so near to the level of a verdict that another processor might compute"
        " another answer: that is too near for a verdict."
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
        "The image is unlike those that the model was made from, as {share:percentage} % of {n}"
        " human works in the calibration set are: no verdict is given."
    ),
    "photo": (
        "It looks primarily like a photograph (or a picture made to look like one), as"
        " {share:percentage} % of {n} drawn and painted works in the calibration set do"
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
    "not_understood": (
        "Not all that is signed about how it was made is understood here: a person decides."
    ),
    "edit_is_no_shield": (
        "That a generator only edited it is unsigned, and does not stand against what the pixels"
        " say."
    ),
}

_PARAMETERS = (
    " parameters of [{tool}|an image generator][ with the model {model}]: {process:phrase}."
    "[ Its prompt names {artists}.]"
)
_ANYONE = "; anyone can write that."
_SIGNED = (
    "Content Credentials (C2PA), [written by {program} and ]signed by [{signer}|an unnamed signer]"
)
_SOMEBODY = "[{generator}|an AI]"
_HISTORY = "an editing history of {steps} steps"
_LAYERS = "traces of a file with layers"

_STATEMENTS = {
    "parameters": f"The file carries{_PARAMETERS}",
    "parameters_hidden": f"The lowest bits of the pixels hide{_PARAMETERS}",
    "hidden_note": "The lowest bits of the pixels hide a note in the way of image generators.",
    "aigc_keyword": "AIGC, which means made by a generative AI, is one of the file's keywords.",
    "aigc_label": "The AIGC label of GB 45438 {label:phrase}[, written by {producer}].",
    "export_note": "A note of {program}, which exported the file, says that an AI {did:phrase} it.",
    "iptc_source_type": "IPTC's digital source type says that it was {term:phrase}.",
    "iptc_no_term": "IPTC's digital source type is “{value}”, which is no term.",
    "iptc_ai_system": "IPTC's fields name an AI system, {system}.",
    "iptc_prompt": "IPTC's fields hold a prompt.",
    "credit_line": "The credit line is “{credit}”.",
    "data_mining": "The rights holder {permission:phrase} data mining (PLUS).",
    "platform_label": (
        "A label that Rakkan wrote[ for {operator}], and not the word of who made the image:"
        " {written:phrase}."
    ),
    "names_ai": "{place:phrase} names an AI, {program}.",
    "plain_words": "{place:phrase} says “{program}”.",
    "names_ai_editor": "{place:phrase} names {program}, which generates parts of images.",
    "names_painting_program": f"{{place:phrase}} names a painting program, {{program}}{_ANYONE}",
    "editing_history": f"XMP holds {_HISTORY}{_ANYONE}",
    "layers": f"XMP holds {_LAYERS}{_ANYONE}",
    "editing_history_and_layers": f"XMP holds {_HISTORY} and {_LAYERS}{_ANYONE}",
    "camera": f"EXIF names a camera, {{device}}[ with the lens {{lens}}]{_ANYONE}",
    "c2pa": f"{_SIGNED}, {{standing:phrase}}, say {{said:phrase}}.",
    "c2pa_broken": f"{_SIGNED}, are broken[: {{breach:phrase}}]. They said {{said:phrase}}.",
    "c2pa_unreadable": "The file carries Content Credentials (C2PA) that cannot be read.",
    "c2pa_elsewhere": (
        "Content Credentials (C2PA) of this file are kept elsewhere and were not fetched:"
        " {address}."
    ),
    "watermark": (
        "The pixels carry the invisible watermark of {generator} ({matches} of its {bits} bits),"
        " which put out this image, whether it made or repainted it. No picture has the mark by"
        " chance, but the program that writes it is open to everybody."
    ),
    "declared_ai": "The uploader declares that an AI made it.",
    "declared_human": "The uploader declares that no AI was used.",
    "reader_failed": ("What the reader {reader} would find is not known: it failed on this file."),
}

_CONTRADICTIONS = {
    "declared_human_but_ai": (
        "The uploader declares that no AI was used, but the file {says:phrase} that"
        f" {_SOMEBODY} {{did:phrase}} it."
    ),
    "declared_ai_but_human": (
        "The uploader declares that an AI made it, but the file {says:phrase} that a person or a"
        " camera did."
    ),
    "file_says_both": (
        f"The file {{says:phrase}} that {_SOMEBODY} made it ({{reader}}), and {{says_human:phrase}}"
        " that a person or a camera did ({reader_human})."
    ),
    "camera_but_ai": (f"The file names a camera, and {{says:phrase}} that {_SOMEBODY} made it."),
    "metadata_removed": (
        "The file has no metadata at all, although uploads keep theirs: they were removed before,"
        " as by a screenshot, a messenger or on purpose."
    ),
}

_LABELLING = {
    "label_kept": "{name}: [{value}|none], as before.",
    "label_written": "{name}: [{value}|none][, in place of {replaced}].",
}

_DECISIONS = {
    "capped_to_review": (
        "Only an inference supports this: a person looks at it before anything that cannot be"
        " undone."
    ),
    "declaration_missing": (
        "What the uploader declares is not known: these rules were not applied: {rules}."
    ),
    "history_missing": (
        "No history of the account is known: these rules were not applied: {rules}."
    ),
    "action_publish": "Publish",
    "action_label": "Label",
    "action_review": "Review",
    "action_hide_from_search": "Hide from search",
    "action_hold": "Hold",
    "action_reject": "Reject",
    "action_delist": "Delist",
    "action_warn": "Warn",
    "action_strike": "Strike",
    "action_suspend_review": "Review for suspension",
    "policy_in_shadow": "The policy is in shadow: nothing of this is carried out.",
}

_ANNOUNCEMENTS = {
    "policy_standing_live": "In force.",
    "policy_standing_shadow": "In shadow: it decides, and nothing is carried out.",
    "policy_since": "Since {day}",
    "policy_follows": "What follows: {actions}.",
    "policy_confirmed": "If a person confirms it: {actions}.",
    "policy_labelled": "Label “{label}”",
    "policy_until": "Until {day}.",
    "policy_retroactive": "Whenever it was posted.",
    "policy_inherited": "From {title}.",
    "policy_strikes": "A strike ends after {days:g} days.",
    "policy_objecting": "How to object",
    "policy_between": ", ",
}

_NOTICES = {
    "notice_restriction": "What was done: {actions}.",
    "notice_place": "It applies everywhere, until it is taken back.",
    "notice_facts": "What this rests on:",
    "notice_automated_fully": (
        "The content was found, and this was decided, by automated means, without a person."
    ),
    "notice_automated_partially": (
        "The content was found by automated means, and a person decided."
    ),
    "notice_ground": (
        "This is against the terms of {service}, under the rule “{rule}”, in force since {since}:"
    ),
    "notice_why": "Why your content is against it: {why}",
    "notice_redress": "How to object:",
}

_ACCOUNTS = {
    "account_imitation": (
        "Of {posts} works within {days:g} days, {works} come near to works of {creator}: so near,"
        " taken together, as at most {p_value:percentage} % of {accounts} accounts of other artists"
        " come to anybody."
    ),
    "account_flood": (
        "{posts} works were posted within {days:g} days: 99 % of the service's active accounts stay"
        " under {usual:.4g} in such a time, and this account posted {own} in the middle of its"
        " times before."
    ),
    "account_post_and_delete": (
        "Of {posts} works posted within {days:g} days, {works} were deleted by the account."
    ),
    "account_outside_links": (
        "Of {posts} works posted within {days:g} days, {works} stand beside links to elsewhere:"
        " {links} links in all."
    ),
    "account_fast_delivery": (
        "The request was delivered {hours:.3g} hours after it was placed or accepted; the middle"
        " one of the creator's {deliveries} deliveries before took {usual:.3g} hours."
    ),
    "account_same_request": (
        "The same request was placed with at least {creators} creators within {days:g} days, and"
        " withdrawn {cancelled} times once one of them accepted."
    ),
    "account_false_declaration": (
        "Of {posts} works within {days:g} days, {works} are declared otherwise than their files"
        " prove or state: {hidden} as made without AI, {claimed} as made by an AI."
    ),
    "account_impersonation": (
        "Of {posts} works within {days:g} days, {works} hold copies of works of {creator}, whose"
        " account this is not, as far as is known."
    ),
    "account_low_information": (
        "Of {posts} works within {days:g} days, {works} show too little to carry information."
    ),
}

_DECODING = {
    "transparency_on_white": "transparency composited on white",
    "transparency_on_black": "transparency composited on black, as white shows next to nothing",
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

_NEAR = "{share:phrase} of other people's works come as near to anybody here."
_LAID_OVER = "Laid over the upload[, {mirrored:phrase}], the work looks {agreement:.0%} the same"
_POINTS = (
    "{points} points of the work[ across {shown:.0%} of it] lie in the upload in the same"
    " arrangement[, {mirrored:phrase}]; around them the pictures look {agreement:.0%} the same"
)
_HASH = (
    "As a whole, the upload looks much the same as the work[, {mirrored:phrase}]: their perceptual"
    " hashes differ in {bits} of 256 bits"
)
_NOT_ENOUGH = ", which is not enough to prove a copy."

_SIMILARITY = {
    "copy_same_file": "It is the very file.",
    "copy_laid_over": f"{_LAID_OVER}.",
    "copy_laid_over_unproven": f"{_LAID_OVER}{_NOT_ENOUGH}",
    "copy_points": f"{_POINTS}.",
    "copy_points_unproven": f"{_POINTS}{_NOT_ENOUGH}",
    "copy_hash": f"{_HASH}.",
    "copy_hash_unproven": f"{_HASH}{_NOT_ENOUGH}",
    "style_near": _NEAR,
    "style_by_ai": f"{_NEAR} But of pictures by AIs only {{of_ai:phrase}} stand out so.",
    "style_public_domain": f"{_NEAR} The style is in the public domain.",
    "style_house": f"{_NEAR} It is a house style that many share.",
    "style_few_works": (
        f"{_NEAR} The creator's works are too few, or too like other people's, for more."
    ),
    "style_too_plain": f"{_NEAR} But there is too little to see in the upload to tell by.",
    "style_unmeasured": (f"{_NEAR} But the upload is unlike all works that this was measured on."),
    "prompt_names": (
        "The prompt in the file names {creator}, by the words “{words}”; anyone can write that."
    ),
    "own_works": "Works of {creator} do not count: the upload is from an account of theirs.",
    "collaborator": ("Likeness to {creator} does not count: they work together with the uploader."),
}

_PHRASES = {
    # What a generator did, in `parameters`.
    "process_text": "generated from a text",
    "process_anew": "generated anew over another image, of which nothing is kept",
    "process_most": (
        "another image repainted at strength {strength:.2f} of 1, so most of it is generated"
    ),
    "process_image": "another image repainted[ at strength {strength:.2f} of 1]",
    "process_inpaint": "parts of another image filled in",
    "process_instruction": "another image changed by an instruction",
    "process_composite": "generated parts combined with another image",
    "process_upscale": "another image enlarged by a neural network",
    # What the AIGC label says.
    "aigc_made": "says that an AI made it",
    "aigc_possibly": "says that an AI possibly made it",
    "aigc_suspected": "says that it is suspected to be made by an AI",
    "aigc_unknown": "has no known value",
    # What PLUS's term says of data mining.
    "mining_allowed": "allows",
    "mining_forbidden": "forbids",
    "mining_forbidden_training": "forbids, for the training of AI,",
    "mining_forbidden_generative": "forbids, for the training of generative AI,",
    "mining_forbidden_but_search": "forbids, except to search engines,",
    "mining_restricted": "restricts",
    # What a platform's label stands in.
    "written_source_type": "the digital source type",
    "written_aigc": "the AIGC label",
    "written_both": "the digital source type and the AIGC label",
    # Where a program is named.
    "place_exif": "EXIF's {field}",
    "place_text": "The text “{field}”",
    "place_comment": "The comment",
    "place_iptc": "IPTC's originating program",
    "place_iptc_field": "IPTC's {field}",
    "place_xmp": "XMP's {field}",
    "place_xmp_history": "XMP's editing history",
    # What a C2PA signer's certificate is worth, and what is signed.
    "c2pa_changed": "the image or they themselves were changed after signing",
    "c2pa_unfit": "their signature does not fit them",
    "c2pa_trusted": "whom the trust list vouches for",
    "c2pa_expired": "whose certificate has expired",
    "c2pa_outside_validity": "whose certificate was not valid at that time",
    "c2pa_revoked": "whose certificate was revoked",
    "c2pa_invalid": "whose certificate does not meet the standard",
    "c2pa_malformed": "in a form that does not meet the standard",
    "c2pa_untrusted": "who is not on the trust list",
    "c2pa_no_trust_list": "whom no trust list vouches for, as none is set up",
    "c2pa_said": "it was {history:phrase}[: {generator}][, {since:phrase}]",
    "c2pa_said_nothing": "nothing of how it was made",
    "c2pa_since": "and edited since",
    "c2pa_not_understood": "with more that is not understood here",
    "c2pa_made_by_ai": "made by a generative AI",
    "c2pa_edited": "edited or put together with a generative AI model",
    # IPTC's digital source types, after "it was".
    "source_type_trainedAlgorithmicMedia": "made by a generative AI model",
    "source_type_trainedAlgorithmicData": "made by a generative AI model, as data",
    "source_type_compositeWithTrainedAlgorithmicMedia": (
        "edited or put together with parts that a generative AI model made"
    ),
    "source_type_digitalCapture": "taken with a digital camera or recorder",
    "source_type_computationalCapture": (
        "taken with a camera that computes one picture from several"
    ),
    "source_type_compositeCapture": "put together from photographs",
    "source_type_negativeFilm": "digitised from a negative on film",
    "source_type_positiveFilm": "digitised from a slide or other positive film",
    "source_type_digitalCreation": "made by a person with tools that generate nothing",
    "source_type_humanEdits": "edited by a person with tools that generate nothing",
    "source_type_print": "digitised from paper, which does not say who made that",
    "source_type_screenCapture": "a picture of a screen",
    "source_type_virtualRecording": "a recording of a virtual event",
    "source_type_composite": "put together from parts, some perhaps made by an AI",
    "source_type_compositeSynthetic": ("put together from parts, at least one of them synthetic"),
    "source_type_algorithmicallyEnhanced": "slightly corrected by an algorithm",
    "source_type_algorithmicMedia": "made by an algorithm that was not trained",
    "source_type_dataDrivenMedia": "drawn from data, as a chart is",
    "source_type_empty": "begun as an empty canvas",
    "source_type_digitalArt": "drawn by a person with digital tools",
    "source_type_minorHumanEdits": "slightly edited by a person",
    "source_type_softwareImage": "made by software",
    "source_type_multiFrameComputationalCapture": (
        "taken with a camera that computes one picture from several"
    ),
    # In contradictions.
    "says": "says",
    "proves": "proves",
    "made": "made",
    "worked_on": "worked on",
    # In copies and styles.
    "mirrored": "mirrored",
    "share_most": "More than half",
    "share_few": "Fewer than 0.01 %",
    "share_about": "About {p_value:short_percentage} %",
    "share_few_by_ai": "one in ten thousand or fewer",
    "share_about_by_ai": "about {p_value_ai:short_percentage} %",
}

_INFERRED = (
    "This is inferred from the pixels alone. It is not a proof, and it is wrong for some works by"
    " people, for some kinds of art more often than for others: let a person decide."
)
_STATED = (
    "Stated means written into the file, without a signature that this platform trusts. Anyone can"
    " remove or add that."
)

_ANSWERS = {
    # What a verdict means where the pixels alone decided.
    "answer_ai_inferred": "The pixels look like a picture made by an AI.",
    "answer_ai_inferred_edited": (
        "The pixels look like an AI's, and the file says that one edited it."
    ),
    "answer_human_inferred": "The pixels look like a work made by a person.",
    "answer_inconclusive_inferred": "The pixels do not tell. That is a full answer.",
    # What it means where something else decided.
    "answer_ai_proven": "It is proven that an AI made it.",
    "answer_ai_stated": "The file itself says that an AI made it.",
    "answer_ai_declared": "The uploader says that an AI made it.",
    "answer_human_proven": "It is proven that a person or a camera made it.",
    "answer_inconclusive_proven": "What is proven does not settle it.",
    "answer_inconclusive_stated": "The file says that an AI edited it.",
    "answer_inconclusive_declared": "The uploader says that an AI edited it.",
    # How far to trust what decided.
    "caution_inferred": _INFERRED,
    "caution_declared": "This is the uploader's own word, and no more than that.",
    "caution_stated": _STATED,
    # Why what is stated is believed where it says that an AI made the image.
    "caution_stated_ai": (
        f"{_STATED} But nobody gains by calling a work of their own an AI's: it is strong, and not"
        " a proof."
    ),
    "caution_proven": (
        "Proven means signed by somebody whom this platform trusts, or decoded from a watermark. It"
        " says what happened to this file, and nothing of who may use it."
    ),
    "synthid_is_not_read": (
        "SynthID and other closed watermarks are not read: only their makers have the detectors."
    ),
    # What a signal is worth.
    "statement_noted": "noted: {statement}",
    "statement_declared": "declared: {statement}",
    "statement_ai_made": "{kind:phrase}, an AI made it: {statement}",
    "statement_ai_edited": "{kind:phrase}, an AI edited it: {statement}",
    "statement_unclear": "{kind:phrase}, not wholly understood: {statement}",
    "statement_human_made": "{kind:phrase}, a person or a camera made it: {statement}",
    "kind_proven": "proven",
    "kind_stated": "stated",
    "kind_declared": "declared",
    "kind_inferred": "inferred",
    "when_decoding": "When decoding: {note}.",
}

_MATCHES = {
    "copy_word_copy": "Copy",
    "copy_word_review": "To compare",
    "creator_word_close": "Close",
    "creator_word_review": "To review",
    "creator_word_none": "Not close",
    "found_copy_copy": "Holds a copy of {work} by {creator}: {why}",
    "found_copy_review": "To compare with {work} by {creator}: {why}",
    "found_creator_close": "Close to the style of {creator}: {why}",
    "found_creator_review": "To review for likeness to the style of {creator}: {why}",
    "holds_work": "Holds this work",
    "holds_part": "Holds a part of this work",
    "like_work": "Much like this work",
    "like_part": "Much like a part of this work",
    "rarity_common": (
        "no closer than many works of other people[, but closer than all but 1 in {of_ai:,}"
        " pictures by AIs]"
    ),
    "rarity": (
        "closer than all but 1 in {number:,} works of other people[ and 1 in {of_ai:,} pictures by"
        " AIs]"
    ),
    "headline": "{copies} {creators}[ {prompted:phrase}]",
    "headline_prompted": "Its prompt names one enrolled creator.",
    "headline_prompted_several": "Its prompt names {named} enrolled creators.",
    "headline_copy": "It holds a copy of one enrolled work.",
    "headline_copies": "It holds a copy of {count} enrolled works.",
    "headline_maybe_copy": "It may hold a copy of one enrolled work: compare them.",
    "headline_maybe_copies": "It may hold a copy of {count} enrolled works: compare them.",
    "headline_no_copy": "No copy of an enrolled work was found.",
    "headline_creator": "Its style is close to that of one enrolled creator.",
    "headline_creators": "Its style is close to that of {count} enrolled creators.",
    "headline_maybe_creator": (
        "Its style may be close to that of one enrolled creator: a person should look."
    ),
    "headline_maybe_creators": (
        "Its style may be close to that of {count} enrolled creators: a person should look."
    ),
    "headline_no_creator": "Its style is close to nobody's.",
    "caution_similarity": (
        "A copy is a fact about pixels: look at the two regions. A style is a judgement about a"
        " body of work, and nobody owns one: likeness alone is no offence, and no proof of"
        " imitation. People decide, with more to go on than this."
    ),
    "counter_own_account": (
        "The account of the work's own creator: enrol it with them, and their own uploads no longer"
        " count."
    ),
    "counter_common_source": (
        "A picture that both works were made from, with permission, such as a stock photograph or a"
        " shared template: then the regions match and nobody copied the other."
    ),
    "counter_more_works": (
        "More enrolled works of the creator: with few of them, the likeness is less sure."
    ),
    "counter_collaboration": (
        "Working together: creators who are enrolled as collaborators may look alike."
    ),
    "counter_other_uploads": (
        "Other uploads of the account: one picture says little of a style, a series says more."
    ),
    "counter_not_enrolled": (
        "Creators and works that are not enrolled: a search finds nobody else, and “nobody” is said"
        " of the enrolled ones only."
    ),
}

_HEADINGS = {
    "heading_verdict": "Verdict",
    "heading_probability": "Probability",
    "probability_of_ai": "{probability:sure_percent} that an AI made it",
    "heading_generator": "Generator",
    "heading_model": "Model",
    "heading_seed": "Seed",
    "heading_artists": "Artists",
    "heading_prompt": "Prompt",
    "heading_statements": "Found in the file, or declared, the strongest first:",
    "nothing_stated": "The file says nothing of how it was made, and nothing is declared.",
    "heading_contradictions": "What does not fit together:",
    "heading_pixels": "What the pixels say, and how all was weighed:",
    "heading_similarity": "Enrolled works:",
    "heading_copies": "Works of which it may hold a copy, the surest first:",
    "heading_creators": "Creators whose style is nearest, the nearest first:",
    "heading_prompted": "Enrolled creators whom its prompt names:",
    "heading_left_out": "Left out of consideration:",
    "heading_counter_evidence": "What would change this",
    "nearest_works": "Nearest works: {works}",
}

TEMPLATES: Mapping[str, str] = MappingProxyType(
    _PIXELS
    | _WEIGHING
    | _STATEMENTS
    | _CONTRADICTIONS
    | _LABELLING
    | _DECISIONS
    | _ANNOUNCEMENTS
    | _NOTICES
    | _ACCOUNTS
    | _DECODING
    | _SIMILARITY
    | _PHRASES
    | _ANSWERS
    | _MATCHES
    | _HEADINGS
)
"""Template by code."""
