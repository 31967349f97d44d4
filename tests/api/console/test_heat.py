"""The heat map of a case, by a real model."""

from datetime import UTC, datetime
from pathlib import Path

from moderation import staff
from serving.opening import open_judge
from serving.settings import Settings
from storage.people import StaffRole
from tests.api.conftest import serving
from tests.api.console.conftest import PASSWORD, Forms
from tests.api.console.making import asked


def test_a_heat_map_is_drawn_of_the_kept_picture(encoder_cache: Path, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, encoder=encoder_cache)
    place, judge = f"sqlite:///{tmp_path / 'r.sqlite3'}", open_judge(settings, threads=1)
    with serving(place, judge, preview_days=1) as client:
        store = client.service.store
        staff.add(store, "mia", StaffRole.AUDITOR, PASSWORD, at=datetime.now(UTC))
        seen, unseen = asked(store, "seen", number=1), asked(store, "unseen")
        forms = Forms(client.url)
        with forms.http:
            forms.sign_in("mia")
            answer = forms.http.get(f"/console/cases/{seen}/heat")
            assert forms.http.get(f"/console/cases/{unseen}/heat").status_code == 404
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.content.startswith(b"\x89PNG")
