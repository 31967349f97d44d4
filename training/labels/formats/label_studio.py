"""Label Studio's two JSON forms: `JSON` with every annotation, and `JSON_MIN` with one value each.

What Label Studio calls predictions are a model's answers, and are never read. An annotation that
was skipped says nothing.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from training.data.manifest import LABELS
from training.errors import LabelsError
from training.labels.claim import FACTS, Claim
from training.labels.formats.found import Found
from training.labels.formats.table import PROVENANCE, moment, number

IMAGE, LABEL = "image", "label"
"""Names of the image and of the choice in what is written; whatever they are called is read."""

SURE = "certainty"
"""Name of a number beside the choice: how sure the annotator is."""

_OF_TASK = frozenset(
    {"id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement"}
)
"""Of a task in the short form, what is no data."""


class _Annotator(BaseModel):
    id: int | None = None
    email: str = ""


class _Annotation(BaseModel):
    completed_by: _Annotator | int | str | None = None
    result: list[dict[str, Any]] = Field(default=[])
    created_at: str = ""
    updated_at: str = ""
    was_cancelled: bool = False


class _Task(BaseModel):
    id: int | str | None = None
    data: dict[str, Any]
    annotations: list[_Annotation] = Field(default=[])


_TASKS = TypeAdapter(list[_Task])
_RECORDS = TypeAdapter(list[dict[str, Any]])


def read_label_studio(file: Path) -> Iterator[Found]:
    """The labels of an export of Label Studio, in either form.

    Raises:
        LabelsError: It is none, or an annotation chooses something else than `ai` or `human`.
    """
    try:
        records = _RECORDS.validate_json(file.read_bytes())
        full = any("data" in one and "annotations" in one for one in records)
        tasks = _TASKS.validate_python(records) if full else [_whole(one) for one in records]
    except ValidationError as error:
        raise LabelsError(f"{file.name} is no JSON that Label Studio exports") from error
    except OSError as error:
        raise LabelsError(f"{file} cannot be read: {error.strerror}") from error
    for number_, task in enumerate(tasks, 1):
        where = f"{file.name} task {number_ if task.id is None else task.id}"
        for one in task.annotations:
            if not one.was_cancelled:
                yield from _found(task, one, where)


def dump_full(claims: Iterable[Claim]) -> bytes:
    """Claims as Label Studio's `JSON`: a task per image, an annotation per claim."""
    tasks = []
    for number_, (_, some) in enumerate(_by_image(claims), 1):
        annotations = [
            {
                "id": 1000 * number_ + k,
                "completed_by": {"email": one.by},
                "result": [_choice(one.label), _sure(one.certainty)],
                "created_at": one.at.isoformat(),
                "updated_at": one.at.isoformat(),
                "was_cancelled": False,
            }
            for k, one in enumerate(some)
        ]
        task = {"id": number_, "data": _data(some), "annotations": annotations, "predictions": []}
        tasks.append(task)
    return _dump(tasks)


def dump_min(claims: Iterable[Claim]) -> bytes:
    """Claims as Label Studio's `JSON_MIN`: a record per claim."""
    return _dump(
        {
            **_data([one]),
            "id": number_,
            LABEL: one.label,
            SURE: one.certainty,
            "annotator": one.by,
            "annotation_id": 1000 * number_ + k,
            "created_at": one.at.isoformat(),
            "updated_at": one.at.isoformat(),
            "lead_time": None,
        }
        for number_, (_, some) in enumerate(_by_image(claims), 1)
        for k, one in enumerate(some)
    )


def _by_image(claims: Iterable[Claim]) -> Iterator[tuple[str, list[Claim]]]:
    ordered = sorted(claims, key=lambda one: (one.sha256, one.at, one.by))
    for digest, some in groupby(ordered, key=lambda one: one.sha256):
        yield digest, list(some)


def _data(claims: list[Claim]) -> dict[str, str]:
    facts = {name: value for one in claims for name, value in one.facts.items()}
    path = next((one.path for one in claims if one.path), "")
    return {IMAGE: path, "sha256": claims[0].sha256, **facts}


def _choice(label: str) -> dict[str, object]:
    return {
        "from_name": LABEL,
        "to_name": IMAGE,
        "type": "choices",
        "value": {"choices": [label]},
    }


def _sure(certainty: float) -> dict[str, object]:
    return {
        "from_name": SURE,
        "to_name": IMAGE,
        "type": "number",
        "value": {"number": certainty},
    }


def _dump(document: Iterable[object]) -> bytes:
    return json.dumps(list(document), indent=1, ensure_ascii=False).encode() + b"\n"


def _whole(record: Mapping[str, Any]) -> _Task:
    """A record of the short form as a task of one annotation."""
    results = [
        {"type": "choices", "value": {"choices": value}}
        for name, given in record.items()
        if name not in _OF_TASK and name not in FACTS
        for value in [_choices(given)]
        if value
    ]
    sure = [_sure(record[SURE])] if isinstance(record.get(SURE), int | float) else []
    made = _Annotation(
        completed_by=record.get("annotator"),
        result=[*results, *sure],
        created_at=str(record.get("created_at") or ""),
        updated_at=str(record.get("updated_at") or ""),
    )
    return _Task(id=record.get("id"), data=dict(record), annotations=[made])


def _choices(value: Any) -> list[str]:
    """What was chosen, if a value of the short form is a choice between the labels at all."""
    if isinstance(value, dict):
        value = value.get("choices")
    values = value if isinstance(value, list) else [value]
    texts = [one for one in values if isinstance(one, str) and one.strip().lower() in LABELS]
    return texts if len(texts) == len(values) else []


def _found(task: _Task, said: _Annotation, where: str) -> Iterator[Found]:
    chosen = {
        str(choice).strip().lower()
        for result in said.result
        if result.get("type") == "choices"
        for choice in result.get("value", {}).get("choices", ())
    }
    if not chosen:
        return
    if len(chosen) > 1 or not chosen <= set(LABELS):
        raise LabelsError(f"{where}: chosen is {' and '.join(sorted(chosen))}, not `ai` or `human`")
    sure = [
        str(result.get("value", {}).get("number"))
        for result in said.result
        if result.get("from_name") == SURE
    ]
    at = said.updated_at or said.created_at
    yield Found(
        where=where,
        label=chosen.pop(),
        path=_path(task.data),
        sha256=str(task.data.get("sha256") or "").lower(),
        by=_name(said.completed_by),
        at=moment(at, where) if at else None,
        certainty=number(sure[0], where) if sure else None,
        facts={name: str(task.data[name]) for name in FACTS if task.data.get(name)},
    )


def _name(annotator: _Annotator | int | str | None) -> str | None:
    if isinstance(annotator, _Annotator):
        annotator = annotator.email or annotator.id
    return None if annotator in (None, "") else f"{annotator}"


def _path(data: Mapping[str, Any]) -> str:
    """The path of a task's image, as far as it is one: its field has any name."""
    texts = [
        value
        for name, value in data.items()
        if isinstance(value, str) and name not in (*FACTS, *PROVENANCE, *_OF_TASK, LABEL)
    ]
    given = str(data.get(IMAGE) or next((text for text in texts if "." in text), ""))
    address = urlsplit(given)
    if address.path.startswith("/data/local-files"):
        return parse_qs(address.query).get("d", [""])[0]
    if address.path.startswith("/data/upload/"):
        return unquote(address.path.removeprefix("/data/upload/"))
    return given
