"""Plain queries: this atlas and all its partners asked as if they were one dataset."""
