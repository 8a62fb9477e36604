// expect: session(f): f is a member of the record, or a function that takes it by const reference, and gives a span of time
#include "program.hpp"

void describe(job& j) {
  orders(j).key_by(&order::id).window(session(&order::cents)).reduce([](const order& a, const order&) { return a; });
}
