"""What docs/security.md claims, tested from outside. Other tests that it names stand where their subject is."""
