/* Thread-local variables of a shared library: used by it, and by the program through its symbol.
   flags: -pthread
   companion: shared */
#include <pthread.h>
#include "expect.h"

extern __thread int shared_value;
int next_value(void);
int *address_of_hidden(void);
static void *work(void *argument)
{
    SAME(shared_value, 100);
    for (int i = 0; i < *(int *)argument; i++)
        next_value();
    SAME(shared_value, 100 + *(int *)argument);
    SAME(*address_of_hidden(), *(int *)argument);
    return address_of_hidden();
}

int main(void)
{
    pthread_t threads[3];
    int numbers[3] = {1, 2, 3};
    void *address;
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, work, &numbers[i]);
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], &address);
        CHECK(address != address_of_hidden());
    }
    work(&numbers[2]);
    return faults;
}
