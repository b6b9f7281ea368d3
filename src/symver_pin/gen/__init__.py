"""What is generated from one release's view: ``pins`` decides, ``header`` renders the pin header (``header_cache``
once), ``stubs`` and ``scripts`` make the libraries of a link kit, ``kit_contents`` its files, ``kit_build`` the whole,
``kit_cache`` once.
"""
