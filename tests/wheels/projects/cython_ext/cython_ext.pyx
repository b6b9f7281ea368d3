from libc.math cimport exp, log, pow
from libc.stdlib cimport strtol


def check(text):
    return int(strtol(text.encode(), NULL, 10) + pow(2, 5) + exp(log(1.0)))
