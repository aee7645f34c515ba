"""Keywords of two thesauri that may mean the same: proposed, judged by a person, published."""
