// expect: a record, or a member of one, is of a character type: use std::string for text
#include "program.hpp"

void describe(job& j) {
  orders(j).map([](const order& o) { return o.id.front(); }).sink(to_console<char>());
}
