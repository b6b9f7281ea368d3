"""A model of glibc's loader. It opens no file and starts no process: it judges objects that were read before.

* ``object``: one ELF file as the loader sees it; ``facts``: what a rule needs to know about one file alone.
* ``structure``: faults of one file that stop it whatever else is loaded.
* ``search``: the folders in which the loader looks for libraries; ``scope``: the files that are loaded together.
* ``exports``: look-ups in a given library; ``target_system``: the libraries of the target's glibc and GCC.
* ``rules``: the loader's demands on a scope, one rule a file; ``judge``: the verdict.
"""
