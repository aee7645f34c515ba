"""The atlas as ScrutariData."""
