/* OpenMP: parallel loops, reductions, tasks, locks.
   flags: -fopenmp
   library: libgomp.so.1 */
#include <omp.h>
#include "expect.h"

static long fibonacci(int n)
{
    long a, b;
    if (n < 10)
        return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
#pragma omp task shared(a)
    a = fibonacci(n - 1);
#pragma omp task shared(b)
    b = fibonacci(n - 2);
#pragma omp taskwait
    return a + b;
}

int main(void)
{
    long sum = 0, result = 0;
    int threads = 0, counted = 0;
    omp_lock_t lock;
    omp_set_num_threads(3);
#pragma omp parallel for reduction(+ : sum)
    for (int i = 0; i < 10000; i++)
        sum += i;
    SAME(sum, 49995000);
    omp_init_lock(&lock);
#pragma omp parallel
    {
#pragma omp single
        threads = omp_get_num_threads();
        omp_set_lock(&lock);
        counted++;
        omp_unset_lock(&lock);
    }
    SAME(threads, 3);
    SAME(counted, 3);
#pragma omp parallel
#pragma omp single
    result = fibonacci(15);
    SAME(result, 610);
    CHECK(omp_get_wtime() > 0);
    return faults;
}
