"""What is published for other sites: the catalogue, the counts, the files."""
