import shutil
from pathlib import Path

from detector.rules import (
    FOLDERS,
    folder_sha256,
    folders_sha256,
    reader_ids,
    rules_sha256,
)
from detector.statements.gather import default_readers
from tests.credentials import make_authority


def test_every_reader_is_named_and_so_are_the_rules() -> None:
    readers = default_readers()
    ids = reader_ids(readers)
    assert len(set(ids)) == len(ids) == len(readers) + 1
    assert ids[-1] == f"rules:{rules_sha256()[:16]}"
    assert reader_ids(default_readers()) == ids


def test_settings_change_the_id_of_their_reader_alone() -> None:
    ids = reader_ids(default_readers())
    trusting = reader_ids(default_readers(trust_anchors=make_authority("A").root))
    assert [one.split(":")[0] for one in set(trusting) - set(ids)] == ["c2pa"]
    assert set(reader_ids(default_readers(decode_again=False))) - set(ids) == {
        "watermark:decoded-once"
    }


def test_any_change_of_a_rule_or_a_table_changes_the_digest(tmp_path: Path) -> None:
    copies = [tmp_path / folder.name for folder in FOLDERS]
    for folder, copy in zip(FOLDERS, copies, strict=True):
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("__pycache__"))
    assert folders_sha256(copies) == rules_sha256()
    digests = {rules_sha256()}
    changed = [
        *("detector/readers/programs.csv", "detector/readers/iptc.py"),
        *("detector/statements/gather.py", "detector/verdict.py", "imaging/metadata/blocks.py"),
    ]
    for name in changed:
        file = tmp_path / name
        before = file.read_bytes()
        file.write_bytes(before + b"\n")
        digests.add(folders_sha256(copies))
        file.write_bytes(before)
    iptc = tmp_path / "detector/readers/iptc.py"
    iptc.rename(iptc.with_name("other.py"))
    digests.add(folders_sha256(copies))
    assert len(digests) == len(changed) + 2


def test_what_python_compiles_is_no_rule(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    before = folder_sha256(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__/a.pyc").write_bytes(b"1")
    assert folder_sha256(tmp_path) == before
