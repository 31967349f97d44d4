"""How good it is: metrics, intervals, tiers, the report."""
