"""Other sites: who they are, how they are asked, and what they and this atlas answer together.

Everything that leaves for another site goes through one gate, to partners only.
"""
