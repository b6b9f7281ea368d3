/* Prepare the static unwinder of a program or shared library (-static-libgcc).

   Each copy of libgcc's unwinder fills a table of register sizes when it unwinds for the first time. If an exception
   comes from a library with an unwinder of its own, the landing pad calls _Unwind_SetGR of this copy first, which aborts
   as long as the table is empty. A backtrace that ends at once fills the table. The reference is weak: nothing is done
   in a program without an unwinder. It is not hidden: gold gives a hidden undefined weak symbol the address of the
   program itself, not zero. */

typedef int (*step)(void *context, void *argument);

extern int _Unwind_Backtrace(step, void *) __attribute__((weak));

enum { URC_NORMAL_STOP = 4 };

static int stop(void *context, void *argument)
{
    (void)context, (void)argument;
    return URC_NORMAL_STOP;
}

__attribute__((constructor)) static void prepare_unwinder(void)
{
    if (_Unwind_Backtrace)
        _Unwind_Backtrace(stop, 0);
}
