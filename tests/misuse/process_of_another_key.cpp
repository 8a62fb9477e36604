// expect: process<Out>(f): f is called with, or has a member process(const T& record, leat::keyed_context<Key>& context, leat::collector<Out>& out), Key being what key_by returns
#include "program.hpp"

void describe(job& j) {
  orders(j).key_by(&order::id).process<order>([](const order& o, keyed_context<int>&, collector<order>& out) {
    out.push(o);
  });
}
