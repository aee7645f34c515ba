"""The pages about data: sources, generations, findings, conformance."""
