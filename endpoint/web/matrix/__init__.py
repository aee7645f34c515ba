"""The matrices of documented relations."""
