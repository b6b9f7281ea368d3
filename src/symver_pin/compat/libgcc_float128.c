/* libgcc's arithmetic on binary128 for PowerPC, without the choice by processor.

   libgcc.a has each of these functions as an IFUNC, which takes the processor's own instructions from POWER9 on. Its
   resolver reads what the loader writes in front of each thread's block since 2.23, and says so by a reference to
   __parse_hwcap_and_convert_at_platform, which only newer loaders export. Before 2.23 other bytes are there. So a kit for
   an older target puts this object in front of libgcc: each function is the one that works on every processor, whose
   name in libgcc ends in _sw.

   All functions are one object. libgcc's IFUNCs are one, too, and a link that took some functions from here and one from
   there would define the others twice. */

#ifdef __powerpc64__

typedef __float128 quad;
typedef _Complex float complex_quad __attribute__((mode(KC)));
typedef int whole __attribute__((mode(TI)));
typedef unsigned unsigned_whole __attribute__((mode(TI)));

#define ONE(result, name, type)                                                                                        \
    extern result name##_sw(type);                                                                                     \
    result name(type x)                                                                                                \
    {                                                                                                                  \
        return name##_sw(x);                                                                                           \
    }

#define TWO(result, name, first, second)                                                                               \
    extern result name##_sw(first, second);                                                                            \
    result name(first x, second y)                                                                                     \
    {                                                                                                                  \
        return name##_sw(x, y);                                                                                        \
    }

#define COMPLEX(name)                                                                                                  \
    extern complex_quad name##_sw(quad, quad, quad, quad);                                                             \
    complex_quad name(quad a, quad b, quad c, quad d)                                                                  \
    {                                                                                                                  \
        return name##_sw(a, b, c, d);                                                                                  \
    }

TWO(quad, __addkf3, quad, quad)
TWO(quad, __subkf3, quad, quad)
TWO(quad, __mulkf3, quad, quad)
TWO(quad, __divkf3, quad, quad)
ONE(quad, __negkf2, quad)
TWO(quad, __powikf2, quad, int)
COMPLEX(__mulkc3)
COMPLEX(__divkc3)

TWO(int, __eqkf2, quad, quad)
TWO(int, __nekf2, quad, quad)
TWO(int, __gekf2, quad, quad)
TWO(int, __gtkf2, quad, quad)
TWO(int, __lekf2, quad, quad)
TWO(int, __ltkf2, quad, quad)
TWO(int, __unordkf2, quad, quad)

ONE(quad, __extendsfkf2, float)
ONE(quad, __extenddfkf2, double)
ONE(quad, __trunctfkf2, __ibm128)
ONE(float, __trunckfsf2, quad)
ONE(double, __trunckfdf2, quad)
ONE(__ibm128, __extendkftf2, quad)

ONE(quad, __floatsikf, int)
ONE(quad, __floatunsikf, unsigned)
ONE(quad, __floatdikf, long)
ONE(quad, __floatundikf, unsigned long)
ONE(quad, __floattikf, whole)
ONE(quad, __floatuntikf, unsigned_whole)
ONE(int, __fixkfsi, quad)
ONE(unsigned, __fixunskfsi, quad)
ONE(long, __fixkfdi, quad)
ONE(unsigned long, __fixunskfdi, quad)
ONE(whole, __fixkfti, quad)
ONE(unsigned_whole, __fixunskfti, quad)

#endif
