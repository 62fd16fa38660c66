"""The form of routine files for editors: JSON Schema, made of the same nouns that the loader checks files with."""
