"""Plain addresses for programs, and the document that describes all addresses."""
