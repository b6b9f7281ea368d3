"""Promises: what a package says about the systems that it runs on, in its file name or its metadata.

``promise`` is the value, ``wheel_name`` reads the tags of a wheel's file name, ``metadata`` the files inside of conda,
npm and Debian packages, ``package`` follows the archives of a verification, ``check`` compares a promise with the
verdict on a file.
"""
