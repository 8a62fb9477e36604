// expect: process<Out>(f): f has members process_first(const First&, leat::process_context&, leat::collector<Out>&) and process_second(
#include "program.hpp"

struct one_sided {
  void process_first(const order& o, process_context&, collector<order>& out) { out.push(o); }
};

void describe(job& j) { orders(j).connect(payments(j)).process<order>(one_sided{}); }
