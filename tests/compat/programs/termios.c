/* Speeds set are speeds got, in what the headers define; a rate in plain numbers is understood as well. */

#include <termios.h>

#include "check.h"

int main(int count, char **arguments)
{
    struct termios terminal;
    memset(&terminal, 0, sizeof terminal);
    EXPECT(cfsetospeed(&terminal, B9600), 0);
    EXPECT(cfgetospeed(&terminal), B9600);
    EXPECT(cfsetispeed(&terminal, B115200), 0);
    EXPECT(cfgetispeed(&terminal), B115200);
    EXPECT(cfsetspeed(&terminal, B4000000), 0);
    EXPECT(cfgetospeed(&terminal), B4000000);
    EXPECT(cfsetospeed(&terminal, B0), 0);
    EXPECT(cfgetospeed(&terminal), B0);
    EXPECT_ERROR(cfsetospeed(&terminal, 12345), EINVAL);
    EXPECT_ERROR(cfsetispeed(&terminal, 12345), EINVAL);
    EXPECT_ERROR(cfsetspeed(&terminal, 12345), EINVAL);

    if (fallbacks(count, arguments)) {
        EXPECT(cfsetospeed(&terminal, 115200), 0);
        EXPECT(terminal.c_cflag & 010017, 010002); /* the code that the kernel wants, CBAUD | CBAUDEX */
        EXPECT(cfsetospeed(&terminal, 9600), 0);
        EXPECT(terminal.c_cflag & 010017, 000015);
        EXPECT(cfgetospeed(&terminal), B9600);
        EXPECT(cfsetspeed(&terminal, 134), 0);
        EXPECT(cfgetospeed(&terminal), B134);
    }
    return faults;
}
