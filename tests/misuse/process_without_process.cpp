// expect: process<Out>(f): f is called with, or has a member process(const T& record, leat::keyed_context<Key>& context, leat::collector<Out>& out)
#include "program.hpp"

struct nothing {};

void describe(job& j) { orders(j).key_by(&order::id).process<order>(nothing{}); }
