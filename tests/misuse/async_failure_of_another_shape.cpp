// expect: f has a member failed that cannot be called
#include "program.hpp"

struct ask {
  void operator()(const order&, const async_result<order>&) const {}
  void failed(const order&, collector<order>&) const {}
};

void describe(job& j) { orders(j).async<order>(ask{}); }
