"""The themes that a source may state: the data themes of the EU's authority tables, in words.

http://publications.europa.eu/resource/authority/data-theme, as DCAT-AP asks for.
"""

from __future__ import annotations

from collections.abc import Mapping

SCHEME = "http://publications.europa.eu/resource/authority/data-theme"
THEMES: Mapping[str, Mapping[str, str]] = {
    code: {"fr": french, "en": english, "es": spanish}
    for code, french, english, spanish in (
        (
            "AGRI",
            "Agriculture, pêche, sylviculture et alimentation",
            "Agriculture, fisheries, forestry and food",
            "Agricultura, pesca, silvicultura y alimentación",
        ),
        ("ECON", "Économie et finances", "Economy and finance", "Economía y finanzas"),
        (
            "EDUC",
            "Éducation, culture et sport",
            "Education, culture and sport",
            "Educación, cultura y deportes",
        ),
        ("ENER", "Énergie", "Energy", "Energía"),
        ("ENVI", "Environnement", "Environment", "Medio ambiente"),
        (
            "GOVE",
            "Gouvernement et secteur public",
            "Government and public sector",
            "Gobierno y sector público",
        ),
        ("HEAL", "Santé", "Health", "Salud"),
        ("INTR", "Questions internationales", "International issues", "Asuntos internacionales"),
        (
            "JUST",
            "Justice, système juridique et sécurité publique",
            "Justice, legal system and public safety",
            "Justicia, sistema judicial y seguridad pública",
        ),
        ("REGI", "Régions et villes", "Regions and cities", "Regiones y ciudades"),
        ("SOCI", "Population et société", "Population and society", "Población y sociedad"),
        ("TECH", "Science et technologie", "Science and technology", "Ciencia y tecnología"),
        ("TRAN", "Transports", "Transport", "Transporte"),
    )
}
