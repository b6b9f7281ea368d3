/* The engines: the functions that many members of the archive share, each under its own name (symver_pin_...).

   One unit, since all compute with the same integers of 256 bits: compiled apart they take more than twice the time.  */

#include "arithmetic.h"
#include "elementary.h"
#include "integers.h"
#include "representation.h"
#if __LDBL_MANT_DIG__ == 64
#include "quad.h"
#endif
