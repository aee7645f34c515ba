"""The pages of terms: classes, properties, vocabularies, concepts."""
