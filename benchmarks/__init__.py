"""Speed and memory, as ratios against a baseline interleaved in the same run."""
