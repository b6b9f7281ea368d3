/* Many relative relocations, which -z pack-relative-relocs would pack. */
#include <stdio.h>
static const char *const words[] = {"one", "two", "three", "four", "five", "six", "seven", "eight"};
const char *const *volatile all = words;
int main(void) { return puts(all[6]) < 0; }
