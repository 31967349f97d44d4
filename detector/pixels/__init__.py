"""What the pixels show: score, abstention, hints, heat map."""
