// expect: process<Out>(f): f has states, and they belong to keys: a.key_by(…).connect(b.key_by(…)).process<Out>(f)
#include "program.hpp"

struct remember_both {
  value_state<std::int64_t> last;

  void open(state_registry& r) { r.add("last", last); }
  void process_first(const order&, process_context&, collector<order>&) {}
  void process_second(const payment&, process_context&, collector<order>&) {}
};

void describe(job& j) { orders(j).connect(payments(j)).process<order>(remember_both{}); }
