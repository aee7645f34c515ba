"""The pages for people. Each view is a named query or a few, which a template shows.

``sections`` lists the families of pages; each family is a module of its own with its templates
(``templates/web/``), its words (``translations/*/``) and its queries (``queries/pages/``).
"""
