"""Manifest to artefact: splits, features, head, calibration, evaluation."""

from training.errors import TrainingError
from training.report import evaluate
from training.run import train
from training.similarity import train_similarity

__all__ = ["TrainingError", "evaluate", "train", "train_similarity"]
