"""Numbers that came back: samples of every post's counters, and what they add up to."""
