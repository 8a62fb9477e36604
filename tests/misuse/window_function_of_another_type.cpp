// expect: or has a member process(std::span<const leat::timed_record<T>>, leat::window_context<Key>&, leat::collector<Out>&), Key being what key_by returns
#include "program.hpp"

void describe(job& j) {
  orders(j)
    .key_by(&order::id)
    .window(session(5s))
    .process<order>([](const order& o, window_context<std::string>&, collector<order>& out) { out.push(o); });
}
