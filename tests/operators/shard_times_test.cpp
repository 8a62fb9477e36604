#include <leat/operators/shard_times.hpp>
#include <leat/tests/support/steps/saved_entries.hpp>
#include <leat/tests/support/window_fixture.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

/// One shard of a window step.
struct window_shard : step_fixture<window_row> {
  window_shard(std::uint32_t instance, std::uint32_t parallelism) {
    add("totals", [=](step_context context) {
      context.instance = instance;
      context.parallelism = parallelism;
      return windowed<event, std::int64_t, window_row>(
        sliding(40ms, 20ms), &event::key, key, window_start, window_end, count, sum(&event::value))(std::move(context));
    });
  }

  void event_at(std::int64_t time, std::int64_t of_key, std::int64_t value) {
    auto in = batch<event>::fresh();
    in->push(event{of_key, value, time}, from_millis(time), key_hash(of_key));
    give(std::move(in));
  }
  void reaches(std::int64_t millis) { give(watermark(millis)); }
  story said() { return std::exchange(out.told, {}); }

  [[nodiscard]] saved_entries saved() const {
    saved_entries all;
    const_cast<window_shard&>(*this).steps.last().save(all);
    return all;
  }
  void load(saved_entries from) {
    from.load_into([&](const state_entry& e) { steps.last().load(e); });
  }
};

/// The least key of one of two shards.
std::int64_t key_of_shard(std::uint32_t shard) {
  std::int64_t found = 0;
  while (shard_of(key_group_of(key_hash(found), default_max_parallelism), 2, default_max_parallelism) != shard)
    ++found;
  return found;
}

/// Two shards that have come to different times, and what they have saved.
struct two_shards {
  two_shards() {
    ahead.event_at(5, first_key, 1);
    ahead.event_at(25, first_key, 2);
    ahead.reaches(39);
    behind.event_at(25, second_key, 5);
  }

  [[nodiscard]] saved_entries saved() const {
    auto all = ahead.saved();
    all.merge(behind.saved());
    return all;
  }

  const std::int64_t first_key = key_of_shard(0);
  const std::int64_t second_key = key_of_shard(1);
  window_shard ahead{0, 2};
  window_shard behind{1, 2};
};

std::string row(std::int64_t of_key, const std::string& rest) { return "key " + std::to_string(of_key) + ' ' + rest; }

} // namespace

TEST_CASE("a shard that goes on for two fires for the one that was behind, and not again for the one that was ahead") {
  two_shards before;
  before.behind.reaches(10);
  window_shard after{0, 1};
  after.load(before.saved());
  after.event_at(15, before.second_key, 7); // it was on its way, and is not late
  after.reaches(39);
  const auto second = before.second_key;
  CHECK(
    after.said() ==
    story{row(second, "[-20,20): 1 events, sum 7@19"), row(second, "[0,40): 2 events, sum 12@39"), "watermark 39"});
  after.reaches(59);
  auto told = after.said();
  std::ranges::sort(told);
  story expected{
    row(before.first_key, "[20,60): 1 events, sum 2@59"), row(second, "[20,60): 1 events, sum 5@59"), "watermark 59"};
  std::ranges::sort(expected);
  CHECK(told == expected);
}

TEST_CASE("what was ahead stays so across another save, and at another parallelism") {
  two_shards before;
  before.behind.reaches(10);
  window_shard between{0, 1};
  between.load(before.saved());
  window_shard again{0, 2};
  again.load(between.saved().of_actor(0, 2));
  again.reaches(39);
  CHECK(again.said() == story{"watermark 39"});
}

TEST_CASE("where nothing is known of the time of some keys a shard begins without any") {
  two_shards before; // the one behind has heard of none
  window_shard after{0, 1};
  after.load(before.saved());
  after.event_at(1, before.second_key, 7);
  after.reaches(19);
  CHECK(after.said() == story{row(before.second_key, "[-20,20): 1 events, sum 7@19"), "watermark 19"});
}
