#include <leat/operators/watermark_generator.hpp>

#include <catch2/catch.hpp>

#include <vector>

using namespace leat;

namespace {

std::int64_t after(watermark_generator& g, const std::vector<std::int64_t>& millis) {
  std::vector<timestamp> times;
  for (const auto m : millis)
    times.push_back(from_millis(m));
  g.on_times(times);
  return to_millis(g.watermark());
}

} // namespace

TEST_CASE("the watermark stays a millisecond and the bound behind the newest record") {
  watermark_generator g{std::make_unique<bounded_out_of_orderness>(5s)};
  CHECK(after(g, {10'000}) == 4'999);
  CHECK(after(g, {11'000, 12'000, 9'000}) == 6'999);
}

TEST_CASE("without a bound, records of the newest millisecond are still expected") {
  watermark_generator g{std::make_unique<bounded_out_of_orderness>(0ms)};
  CHECK(after(g, {7}) == 6);
}

TEST_CASE("the watermark never goes back") {
  watermark_generator g{std::make_unique<bounded_out_of_orderness>(1s)};
  CHECK(after(g, {10'000}) == 8'999);
  CHECK(after(g, {2'000}) == 8'999);
  CHECK(after(g, {}) == 8'999);
}

TEST_CASE("without a record there is no watermark") {
  watermark_generator g{std::make_unique<bounded_out_of_orderness>(1s)};
  CHECK(g.watermark() == min_timestamp);
  g.on_times({});
  CHECK(g.watermark() == min_timestamp);
}

TEST_CASE("the watermark starts where an earlier run has settled and waits there for the records to pass it") {
  watermark_generator g{std::make_unique<bounded_out_of_orderness>(1s), from_millis(5'000)};
  CHECK(to_millis(g.watermark()) == 5'000);
  CHECK(after(g, {5'500}) == 5'000);
  CHECK(after(g, {7'000}) == 5'999);
}

TEST_CASE("records before 1970 have watermarks too") {
  watermark_generator g{std::make_unique<bounded_out_of_orderness>(1s)};
  CHECK(after(g, {-10'000}) == -11'001);
}

TEST_CASE("a record at the beginning of time does not wrap the watermark around") {
  watermark_generator g{std::make_unique<bounded_out_of_orderness>(1s)};
  g.on_times(std::vector{min_timestamp + 10ms});
  CHECK(g.watermark() == min_timestamp);
}

namespace {

/// Says what the test tells it to.
struct told final : watermark_strategy {
  explicit told(const timestamp& what) : what_{what} {}
  void on_times(std::span<const timestamp>) override {}
  [[nodiscard]] timestamp watermark() const override { return what_; }
  const timestamp& what_;
};

} // namespace

TEST_CASE("a strategy of one's own that goes back is not followed") {
  auto says = from_millis(100);
  watermark_generator g{std::make_unique<told>(says)};
  CHECK(after(g, {1}) == 100);
  says = from_millis(50);
  CHECK(after(g, {2}) == 100);
  says = from_millis(101);
  CHECK(after(g, {3}) == 101);
}
