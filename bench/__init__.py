"""What we claim, measured. ``script/bench`` runs it; nothing here is a test, and no test asserts a speed."""
