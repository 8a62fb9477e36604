#include "golden.hpp"

using namespace leat;
using namespace leat::testing;

namespace {

struct order {
  std::string id;
  std::int64_t cents = 0;
  leat::timestamp at;
};
BOOST_DESCRIBE_STRUCT(order, (), (id, cents, at))

struct payment {
  std::string order_id;
  std::int64_t paid = 0;
  leat::timestamp at;
};
BOOST_DESCRIBE_STRUCT(payment, (), (order_id, paid, at))

struct paid_order {
  std::string id;
  std::int64_t cents = 0;
  std::optional<std::int64_t> paid;
};
BOOST_DESCRIBE_STRUCT(paid_order, (), (id, cents, paid))

paid_order with_payment(const order& o, const payment* p) {
  return {o.id, o.cents, p ? std::optional{p->paid} : std::nullopt};
}

} // namespace

TEST_CASE("orders are joined with what was paid: soon after, in the same window, and at all") {
  golden([](golden_run& g) {
    const auto orders = g.read<order>("orders", &order::at).key_by(&order::id);
    const auto payments = g.read<payment>("payments", &payment::at).key_by(&payment::order_id);
    const auto soon = orders.join(payments).between(0s, 5s);
    g.expect(
      "paid_soon", soon.inner([](const order& o, const payment& p) { return with_payment(o, &p); }), row_order::none);
    g.expect("paid_soon_or_not", soon.left(with_payment), row_order::none);
    g.expect("paid_in_window", orders.join(payments).window(tumbling(10s)).left(with_payment), row_order::none);
  });
}
