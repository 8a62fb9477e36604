// expect: a record, or a member of one, is of an enum without description: add BOOST_DESCRIBE_ENUM
#include "program.hpp"

enum class size { small, large };

void describe(job& j) {
  orders(j).map([](const order& o) { return o.cents < 10 ? size::small : size::large; }).sink(to_console<size>());
}
