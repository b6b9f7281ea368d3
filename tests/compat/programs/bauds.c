/* Rates in plain numbers: those set are those got, in both directions. */

#include <termios.h>

#include "check.h"

extern int cfsetbaud(struct termios *, unsigned), cfsetibaud(struct termios *, unsigned);
extern int cfsetobaud(struct termios *, unsigned);
extern unsigned cfgetibaud(const struct termios *), cfgetobaud(const struct termios *);

int main(int count, char **arguments)
{
    static const unsigned rates[] = {50,     75,     110,    134,     150,     200,     300,     600,
                                     1200,   1800,   2400,   4800,    9600,    19200,   38400,   57600,
                                     115200, 230400, 460800, 1000000, 2000000, 3000000, 4000000};
    struct termios terminal;
    memset(&terminal, 0, sizeof terminal);
    for (unsigned i = 0; i < sizeof rates / sizeof *rates; ++i) {
        EXPECT(cfsetobaud(&terminal, rates[i]), 0);
        EXPECT(cfgetobaud(&terminal), rates[i]);
        EXPECT(cfsetbaud(&terminal, rates[i]), 0);
        EXPECT(cfgetobaud(&terminal), rates[i]);
        EXPECT(cfgetibaud(&terminal), rates[i]);
    }
    EXPECT(cfsetibaud(&terminal, 9600), 0);
    EXPECT(cfgetibaud(&terminal), 9600);
    EXPECT(cfsetobaud(&terminal, 9600), 0);
    EXPECT(terminal.c_cflag & 010017, 015); /* CBAUD | CBAUDEX: the code that the kernel wants */
    EXPECT(cfsetobaud(&terminal, 0), 0);
    EXPECT(cfgetobaud(&terminal), 0);
    if (fallbacks(count, arguments)) {
        EXPECT_ERROR(cfsetobaud(&terminal, 12345), EINVAL);
        EXPECT_ERROR(cfsetibaud(&terminal, 12345), EINVAL);
        EXPECT_ERROR(cfsetbaud(&terminal, 13), EINVAL);
    }
    return faults;
}
