"""A model of glibc's loader. It opens no file and starts no process: it judges objects that were read before.

``object`` is one file, ``facts`` what is known of it alone, ``structure`` what stops it whatever else is loaded,
``search`` where the loader looks for its libraries, ``scope`` what is loaded with it, ``exports`` look-ups in a
given library, ``target_system`` the target's own libraries, ``rules`` what the loader demands, ``judge`` the verdict.
"""
