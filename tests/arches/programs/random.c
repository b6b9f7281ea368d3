/* rand, random, drand48 with known values; getrandom, getentropy, arc4random. */
#define _GNU_SOURCE
#include <sys/random.h>
#include <unistd.h>
#include "expect.h"

unsigned arc4random(void);
unsigned arc4random_uniform(unsigned);
void arc4random_buf(void *, size_t);

int main(void)
{
    unsigned char a[32] = {0}, b[32] = {0};
    unsigned seed = 1;
    srand(1);
    int first = rand();
    SAME(first, 1804289383);
    srandom(1);
    SAME(random(), 1804289383);
    CHECK(rand_r(&seed) >= 0);
    srand48(1);
    SAME(lrand48(), 89400484);
    CHECK(drand48() < 1);
    struct random_data data = {0};
    char state[64];
    int result = 0;
    SAME(initstate_r(1, state, sizeof state, &data), 0);
    SAME(random_r(&data, &result), 0);
    CHECK(result >= 0);
    SAME(getrandom(a, sizeof a, 0), 32);
    SAME(getentropy(b, sizeof b), 0);
    CHECK(memcmp(a, b, 32) != 0);
    arc4random_buf(a, sizeof a);
    CHECK(memcmp(a, b, 32) != 0);
    for (int i = 0; i < 1000; i++)
        CHECK(arc4random_uniform(10) < 10);
    unsigned all = 0;
    for (int i = 0; i < 64; i++)
        all |= arc4random();
    SAME(all, 0xffffffffu);
    return faults;
}
