// expect: A type of a library, such as std::pair or std::map, cannot have one: make a struct of your own of it by .map(…)
#include "program.hpp"

void describe(job& j) {
  using id_and_cents = std::pair<std::string, std::int64_t>;
  orders(j).map([](const order& o) { return id_and_cents{o.id, o.cents}; }).sink(to_console<id_and_cents>());
}
