"""What is generated from one release's view: ``pins`` decides, ``header`` renders the pin header, ``stubs`` and
``scripts`` make the libraries of a link kit, ``kit`` puts one together, once, in the cache.
"""
