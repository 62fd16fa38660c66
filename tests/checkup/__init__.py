"""Tests of the looks at a machine."""
