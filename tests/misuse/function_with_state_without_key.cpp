// expect: process<U>(f): f keeps state, which belongs to a key: write .key_by(…) before it
#include "program.hpp"

struct remember {
  value_state<std::int64_t> last;

  void open(state_registry& r) { r.add("last", last); }
  void operator()(const order&, process_context&, collector<order>&) const {}
};

void describe(job& j) { orders(j).process<order>(remember{}); }
