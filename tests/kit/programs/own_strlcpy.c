/* A program with a strlcpy of its own, which the strlcat that it takes from elsewhere must not clash with. */
#include <stddef.h>

size_t strlcpy(char *to, const char *from, size_t size) { (void)to, (void)from, (void)size; return 42; }
size_t strlcat(char *to, const char *from, size_t size);

int main(void) {
  char text[8] = "a";
  return !(strlcpy(text, "b", 8) == 42 && strlcat(text, "b", 8) == 2);
}
