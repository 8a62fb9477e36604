// expect: map(f): f returns nothing; use filter to drop records and flat_map to emit any number
#include "program.hpp"

void describe(job& j) {
  orders(j).map([](const order&) {});
}
