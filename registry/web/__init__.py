"""The registers over HTTP. ``create_app`` makes the application; ``wsgi`` is where a server finds one.

oai          /oai/<code>      every register as an OAI-PMH 2.0 repository
schemas      /schemas/<name>  the schema files of our own format
health       /healthz         whether this process can read the store
errors, headers, compression  what holds for every answer
"""

from registry.web.app import create_app

__all__ = ["create_app"]
