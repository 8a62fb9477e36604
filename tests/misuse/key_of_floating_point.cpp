// expect: floating-point keys are refused
#include "program.hpp"

void describe(job& j) {
  payments(j).key_by(&payment::paid).reduce([](const payment& a, const payment&) { return a; });
}
