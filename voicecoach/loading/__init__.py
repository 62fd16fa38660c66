"""Reading what people write: routines and exercises, from their files to the nouns of the core."""
