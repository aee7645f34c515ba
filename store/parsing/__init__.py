"""Reading RDF that nobody vouches for: guarded, bounded, its faults told with their line."""
