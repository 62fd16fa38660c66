"""What a routine looks like: what its time goes into, where the body changes its place, and how to draw it."""
