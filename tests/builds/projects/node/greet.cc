#include <sstream>
#include <string>
std::string greeting(int number) { std::ostringstream out; out << "hello " << number; return out.str(); }
