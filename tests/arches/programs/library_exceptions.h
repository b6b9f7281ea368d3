#include <stdexcept>
#include <typeinfo>
struct LibraryError : std::runtime_error {
    int number;
    LibraryError(const char *text, int number);
    ~LibraryError() override;
};
struct Base {
    virtual int value() const = 0;
    virtual ~Base();
};
struct Other : Base {
    int value() const override;
};
void throws_error(const char *text);
int catches(void (*function)());
void passes(void (*function)());
int destroyed();
Base *make_base();
int asks(const Base &base);
bool same_type(const std::type_info &type);
