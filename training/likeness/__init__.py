"""What people decide about likeness: labels, thresholds of a platform's own, and the gate."""
