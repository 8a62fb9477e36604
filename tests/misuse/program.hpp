#pragma once

// What the wrong programs have in common: two record types, a row and a source of each.

#include <leat/connectors/local.hpp>
#include <leat/leat.hpp>

using namespace leat;

struct order {
  std::string id;
  std::int64_t cents = 0;
};
BOOST_DESCRIBE_STRUCT(order, (), (id, cents))

struct payment {
  std::int64_t order = 0;
  double paid = 0;
};
BOOST_DESCRIBE_STRUCT(payment, (), (order, paid))

struct total {
  std::string id;
  std::int64_t cents = 0;
};
BOOST_DESCRIBE_STRUCT(total, (), (id, cents))

inline stream<order> orders(job& j) { return j.source(collection<order>({{"a", 1}})); }
inline stream<payment> payments(job& j) { return j.source(collection<payment>({{1, 1}})); }
