/* The engines: functions that many members of the archive share, each under its own name (symver_pin_...).

   They are one translation unit because all of them compute with the same 256-bit integers. Compiling them separately
   takes more than twice the time. */

#include "arithmetic.h"
#include "elementary.h"
#include "integers.h"
#include "representation.h"
#ifdef HAS_QUAD_TYPE
#include "quad.h"
#endif
