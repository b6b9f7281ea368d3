/* open_memstream as it is since 2.25.

   After fseek to a place before the end, an older fflush writes a NUL over the byte there, and an older fseek refuses
   offsets before the position. On such a libc the stream is made by fopencookie, and what is written goes into a
   buffer of this file's. The stream is not buffered by libc: at exit libc writes out what the streams that are still
   open hold, and by then the caller's two variables may be gone. So the variables are set at each write and seek, which
   a caller may look at only after fflush or fclose, with the values that it then expects. */

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#include "compat.h"
#include "runningrelease.h"

#ifdef SYMVER_PIN_OLD_open_memstream

COMPAT_OLD(FILE *, open_memstream, SYMVER_PIN_OLD_open_memstream, (char **, size_t *));
COMPAT_PLAIN(FILE *, fopencookie, (void *, const char *, cookie_io_functions_t));
COMPAT_PLAIN(int, setvbuf, (FILE *, char *, int, size_t));
COMPAT_PLAIN(void *, calloc, (size_t, size_t));
COMPAT_PLAIN(void *, realloc, (void *, size_t));
COMPAT_PLAIN(void, free, (void *));
COMPAT_PLAIN(void *, memcpy, (void *, const void *, size_t));
COMPAT_PLAIN(void *, memset, (void *, int, size_t));

struct memory_stream {
    char **text; /* the caller's variables */
    size_t *size;
    char *buffer;
    size_t position, room; /* room: the size of the buffer. What was never written is zero, so a NUL ends the text. */
    size_t end;            /* where the text ended when the position was last moved to the start */
};

/* Make room for a text of this length, with zeroes behind what is written. 0 if there is no memory. */
static int make_room(struct memory_stream *stream, size_t length)
{
    if (length < stream->room)
        return 1;
    size_t room = length + length / 2 + 1;
    char *buffer = room > length ? plain_realloc(stream->buffer, room) : 0;
    if (!buffer) {
        errno = ENOMEM;
        return 0;
    }
    plain_memset(buffer + stream->room, 0, room - stream->room);
    stream->buffer = buffer;
    stream->room = room;
    return 1;
}

static void tell_caller(struct memory_stream *stream)
{
    *stream->text = stream->buffer;
    *stream->size = stream->position;
}

static ssize_t write_memory(void *cookie, const char *from, size_t size)
{
    struct memory_stream *stream = cookie;
    if (size > (size_t)-1 / 4 - stream->position || !make_room(stream, stream->position + size))
        return 0;
    plain_memcpy(stream->buffer + stream->position, from, size);
    stream->position += size;
    tell_caller(stream);
    return (ssize_t)size;
}

/* The text ends at the position, wherever that has been moved to: the documented behaviour of glibc, where SEEK_END is
   another place only at the start. */
static int seek_memory(void *cookie, off64_t *offset, int whence)
{
    struct memory_stream *stream = cookie;
    if (stream->position > 0)
        stream->end = stream->position;
    size_t start = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? stream->position : stream->end;
    off64_t position;
    if (__builtin_add_overflow((off64_t)start, *offset, &position) || position < 0 ||
        (unsigned long long)position > (size_t)-1 / 4) {
        errno = EINVAL;
        return -1;
    }
    if (!make_room(stream, (size_t)position))
        return -1;
    stream->position = (size_t)position;
    if (position != (off64_t)start || whence != SEEK_CUR) /* no ftell */
        tell_caller(stream);
    *offset = position;
    return 0;
}

static int close_memory(void *cookie)
{
    struct memory_stream *stream = cookie;
    stream->buffer[stream->position] = 0;
    tell_caller(stream);
    plain_free(stream);
    return 0;
}

COMPAT_DEFINE(FILE *, open_memstream, (char **text, size_t *size))
{
    if (running_minor() >= 25)
        return old_open_memstream(text, size);
    struct memory_stream *stream = plain_calloc(1, sizeof *stream);
    if (!stream)
        return 0;
    stream->text = text;
    stream->size = size;
    cookie_io_functions_t functions = {0, write_memory, seek_memory, close_memory};
    FILE *file = make_room(stream, 0) ? plain_fopencookie(stream, "w", functions) : 0;
    if (!file) {
        plain_free(stream->buffer);
        plain_free(stream);
        return 0;
    }
    plain_setvbuf(file, 0, _IONBF, 0);
    tell_caller(stream); /* fflush does not call the stream before something is written */
    return file;
}

#endif
