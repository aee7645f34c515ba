"""The ontology as files and as graphs, its stable Turtle writer, its checks and its reasoner."""

from ontology.modules import alignments, files, load
from ontology.turtle import serialise

__all__ = ["alignments", "files", "load", "serialise"]
