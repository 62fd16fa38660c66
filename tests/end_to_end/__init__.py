"""Whole sessions through WAV files: real synthesis, real recognition, and measurements in the sound that comes out."""
