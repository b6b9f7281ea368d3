from setuptools import Extension, setup

module = Extension("setuptools_c", ["module.c"], libraries=["m"], extra_link_args=["-pthread"])
setup(name="setuptools_c", version="1.0", py_modules=[], ext_modules=[module])
