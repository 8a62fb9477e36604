// expect: async<U>(f): f takes a record by const reference and a leat::async_result<U>, and returns at once
#include "program.hpp"

void describe(job& j) {
  orders(j).async<order>([](const order& o) { return o; });
}
