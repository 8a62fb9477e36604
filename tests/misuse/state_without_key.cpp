// expect: this state belongs to a key: write .key_by(…) before .with_broadcast(…)
#include "program.hpp"

struct remember {
  value_state<std::int64_t> last;

  void open(broadcast_registry& r) { r.add("last", last); }
  void process(const order&, process_context&, collector<order>&) {}
  void process_broadcast(const payment&, collector<order>&) {}
};

void describe(job& j) { orders(j).with_broadcast(payments(j)).process<order>(remember{}); }
