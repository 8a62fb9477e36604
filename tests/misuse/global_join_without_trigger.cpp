// expect: A global window has no end: write .trigger(every_count(n))
#include "program.hpp"

void describe(job& j) {
  const auto others = orders(j).key_by(&order::id);
  const auto first_id = [](const order& first, const order&) { return first.id; };
  orders(j).key_by(&order::id).join(others).window(global_windows{}).inner(first_id);
}
