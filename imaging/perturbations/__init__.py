"""What happens to pictures on their way, for training and evaluation."""
