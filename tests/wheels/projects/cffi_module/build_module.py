"""The build script of a module in cffi's API mode, for `setup.py` and as a program."""

from cffi import FFI

from symver_pin.cffi import pin

ffibuilder = FFI()
ffibuilder.cdef("double shape(double); int random_byte(void);")
ffibuilder.set_source(
    "_cffi_module",
    """
    #include <math.h>
    #include <sys/random.h>
    static double shape(double x) { return exp(log(x)) + pow(x, 2); }
    static int random_byte(void) { unsigned char byte; return getrandom(&byte, 1, 0) == 1 ? byte : -1; }
    """,
    libraries=["m"],
)
pin(ffibuilder, glibc="2.17")

if __name__ == "__main__":
    print(ffibuilder.compile())
