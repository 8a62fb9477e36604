// expect: e has void evict(std::vector<leat::timed_record<T>>&) const
#include "program.hpp"

struct last_one {
  void evict(std::vector<order>&) const {}
};

void describe(job& j) {
  orders(j)
    .key_by(&order::id)
    .window(tumbling(10s))
    .evict(last_one{})
    .process<order>([](const std::string&, const time_window&, std::span<const timed_record<order>>, collector<order>&) {});
}
