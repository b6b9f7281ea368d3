/* The printf family for a long double of binary128 (quadtext.h). Each function has the text made by the engine, and
   writes it as its older relative would. The fortified ones check the room as theirs do; "%n" in writable memory is not
   refused. */

#include "quadtext.h"

#if LDBL_MANT_DIG == 106 /* PowerPC */

#include <obstack.h>
#include <stdint.h>

COMPAT_PLAIN(size_t, fwrite, (const void *, size_t, size_t, FILE *));
COMPAT_PLAIN(int, dprintf, (int, const char *, ...));
COMPAT_PLAIN(void, __chk_fail, (void)) __attribute__((noreturn));
COMPAT_PLAIN(int, obstack_printf, (struct obstack *, const char *, ...));
extern FILE *plain_stdout __asm__("stdout");

static int print_to_stream(FILE *stream, const char *format, va_list arguments)
{
    int length;
    char *text = symver_pin_quad_print(format, arguments, &length);
    if (!text)
        return -1;
    if (plain_fwrite(text, 1, (size_t)length, stream) != (size_t)length)
        length = -1;
    plain_free(text);
    return length;
}

static int print_to_memory(char *to, size_t room, const char *format, va_list arguments)
{
    int length;
    char *text = symver_pin_quad_print(format, arguments, &length);
    if (!text)
        return -1;
    for (size_t i = 0; i < room; ++i) {
        to[i] = i + 1 < room && i < (size_t)length ? text[i] : 0;
        if (!to[i] && i >= (size_t)length)
            break;
    }
    plain_free(text);
    return length;
}

/* sprintf has all the room there is, __sprintf_chk what the compiler saw. */
static int print_unbounded(char *to, size_t known, const char *format, va_list arguments)
{
    int length;
    char *text = symver_pin_quad_print(format, arguments, &length);
    if (!text)
        return -1;
    if ((size_t)length >= known)
        plain___chk_fail();
    for (int i = 0; i <= length; ++i)
        to[i] = text[i];
    plain_free(text);
    return length;
}

static int print_to_descriptor(int fd, const char *format, va_list arguments)
{
    int length;
    char *text = symver_pin_quad_print(format, arguments, &length);
    if (!text)
        return -1;
    length = plain_dprintf(fd, "%.*s", length, text);
    plain_free(text);
    return length;
}

static int print_to_obstack(struct obstack *stack, const char *format, va_list arguments)
{
    int length;
    char *text = symver_pin_quad_print(format, arguments, &length);
    if (!text)
        return -1;
    length = plain_obstack_printf(stack, "%.*s", length, text);
    plain_free(text);
    return length;
}

static int print_to_new_memory(char **result, const char *format, va_list arguments)
{
    int length;
    char *text = symver_pin_quad_print(format, arguments, &length);
    if (!text)
        return -1;
    *result = text;
    return length;
}

static void need_room(size_t room, size_t known)
{
    if (known < room)
        plain___chk_fail();
}

#define FORMAT const char *format
#define REST FORMAT, va_list arguments

QUAD_VARIADIC(__printfieee128, P(FORMAT, ...), format, print_to_stream(plain_stdout, format, arguments))
QUAD_LIST(__vprintfieee128, P(REST), print_to_stream(plain_stdout, format, arguments))
QUAD_VARIADIC(__printf_chkieee128, P(int flag, FORMAT, ...), format, ((void)flag, print_to_stream(plain_stdout, format,
              arguments)))
QUAD_LIST(__vprintf_chkieee128, P(int flag, REST), ((void)flag, print_to_stream(plain_stdout, format, arguments)))

QUAD_VARIADIC(__fprintfieee128, P(FILE *stream, FORMAT, ...), format, print_to_stream(stream, format, arguments))
QUAD_LIST(__vfprintfieee128, P(FILE *stream, REST), print_to_stream(stream, format, arguments))
QUAD_VARIADIC(__fprintf_chkieee128, P(FILE *stream, int flag, FORMAT, ...), format,
    ((void)flag, print_to_stream(stream, format, arguments)))
QUAD_LIST(__vfprintf_chkieee128, P(FILE *stream, int flag, REST), ((void)flag, print_to_stream(stream, format,
          arguments)))

QUAD_VARIADIC(__sprintfieee128, P(char *to, FORMAT, ...), format, print_unbounded(to, SIZE_MAX, format, arguments))
QUAD_LIST(__vsprintfieee128, P(char *to, REST), print_unbounded(to, SIZE_MAX, format, arguments))
QUAD_VARIADIC(__sprintf_chkieee128, P(char *to, int flag, size_t known, FORMAT, ...), format,
    ((void)flag, print_unbounded(to, known, format, arguments)))
QUAD_LIST(__vsprintf_chkieee128, P(char *to, int flag, size_t known, REST),
     ((void)flag, print_unbounded(to, known, format, arguments)))

QUAD_VARIADIC(__snprintfieee128, P(char *to, size_t room, FORMAT, ...), format, print_to_memory(to, room, format,
              arguments))
QUAD_LIST(__vsnprintfieee128, P(char *to, size_t room, REST), print_to_memory(to, room, format, arguments))
QUAD_VARIADIC(__snprintf_chkieee128, P(char *to, size_t room, int flag, size_t known, FORMAT, ...), format,
    ((void)flag, need_room(room, known), print_to_memory(to, room, format, arguments)))
QUAD_LIST(__vsnprintf_chkieee128, P(char *to, size_t room, int flag, size_t known, REST),
     ((void)flag, need_room(room, known), print_to_memory(to, room, format, arguments)))

QUAD_VARIADIC(__asprintfieee128, P(char **result, FORMAT, ...), format, print_to_new_memory(result, format, arguments))
QUAD_LIST(__vasprintfieee128, P(char **result, REST), print_to_new_memory(result, format, arguments))
QUAD_VARIADIC(__asprintf_chkieee128, P(char **result, int flag, FORMAT, ...), format,
    ((void)flag, print_to_new_memory(result, format, arguments)))
QUAD_LIST(__vasprintf_chkieee128, P(char **result, int flag, REST),
     ((void)flag, print_to_new_memory(result, format, arguments)))

QUAD_VARIADIC(__dprintfieee128, P(int fd, FORMAT, ...), format, print_to_descriptor(fd, format, arguments))
QUAD_LIST(__vdprintfieee128, P(int fd, REST), print_to_descriptor(fd, format, arguments))
QUAD_VARIADIC(__dprintf_chkieee128, P(int fd, int flag, FORMAT, ...), format,
    ((void)flag, print_to_descriptor(fd, format, arguments)))
QUAD_LIST(__vdprintf_chkieee128, P(int fd, int flag, REST), ((void)flag, print_to_descriptor(fd, format, arguments)))

QUAD_VARIADIC(__obstack_printfieee128, P(struct obstack *stack, FORMAT, ...), format, print_to_obstack(stack, format,
              arguments))
QUAD_LIST(__obstack_vprintfieee128, P(struct obstack *stack, REST), print_to_obstack(stack, format, arguments))
QUAD_VARIADIC(__obstack_printf_chkieee128, P(struct obstack *stack, int flag, FORMAT, ...), format,
    ((void)flag, print_to_obstack(stack, format, arguments)))
QUAD_LIST(__obstack_vprintf_chkieee128, P(struct obstack *stack, int flag, REST),
     ((void)flag, print_to_obstack(stack, format, arguments)))

#endif
