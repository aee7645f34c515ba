"""A loader: tables of names, as the real ones have."""

CODE = "insideCode"
