#include <iostream>
#include <string>
void greet(const std::string &name) { std::cout << "hello " << name << std::endl; }
