"""Manifest to artefact: splits, features, head, calibration, evaluation."""

from training.detector.train import train
from training.errors import TrainingError
from training.evaluation.report import evaluate
from training.similarity.train import train_similarity

__all__ = ["TrainingError", "evaluate", "train", "train_similarity"]
