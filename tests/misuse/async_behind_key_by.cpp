// expect: async<U>(f) belongs to no key: write it before .key_by(…)
#include "program.hpp"

void describe(job& j) {
  orders(j).key_by(&order::id).async<order>([](const order& o, const async_result<order>& r) { r.complete(o); });
}
