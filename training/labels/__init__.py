"""Labels for training: who says how an image was made, and what follows where they disagree."""
