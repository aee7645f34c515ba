"""How other sites are asked: the gate that every request passes, and what came of it."""
