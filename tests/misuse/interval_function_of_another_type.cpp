// expect: process<Out>(f): f takes (const First&, const Second&, leat::join_context<Key>&, leat::collector<Out>&), Key being what key_by returns
#include "program.hpp"

void describe(job& j) {
  const auto all = orders(j).key_by(&order::id);
  all.join(all).between(0s, 5s).process<order>([](const order& a, const order&, collector<order>& out) { out.push(a); });
}
