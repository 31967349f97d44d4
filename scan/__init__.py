"""An archive of images to a table and a report."""

from scan.errors import DamagedScanError, OtherScanError, ScanBusyError, ScanError, ScanExistsError
from scan.local import Assessor, scan
from scan.schema import ImageResult, ScanRow, parquet_schema
from scan.summary import ModelFacts, Progress, Summary

__all__ = [
    "Assessor",
    "DamagedScanError",
    "ImageResult",
    "ModelFacts",
    "OtherScanError",
    "Progress",
    "ScanBusyError",
    "ScanError",
    "ScanExistsError",
    "ScanRow",
    "Summary",
    "parquet_schema",
    "scan",
]
