"""HTML for people: one environment, one style."""
