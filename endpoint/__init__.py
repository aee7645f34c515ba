"""The Flask application, from what every route stands on up to the server that runs it.

Its packages and modules import one way; ``tests/test_architecture.py`` has their order.
"""
