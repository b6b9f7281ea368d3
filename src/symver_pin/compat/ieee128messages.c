/* Messages with a long double of binary128 (quadtext.h): err, warn, error, syslog and argp. Each passes the finished
   text to its older relative. If there is no memory for it, the format itself is the message. */

#include "quadtext.h"

#if LDBL_MANT_DIG == 106 /* PowerPC */

#include <argp.h>
#include <syslog.h>

COMPAT_PLAIN(void, err, (int, const char *, ...)) __attribute__((noreturn));
COMPAT_PLAIN(void, errx, (int, const char *, ...)) __attribute__((noreturn));
COMPAT_PLAIN(void, warn, (const char *, ...));
COMPAT_PLAIN(void, warnx, (const char *, ...));
COMPAT_PLAIN(void, error, (int, int, const char *, ...));
COMPAT_PLAIN(void, error_at_line, (int, int, const char *, unsigned, const char *, ...));
COMPAT_PLAIN(void, syslog, (int, const char *, ...));
COMPAT_PLAIN(void, argp_error, (const struct argp_state *, const char *, ...));
COMPAT_PLAIN(void, argp_failure, (const struct argp_state *, int, int, const char *, ...));

static char *message_of(const char *format, va_list arguments)
{
    int length, before = errno;
    char *text = format ? symver_pin_quad_print(format, arguments, &length) : 0;
    errno = before;
    return text;
}

/* `call` has the message as `text`; a NULL format stays NULL. What ends the program does not free it. */
#define SAY(call_without, call)                                                                                        \
    char *made = message_of(format, arguments);                                                                        \
    const char *text = made ? made : format;                                                                           \
    if (!text)                                                                                                         \
        call_without;                                                                                                  \
    else                                                                                                               \
        call;                                                                                                          \
    plain_free(made);

#define SOME(symbol, parameters, call_without, call)                                                                   \
    COMPAT_DEFINE(void, symbol, parameters)                                                                            \
    {                                                                                                                  \
        va_list arguments;                                                                                             \
        va_start(arguments, format);                                                                                   \
        SAY(call_without, call)                                                                                        \
        va_end(arguments);                                                                                             \
    }
#define BOTH(plain_name, list_name, parameters, call_without, call)                                                    \
    SOME(plain_name, (parameters const char *format, ...), call_without, call)                                         \
    COMPAT_DEFINE(void, list_name, (parameters const char *format, va_list arguments))                                 \
    {                                                                                                                  \
        SAY(call_without, call)                                                                                        \
    }
#define WITH(...) __VA_ARGS__,

BOTH(__errieee128, __verrieee128, WITH(int status), plain_err(status, 0), plain_err(status, "%s", text))
BOTH(__errxieee128, __verrxieee128, WITH(int status), plain_errx(status, 0), plain_errx(status, "%s", text))
BOTH(__warnieee128, __vwarnieee128, , plain_warn(0), plain_warn("%s", text))
BOTH(__warnxieee128, __vwarnxieee128, , plain_warnx(0), plain_warnx("%s", text))
BOTH(__syslogieee128, __vsyslogieee128, WITH(int priority), , plain_syslog(priority, "%s", text))
BOTH(__syslog_chkieee128, __vsyslog_chkieee128, WITH(int priority, int flag), (void)flag,
     plain_syslog(priority, "%s", text))
SOME(__errorieee128, P(int status, int number, const char *format, ...), , plain_error(status, number, "%s", text))
SOME(__error_at_lineieee128, P(int status, int number, const char *file, unsigned line, const char *format, ...), ,
     plain_error_at_line(status, number, file, line, "%s", text))
SOME(__argp_errorieee128, P(const struct argp_state *state, const char *format, ...), , plain_argp_error(state, "%s",
     text))
SOME(__argp_failureieee128, P(const struct argp_state *state, int status, int number, const char *format, ...),
     plain_argp_failure(state, status, number, 0), plain_argp_failure(state, status, number, "%s", text))

#endif
