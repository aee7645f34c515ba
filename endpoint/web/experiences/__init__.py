"""The pages of experiences: facets, and those like a territory."""
