"""The documents about things and terms, each in the format that is asked."""
