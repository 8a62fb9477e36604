// expect: filter(f): f takes a record by const reference and returns bool
#include "program.hpp"

void describe(job& j) {
  orders(j).filter([](const payment& p) { return p.paid > 0; });
}
