"""Manifest to artefact: splits, features, head, calibration, evaluation."""
