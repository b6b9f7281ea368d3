int fill(void *bytes, int size);

int main(void) {
    char byte;
    return fill(&byte, 1) != 1;
}
