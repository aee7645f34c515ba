"""The ground of Atlas relationnel: errors, settings, the command line. Imports no other package."""

__version__ = "0.1.0"
