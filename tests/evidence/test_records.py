import subprocess
import sys

import evidence


def test_the_front_door() -> None:
    assert sorted(evidence.__all__) == evidence.__all__
    for name in evidence.__all__:
        assert getattr(evidence, name) is not None


def test_importing_the_records_loads_no_other_package() -> None:
    """Whoever decides by evidence needs no codec, no model and no validator for that."""
    code = (
        "import sys; before = set(sys.modules); import evidence, evidence.wording.judgement; "
        "print('\\n'.join({name.split('.')[0] for name in set(sys.modules) - before}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert loaded - set(sys.stdlib_module_names) == {"core", "evidence"}
