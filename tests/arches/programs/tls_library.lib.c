__thread int shared_value = 100;
static __thread int hidden;
static __thread char room[3000];
int next_value(void)
{
    hidden++;
    room[hidden]++;
    return ++shared_value;
}
int *address_of_hidden(void) { return &hidden; }
