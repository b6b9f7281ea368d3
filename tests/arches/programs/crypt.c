/* crypt with SHA-512.
   libs: -lcrypt
   library: libcrypt.so.1 */
#define _GNU_SOURCE
#include <unistd.h>
#include "expect.h"

char *crypt(const char *, const char *);

int main(void)
{
    const char *hash = crypt("Hello world!", "$6$saltstring");
    TEXT(hash, "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJu"
               "esI68u4OTLiBFdcbYEdFCoEOfaS35inz1");
    return faults;
}
