from setuptools import Extension, setup

module = Extension("cython_ext", ["cython_ext.pyx"], libraries=["m"])
setup(name="cython_ext", version="1.0", py_modules=[], ext_modules=[module])
