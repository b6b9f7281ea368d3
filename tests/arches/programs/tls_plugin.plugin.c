__thread int value = 70;
static __thread long padding[500];
int step(int number)
{
    padding[number] += number;
    return value += number;
}
