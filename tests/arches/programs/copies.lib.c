int number = 17;
const char *texts[3] = {"one", "two", "three"};
struct { long a; char b[100]; } record = {99, "text"};
int number_of_library(void) { return number; }
void *address_of_record(void) { return &record; }
void set_number(int value) { number = value; }
int (*function_of_library(void))(void) { return number_of_library; }
