"""Labels as folders: `ai/` and `human/`, each with its images, in folders of their own or not."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.files import published
from training.data.manifest import LABELS
from training.errors import LabelsError
from training.labels.claim import Claim
from training.labels.formats.found import Found


def read_folder(folder: Path) -> Iterator[Found]:
    """The labels that a folder per class gives; hidden files are passed over.

    A folder within that of its class names the source of its images.

    Raises:
        LabelsError: It has neither a folder `ai` nor one `human`.
    """
    classes = [folder / label for label in LABELS if (folder / label).is_dir()]
    if not classes:
        raise LabelsError(f"{folder} has no folder `ai` or `human`: put the images into these")
    for of_class in classes:
        for file in sorted(of_class.rglob("*")):
            within = file.relative_to(of_class)
            if file.is_file() and not any(part.startswith(".") for part in within.parts):
                source = within.parent.as_posix()
                yield Found(
                    where=file.relative_to(folder).as_posix(),
                    label=of_class.name,
                    path=str(file),
                    facts={} if source == "." else {"source": source},
                )


def write_folder(labels: Iterable[Claim], out: Path) -> None:
    """Copy images into a folder per class, by their digests.

    Args:
        labels: Each with the path of its image.
        out: Absent or empty.
    """
    with published(out) as draft:
        for label in LABELS:
            (draft / label).mkdir()
        for one in labels:
            place = draft / one.label / f"{one.sha256}{Path(one.path).suffix.lower()}"
            shutil.copyfile(one.path, place)
