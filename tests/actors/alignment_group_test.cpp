#include <leat/actors/time/alignment_group.hpp>

#include <leat/tests/support/stream_text.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

/// A group of partitions, and the last limit that each was told.
class group_fixture {
public:
  /// @param members with a drift of 100 ms.
  explicit group_fixture(std::initializer_list<actor_id> members = {}) {
    for (const auto m : members)
      add(m);
  }

  void add(actor_id source, duration max_drift = 100ms) { take(group_.add(source, max_drift)); }
  void reaches(actor_id source, std::int64_t millis) { take(group_.on_report({source, from_millis(millis)})); }
  void falls_idle(actor_id source, std::int64_t millis) {
    take(group_.on_report({source, from_millis(millis), true, false}));
  }
  void ends(actor_id source) { take(group_.on_report({source, min_timestamp, false, true})); }

  /// "-inf" before the first.
  std::string limit(actor_id source) { return to_text(limits_.try_emplace(source, min_timestamp).first->second); }

  std::size_t told = 0;

private:
  void take(const std::vector<alignment_group::news>& news) {
    told += news.size();
    for (const auto& [source, limit] : news)
      limits_[source] = limit;
  }

  alignment_group group_;
  std::map<actor_id, timestamp> limits_;
};

} // namespace

TEST_CASE("each partition may read up to its drift past the least watermark") {
  group_fixture g;
  g.add(1);
  g.add(2, 500ms);
  g.reaches(1, 1'000);
  g.reaches(2, 900);
  CHECK(g.limit(1) == "1000");
  CHECK(g.limit(2) == "1400");
}

TEST_CASE("nobody reads ahead of a partition that has said nothing yet") {
  group_fixture g{1, 2};
  g.reaches(1, 1'000);
  CHECK(to_text(min_timestamp + 100ms) == g.limit(1));
}

TEST_CASE("a drift of nothing lets the least go on") {
  group_fixture g;
  g.add(1, 0ms);
  g.add(2, 0ms);
  g.reaches(1, 10);
  g.reaches(2, 20);
  CHECK(g.limit(1) == "10");
  g.reaches(1, 30);
  CHECK(g.limit(2) == "20");
  CHECK(g.limit(1) == "20");
}

TEST_CASE("an idle partition is not waited for, and is again when it wakes") {
  group_fixture g{1, 2};
  g.reaches(1, 1'000);
  g.falls_idle(2, 50);
  CHECK(g.limit(1) == "1100");
  g.reaches(2, 50);
  CHECK(g.limit(1) == "150");
}

TEST_CASE("a partition that wakes far ahead of the others hears of it") {
  group_fixture g{1, 2};
  g.reaches(1, 10);
  g.reaches(2, 10);
  g.falls_idle(2, 10);
  g.reaches(1, 2'000);
  g.reaches(2, 1'950);
  CHECK(g.limit(2) == "2050");
}

TEST_CASE("a partition that has ended is not waited for") {
  group_fixture g{1, 2};
  g.reaches(1, 1'000);
  g.reaches(2, 10);
  g.ends(2);
  CHECK(g.limit(1) == "1100");
}

TEST_CASE("a partition that is found later is waited for from then on") {
  group_fixture g;
  g.add(1);
  g.reaches(1, 1'000);
  g.add(2);
  CHECK(g.limit(1) == to_text(min_timestamp + 100ms));
  g.reaches(2, 980);
  CHECK(g.limit(1) == "1080");
}

TEST_CASE("partitions that advance side by side hear of it now and then") {
  group_fixture g{1, 2};
  for (std::int64_t t = 0; t < 1'000; ++t) {
    g.reaches(1, t);
    g.reaches(2, t);
  }
  CHECK(g.told <= 90); // 2 for each 25 ms, and the beginning
  CHECK(g.limit(1) >= "1075");
}

TEST_CASE("a partition that is held goes on as soon as it may") {
  group_fixture g{1, 2};
  g.reaches(1, 100);
  g.reaches(2, 201);
  CHECK(g.limit(2) == "200");
  g.reaches(1, 102);
  CHECK(g.limit(2) == "202");
}

TEST_CASE("limits do not wrap around at the end of time") {
  group_fixture g;
  g.add(1, 100ms);
  g.add(2, 365 * 24h);
  g.reaches(1, to_millis(max_timestamp) - 50);
  g.reaches(2, to_millis(max_timestamp) - 50);
  CHECK(g.limit(1) == "+inf");
  CHECK(g.limit(2) == "+inf");
}
