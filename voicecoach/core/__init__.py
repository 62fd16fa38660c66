"""The pure core: knows no sound, no clock, no files and no threads."""
