/* Adjustment of clocks with 64-bit times (time64.h). */

#include <limits.h>
#include <sys/timex.h>

#include "time64.h"

COMPAT_PLAIN(int, adjtimex, (struct timex *));
COMPAT_PLAIN(int, adjtime, (const struct timeval *, struct timeval *));
COMPAT_PLAIN(int, clock_adjtime, (clockid_t, struct timex *));

/* The fields of `struct timex` that both structures have under the same names, `time` excluded. */
#define EACH_FIELD(X)                                                                                                  \
    X(modes) X(offset) X(freq) X(maxerror) X(esterror) X(status) X(constant) X(precision) X(tolerance) X(tick)         \
    X(ppsfreq) X(jitter) X(shift) X(stabil) X(jitcnt) X(calcnt) X(errcnt) X(stbcnt) X(tai)

/* Fills *to if it can hold all fields that the kernel reads. */
static int narrow_adjustment(const struct adjustment64 *from, struct timex *to)
{
    const int64_t read[] = {from->offset, from->freq, from->maxerror, from->esterror, from->constant, from->tick};
    static const unsigned which[] = {ADJ_OFFSET, ADJ_FREQUENCY, ADJ_MAXERROR, ADJ_ESTERROR, ADJ_TIMECONST, ADJ_TICK};
    for (int i = 0; i < 6; ++i)
        if (from->modes & which[i] && !fits_in_32(read[i]))
            return 0;
    if (from->modes & 0x100 /* ADJ_SETOFFSET */ && (!fits_in_32(from->time.sec) || !fits_in_32(from->time.usec)))
        return 0;
#define NARROW(field) to->field = from->field;
    EACH_FIELD(NARROW)
    to->time.tv_sec = (time_t)from->time.sec;
    to->time.tv_usec = (suseconds_t)from->time.usec;
    return 1;
}

static void widen_adjustment(const struct timex *from, struct adjustment64 *to)
{
#define WIDEN(field) to->field = from->field;
    EACH_FIELD(WIDEN)
    to->time = widen_val(&from->time);
}

/* CLOCK_REALTIME is what adjtimex adjusts, which every kernel has. */
static int adjust(clockid_t clock, struct adjustment64 *adjustment)
{
    struct timex old;
    int result = (int)plain_syscall(CALL_CLOCK_ADJTIME64, clock, adjustment);
    if (result >= 0 || errno != ENOSYS)
        return result;
    if (!narrow_adjustment(adjustment, &old))
        return overflow();
    result = clock == CLOCK_REALTIME ? plain_adjtimex(&old) : plain_clock_adjtime(clock, &old);
    if (result >= 0)
        widen_adjustment(&old, adjustment);
    return result;
}

COMPAT_64(int, __clock_adjtime64, (clockid_t clock, struct adjustment64 *adjustment), (clock, adjustment))
{
    return adjust(clock, adjustment);
}

COMPAT_64(int, ___adjtimex64, (struct adjustment64 * adjustment), (adjustment))
{
    return adjust(CLOCK_REALTIME, adjustment);
}

static int read_ntp(struct ntp64 *ntp)
{
    struct adjustment64 adjustment = {0};
    int result = adjust(CLOCK_REALTIME, &adjustment);
    ntp->time = adjustment.time;
    ntp->maxerror = (int32_t)adjustment.maxerror;
    ntp->esterror = (int32_t)adjustment.esterror;
    ntp->tai = adjustment.tai;
    return result;
}

/* Leaves the fields from tai on as they are, which came later. */
COMPAT_64(int, __ntp_gettime64, (struct ntp64 * ntp), (ntp))
{
    struct ntp64 whole = {0};
    int result = read_ntp(&whole);
    ntp->time = whole.time;
    ntp->maxerror = whole.maxerror;
    ntp->esterror = whole.esterror;
    return result;
}

COMPAT_64(int, __ntp_gettimex64, (struct ntp64 * ntp), (ntp))
{
    *ntp = (struct ntp64){0};
    return read_ntp(ntp);
}

/* An adjustment is less than about 2145 seconds: more is EINVAL. */
COMPAT_64(int, __adjtime64, (const struct val64 *delta, struct val64 *before), (delta, before))
{
    struct timeval old, last;
    if (delta) {
        int64_t seconds;
        if (__builtin_add_overflow(delta->sec, delta->usec / 1000000, &seconds) || !fits_in_32(seconds)) {
            errno = EINVAL;
            return -1;
        }
        old = (struct timeval){(time_t)seconds, (suseconds_t)(delta->usec % 1000000)};
    }
    int result = plain_adjtime(delta ? &old : 0, before ? &last : 0);
    if (result == 0 && before)
        *before = widen_val(&last);
    return result;
}
