"""What can go wrong while something is measured."""

from core.errors import RakkanError


class BenchmarkError(RakkanError):
    """Something cannot be measured."""

    code = "benchmark"


class RunFailed(BenchmarkError):
    """A tree cannot do what is measured."""

    code = "benchmark_run"


class ContestFailed(BenchmarkError):
    """A benchmark did not come to its end."""

    code = "contest_failed"
