"""Find what there is to verify: ``folders`` are walked without what is ``excluded``, ``sniff`` tells programs and
archives by their first bytes, ``candidates`` are the forms in which they are handed on.
"""
