int answer_1(void) { return 1; }
int answer_2(void) { return 2; }
int only(void) { return 7; }
__asm__(".symver answer_1, answer@MINE_1");
__asm__(".symver answer_2, answer@@MINE_2");
