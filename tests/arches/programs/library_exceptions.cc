/* Exceptions and types across a shared library: thrown there and caught here, and the reverse; dynamic_cast, typeid.
   companion: shared */
#include <memory>
#include <stdexcept>
#include <typeinfo>
#include "expect.h"
#include "library_exceptions.h"

struct Derived : Base {
    int value() const override { return 7; }
};

int main()
{
    try {
        throws_error("from the library");
        CHECK(false);
    } catch (const LibraryError &error) {
        TEXT(error.what(), "from the library");
        SAME(error.number, 12);
    }
    try {
        throws_error("as its base");
    } catch (const std::runtime_error &error) {
        TEXT(error.what(), "as its base");
    }
    SAME(catches([] { throw LibraryError("thrown here", 3); }), 3);
    SAME(catches([] { throw std::logic_error("other"); }), -1);
    try {
        passes([] { throw 99; });
        CHECK(false);
    } catch (int number) {
        SAME(number, 99);
    }
    SAME(destroyed(), 1);
    std::unique_ptr<Base> made(make_base());
    CHECK(dynamic_cast<Other *>(made.get()) != nullptr);
    CHECK(dynamic_cast<Derived *>(made.get()) == nullptr);
    CHECK(typeid(*made) == typeid(Other));
    Derived derived;
    SAME(asks(derived), 7);
    CHECK(same_type(typeid(Base)));
    return faults;
}
