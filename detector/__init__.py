"""Features to `AiEvidence`."""
