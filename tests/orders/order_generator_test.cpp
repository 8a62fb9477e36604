#include <leat/apps/orders_pipeline/demo/order_generator.hpp>
#include <leat/apps/orders_pipeline/order_check.hpp>
#include <leat/connectors/formats/json.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

using namespace leat;
using namespace leat::orders;

namespace {

/// What a pipeline would say of an event; empty: it is good, and then `as` holds it.
std::string judged(const generated_event& e, std::optional<order_event>& as) {
  const raw_record raw{.key = e.key, .payload = e.payload};
  received_event received;
  std::vector<rejection> rejected;
  if (json.make_decoder(schema_of<received_event>())->decode({&raw, 1}, &received, sizeof(received), rejected) == 0)
    return rejected.front().reason;
  std::string all;
  check_event(received, [&](const std::string& reason) { all += reason + "; "; });
  if (all.empty())
    as = checked(std::move(received));
  return all;
}

} // namespace

TEST_CASE("generated events are what they are said to be") {
  order_generator orders{{.seed = 7, .invalid = 0.2, .begin = from_millis(1'700'000'000'000)}};
  std::map<std::string_view, int> wrong;
  int good = 0;
  for (int i = 0; i < 5'000; ++i) {
    const auto e = orders.next();
    std::optional<order_event> as;
    const auto reason = judged(e, as);
    CAPTURE(e.payload.value_or("null"), reason);
    if (e.valid) {
      ++good;
      REQUIRE(as == e.valid);
      continue;
    }
    const auto& defect = defects()[e.wrong_by];
    ++wrong[defect.name];
    if (defect.reason == "future") // only a running job has a clock
      CHECK(as);
    else
      REQUIRE_THAT(reason, Catch::Matchers::Contains(std::string{defect.reason}));
  }
  CHECK(good == 4'000);
  CHECK(wrong.size() == defects().size());
  CHECK(defects().size() >= 20);
}

TEST_CASE("the same seed makes the same events, another one others") {
  const auto first = [](std::uint64_t seed) {
    order_generator orders{{.seed = seed}};
    std::vector<std::optional<std::string>> all;
    for (int i = 0; i < 500; ++i)
      all.push_back(orders.next().payload);
    return all;
  };
  CHECK(first(1) == first(1));
  CHECK(first(1) != first(2));
}

TEST_CASE("orders are created, go on and end, and no two events of one have the same time") {
  order_generator orders{{.seed = 3, .invalid = 0}};
  std::map<std::string, std::set<leat::timestamp>> times;
  std::map<event_kind, int> kinds;
  int behind = 0; // the one before
  for (int i = 0; i < 5'000; ++i) {
    const auto e = orders.next();
    REQUIRE(e.valid);
    ++kinds[e.valid->event_type];
    auto& seen = times[e.valid->order_id];
    behind += !seen.empty() && e.valid->timestamp < *seen.rbegin() ? 1 : 0;
    CHECK(seen.insert(e.valid->timestamp).second);
    CHECK((e.valid->event_type == event_kind::order_created) == (times[e.valid->order_id].size() == 1));
  }
  CHECK(behind > 50);
  CHECK(kinds[event_kind::order_created] > 2'000);
  CHECK(kinds[event_kind::order_updated] > 500);
  CHECK(kinds[event_kind::order_cancelled] > 50);
}
