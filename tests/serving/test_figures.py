from models import DetectorManifest
from models.artefact.registry import SHIPPED, Registry
from serving.figures import METRICS, figures


def test_figures_of_the_shipped_models() -> None:
    manifests = [entry.artefact.manifest for entry in Registry(SHIPPED / "none").list()]
    detectors = [one for one in manifests if isinstance(one, DetectorManifest)]
    assert detectors
    for manifest in detectors:
        shown = dict(figures(manifest))
        assert {words for words, _ in METRICS.values()} <= set(shown)
        metrics = manifest.metrics
        low, high = metrics["auroc_low"], metrics["auroc_high"]
        expected = f"{metrics['auroc']:.3f} (95 % interval {low:.3f} to {high:.3f})"
        assert shown["AUROC"] == expected
        called = 100 * metrics["humans_called_ai"]
        assert shown["Human works called AI"].startswith(f"{called:.1f} % (95 % interval ")
        assert all(" % of " in shown[name] for name in ("Verdict AI", "Verdict human"))
