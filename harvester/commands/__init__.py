"""The commands that need the worker: ``harvest``, ``source probe``, ``validate``, ``import``, ``demo``.

``bridge`` also is what the registry's commands need of the harvester (``registry.commands.session.Harvester``).
"""
