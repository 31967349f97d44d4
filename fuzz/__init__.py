"""Coverage-guided fuzzing with atheris, for developers. Not part of the product."""
