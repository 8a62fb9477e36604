// expect: calls have no key and no state: keep a cache in an object of your own
#include "program.hpp"

struct ask {
  value_state<std::int64_t> last;

  void open(state_registry& r) { r.add("last", last); }
  void operator()(const order&, const async_result<order>&) const {}
};

void describe(job& j) { orders(j).async<order>(ask{}); }
