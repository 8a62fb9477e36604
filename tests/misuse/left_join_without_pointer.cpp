// expect: left(f): f takes a record of the first stream by const reference and one of the second by const pointer
#include "program.hpp"

void describe(job& j) {
  const auto keyed = orders(j).key_by(&order::id);
  keyed.join(keyed).between(0s, 1s).left([](const order& a, const order&) { return a; });
}
