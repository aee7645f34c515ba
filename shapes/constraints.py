"""The table of constraint components: what each is called, its parameter, its template.

A parameter that is not here, of a component that SHACL Core or sh:sparql has, would be a hole: a
test compares the table with the components that pySHACL knows.
"""

from __future__ import annotations

from dataclasses import dataclass

from rdflib import SH
from rdflib.term import URIRef

from shapes import logical_constraints as logical
from shapes import property_constraints as properties
from shapes import value_constraints as value
from shapes.failures import Template
from shapes.sparql_constraints import select


@dataclass(frozen=True)
class Component:
    """A constraint component. Parameters beside the first only refine it."""

    name: URIRef
    parameter: URIRef
    template: Template
    refinements: tuple[URIRef, ...] = ()


QUALIFIED = (SH.qualifiedMinCount, SH.qualifiedMaxCount, SH.qualifiedValueShapesDisjoint)

COMPONENTS = (
    Component(SH.ClassConstraintComponent, SH["class"], value.class_),
    Component(SH.DatatypeConstraintComponent, SH.datatype, value.datatype),
    Component(SH.NodeKindConstraintComponent, SH.nodeKind, value.node_kind),
    Component(SH.MinCountConstraintComponent, SH.minCount, properties.min_count),
    Component(SH.MaxCountConstraintComponent, SH.maxCount, properties.max_count),
    Component(SH.MinExclusiveConstraintComponent, SH.minExclusive, value.min_exclusive),
    Component(SH.MinInclusiveConstraintComponent, SH.minInclusive, value.min_inclusive),
    Component(SH.MaxExclusiveConstraintComponent, SH.maxExclusive, value.max_exclusive),
    Component(SH.MaxInclusiveConstraintComponent, SH.maxInclusive, value.max_inclusive),
    Component(SH.MinLengthConstraintComponent, SH.minLength, value.min_length),
    Component(SH.MaxLengthConstraintComponent, SH.maxLength, value.max_length),
    Component(SH.PatternConstraintComponent, SH.pattern, value.pattern, (SH.flags,)),
    Component(SH.LanguageInConstraintComponent, SH.languageIn, value.language_in),
    Component(SH.UniqueLangConstraintComponent, SH.uniqueLang, properties.unique_lang),
    Component(SH.EqualsConstraintComponent, SH.equals, properties.equals),
    Component(SH.DisjointConstraintComponent, SH.disjoint, properties.disjoint),
    Component(SH.LessThanConstraintComponent, SH.lessThan, properties.less_than),
    Component(
        SH.LessThanOrEqualsConstraintComponent, SH.lessThanOrEquals, properties.less_than_or_equals
    ),
    Component(SH.NotConstraintComponent, SH["not"], logical.not_),
    Component(SH.AndConstraintComponent, SH["and"], logical.and_),
    Component(SH.OrConstraintComponent, SH["or"], logical.or_),
    Component(SH.XoneConstraintComponent, SH.xone, logical.xone),
    Component(SH.NodeConstraintComponent, SH.node, logical.node),
    Component(SH.PropertyConstraintComponent, SH.property, logical.node),
    Component(
        SH.QualifiedMinCountConstraintComponent,
        SH.qualifiedValueShape,
        logical.qualified_value_shape,
        QUALIFIED,
    ),
    Component(SH.ClosedConstraintComponent, SH.closed, value.closed, (SH.ignoredProperties,)),
    Component(SH.HasValueConstraintComponent, SH.hasValue, properties.has_value),
    Component(SH.InConstraintComponent, SH["in"], value.in_),
    Component(SH.SPARQLConstraintComponent, SH.sparql, select),
)

TEMPLATES = {component.parameter: component.template for component in COMPONENTS}
