// expect: partition_custom(f): f takes a record by const reference and the number of actors, and returns which of them, from 0
#include "program.hpp"

void describe(job& j) {
  orders(j).partition_custom([](const payment&, std::size_t) { return 0; });
}
