// expect: to_console<T>(): T has no description: add BOOST_DESCRIBE_STRUCT(T, (), (members…)) after it
#include "program.hpp"

struct undescribed {
  std::int64_t cents = 0;
};

void describe(job& j) {
  orders(j).map([](const order& o) { return undescribed{o.cents}; }).sink(to_console<undescribed>());
}
