#include <leat/actors/epochs/in_flight.hpp>
#include <leat/base/encoding.hpp>
#include <leat/tests/support/stream_text.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

struct in_flight_fixture {
  /// Each batch as it was saved.
  [[nodiscard]] std::vector<std::pair<in_flight_name, in_flight_records>> saved() {
    actor_state all;
    log.move_to(all);
    std::vector<std::pair<in_flight_name, in_flight_records>> found;
    for (const auto& d : all) {
      CHECK(d.group == group_of_all);
      delta_reader reader{d};
      while (const auto e = reader.next())
        found.emplace_back(decoded<in_flight_name>(e->key), decoded<in_flight_records>(*e->value));
    }
    return found;
  }

  const record_codec& numbers = *record_kind_of<std::int64_t>().codec;
  const in_flight_channel channel{in_flight_name{"sender", "receiver", 0, 1, "", 2}, numbers};
  in_flight_log log{"receiver"};
};

} // namespace

TEST_CASE("batches on their way come back with their records, times and order") {
  in_flight_fixture f;
  f.log.add(f.channel, in_flight_place::received, *batch_of<std::int64_t>({{1, 10}, {2, 20}}));
  f.log.add(f.channel, in_flight_place::unsent, *batch_of<std::int64_t>({{3, 30}, {4, -40}, {5, 50}}), 1);
  const auto bytes = f.log.bytes();
  auto all = f.saved();
  std::ranges::sort(all, {}, [](const auto& e) { return e.first; });
  story told;
  for (const auto& [name, records] : all)
    tell<std::int64_t>(told, *in_flight_batch(name, records, f.numbers));
  CHECK(told == story{"1@10", "2@20", "4@-40", "5@50"});
  CHECK(bytes > 0);
  CHECK(f.log.bytes() == 0);
}

TEST_CASE("records on their way of another type than today's are refused, and it is said what to do") {
  in_flight_fixture f;
  f.log.add(f.channel, in_flight_place::received, *batch_of<std::int64_t>({{1, 10}}));
  const auto all = f.saved();
  REQUIRE(all.size() == 1);
  CHECK_THROWS_WITH(
    (void)in_flight_batch(all[0].first, all[0].second, *record_kind_of<std::string>().codec),
    Catch::Contains("'receiver'") && Catch::Contains("a savepoint"));
}
