"""A user's own policies stand before those that ship."""

from pathlib import Path

import pytest

from labelling.errors import BadPolicy, UnknownPolicy
from labelling.policy.document import Policy
from labelling.policy.library import PolicyLibrary, open_policy
from labelling.policy.resolved import ResolvedPolicy, dump_policy


def test_a_policy_of_the_folder_stands_in_the_place_of_one_that_ships(tmp_path: Path) -> None:
    own = PolicyLibrary().document("pixiv").replace("mode: shadow", "mode: live")
    (tmp_path / "pixiv.yaml").write_text(own, "utf-8")
    (tmp_path / "notes.txt").write_text("not a policy")
    assert open_policy("pixiv", tmp_path).acts
    assert not open_policy("pixiv").acts
    assert open_policy("pixiv", tmp_path).id != open_policy("pixiv").id
    assert list(PolicyLibrary(tmp_path)) == list(PolicyLibrary())


def test_a_document_that_changes_counts_at_once(tmp_path: Path) -> None:
    shadow = PolicyLibrary().document("pixiv")
    for mode in ("shadow", "live", "shadow"):
        (tmp_path / "pixiv.yaml").write_text(shadow.replace("mode: shadow", f"mode: {mode}"))
        assert open_policy("pixiv", tmp_path).acts is (mode == "live")


def test_a_policy_that_is_broken_harms_no_other(tmp_path: Path) -> None:
    (tmp_path / "comics.yaml").write_text("schema: 1")
    assert open_policy("booth", tmp_path)
    with pytest.raises(BadPolicy, match=r"comics.yaml:1:1: .*\(1 more: `rakkan policy check`"):
        open_policy("comics", tmp_path)


def test_a_file_has_the_name_of_its_policy(tmp_path: Path) -> None:
    (tmp_path / "comics.yaml").write_text(PolicyLibrary().document("booth"), "utf-8")
    with pytest.raises(BadPolicy, match=r'call the file "booth.yaml"'):
        open_policy("comics", tmp_path)


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnknownPolicy, match="no folder"):
        PolicyLibrary(tmp_path / "none")


@pytest.mark.parametrize("name", PolicyLibrary())
def test_a_policy_that_is_kept_keeps_its_digest(name: str) -> None:
    policy = open_policy(name)
    kept = tuple(Policy.model_validate_json(dump_policy(one)) for one in policy.documents)
    again = ResolvedPolicy.of(kept)
    assert again == policy
    assert again.undo_days == policy.undo_days
    assert again.strikes == policy.strikes


def test_settings_are_inherited_until_a_policy_says_its_own() -> None:
    policy = open_policy("pixiv")
    assert policy.strikes.expire_after_days == 365
    assert policy.appeals is not None
    assert policy.signals.imitation is not None
    assert policy.signals.flood is not None
    assert set(open_policy("booth").labels) == {"ai-generated", "uses-ai"}
