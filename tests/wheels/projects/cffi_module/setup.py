from setuptools import setup

setup(name="cffi_module", version="1.0", cffi_modules=["build_module.py:ffibuilder"], install_requires=["cffi"])
