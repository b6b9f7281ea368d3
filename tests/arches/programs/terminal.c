/* A pseudo-terminal, its termios settings, window size, and openpty.
   libs: -lutil */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include "expect.h"

int main(void)
{
    struct termios settings;
    struct winsize size = {.ws_row = 33, .ws_col = 99}, read_size;
    int control = posix_openpt(O_RDWR | O_NOCTTY), other, end;
    char text[20] = "", name[64] = "";
    CHECK(control >= 0);
    SAME(grantpt(control), 0);
    SAME(unlockpt(control), 0);
    SAME(ptsname_r(control, name, sizeof name), 0);
    CHECK(strncmp(name, "/dev/pts/", 9) == 0);
    int terminal = open(name, O_RDWR | O_NOCTTY);
    if (terminal < 0) { /* a root whose /dev/pts is of another instance */
        CHECK(errno == ENOENT || errno == EIO || errno == EACCES);
        return faults;
    }
    SAME(isatty(terminal), 1);
    SAME(tcgetattr(terminal, &settings), 0);
    CHECK(settings.c_lflag & ICANON);
    cfmakeraw(&settings);
    settings.c_cc[VMIN] = 3, settings.c_cc[VTIME] = 1;
    SAME(cfsetspeed(&settings, B115200), 0);
    SAME(tcsetattr(terminal, TCSANOW, &settings), 0);
    memset(&settings, 0, sizeof settings);
    SAME(tcgetattr(terminal, &settings), 0);
    CHECK(!(settings.c_lflag & (ICANON | ECHO)));
    SAME(settings.c_cc[VMIN], 3);
    SAME(cfgetospeed(&settings), B115200);
    SAME(cfgetispeed(&settings), B115200);
    SAME(ioctl(terminal, TIOCSWINSZ, &size), 0);
    SAME(ioctl(control, TIOCGWINSZ, &read_size), 0);
    SAME(read_size.ws_col, 99);
    SAME(write(control, "abc", 3), 3);
    SAME(read(terminal, text, sizeof text), 3);
    TEXT(text, "abc");
    SAME(openpty(&other, &end, NULL, NULL, &size), 0);
    SAME(tcdrain(end), 0);
    SAME(tcflush(end, TCIOFLUSH), 0);
    return faults;
}
