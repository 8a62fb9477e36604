#include <leat/operators/aggregates.hpp>
#include <leat/tests/operators/random_numbers.hpp>
#include <leat/tests/support/steps/triggered_fixture.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>

using namespace leat;
using namespace leat::testing;

namespace {

/// Sessions by the definition alone: the records of a key that are not late and not emitted, sorted by time; where two
/// neighbours are more than the gap apart, a session ends.
class session_model {
public:
  explicit session_model(std::int64_t gap) : gap_{gap} {}

  void on_event(const event& e) {
    auto& waiting = waiting_[e.key];
    waiting.push_back(e);
    for (const auto& s : sessions(waiting))
      if (s.start <= e.time && e.time < s.end && s.end - 1 <= watermark_) {
        waiting.pop_back(); // with nothing in its session that is still open
        ++late;
        return;
      }
  }

  /// What fires, by end, then key.
  std::map<std::pair<std::int64_t, std::int64_t>, std::string> on_watermark(std::int64_t millis) {
    watermark_ = std::max(watermark_, millis);
    std::map<std::pair<std::int64_t, std::int64_t>, std::string> fired;
    for (auto& [key, waiting] : waiting_)
      for (const auto& s : sessions(waiting)) {
        if (s.end - 1 > watermark_)
          continue;
        fired[{s.end, key}] = std::to_string(key) + " [" + std::to_string(s.start) + ',' + std::to_string(s.end) +
                              "): " + std::to_string(s.events) + " events, sum " + std::to_string(s.sum) + '@' +
                              std::to_string(s.end - 1);
        std::erase_if(waiting, [&](const event& e) { return s.start <= e.time && e.time < s.end; });
      }
    return fired;
  }

  int late = 0;

private:
  struct found {
    std::int64_t start, end, events, sum;
  };

  [[nodiscard]] std::vector<found> sessions(std::vector<event> of) const {
    std::sort(of.begin(), of.end(), [](const event& a, const event& b) { return a.time < b.time; });
    std::vector<found> all;
    for (const auto& e : of) {
      if (all.empty() || e.time > all.back().end)
        all.push_back({e.time, e.time + gap_, 0, 0});
      all.back().end = e.time + gap_;
      ++all.back().events;
      all.back().sum += e.value;
    }
    return all;
  }

  const std::int64_t gap_;
  std::map<std::int64_t, std::vector<event>> waiting_;
  std::int64_t watermark_ = -100'000;
};

struct sum_of_values {
  void operator()(
    std::int64_t key, const time_window& w, std::span<const timed_record<event>> records,
    collector<std::string>& out) const {
    std::int64_t sum = 0;
    for (const auto& r : records)
      sum += r.record.value;
    out.push(
      std::to_string(key) + " [" + to_text(w.start) + ',' + to_text(w.end) + "): " + std::to_string(records.size()) +
      " events, sum " + std::to_string(sum));
  }
};

void compare_sessions_with_model(unsigned seed) {
  std::mt19937 random{seed};
  const auto gap = between(random, 1, 12);
  CAPTURE(seed, gap);
  using contents = listed_contents<event, std::int64_t, std::string, sum_of_values>;
  keyed_fixture step{triggered_windows<event, std::int64_t, session_windows, end_of_window_trigger, contents>{
    session(duration{gap}), at_the_end, contents{{}, {}}, {}}};
  session_model model{gap};
  if (between(random, 0, 1) == 1)
    step.f.out.cork_after_each_batch();
  auto now = between(random, -150, 0);
  for (int i = 0; i < 50; ++i) {
    if (between(random, 0, 2) != 0) {
      std::vector<event> events(static_cast<std::size_t>(between(random, 1, 6)));
      for (auto& e : events) {
        e = {between(random, 1, 3), between(random, -9, 9), now + between(random, -20, 30)};
        model.on_event(e);
      }
      step.events(events);
    } else {
      now = i == 49 ? 10'000 : now + between(random, -3, 12);
      step.watermark(now);
      step.f.drain();
      auto told = step.said();
      REQUIRE(told.back().starts_with("watermark "));
      told.pop_back();
      const auto ends = [](const std::string& row) { return std::stoll(row.substr(row.find('@') + 1)); };
      REQUIRE(std::is_sorted(told.begin(), told.end(), [&](const auto& a, const auto& b) { return ends(a) < ends(b); }));
      story expected;
      for (const auto& [at, row] : model.on_watermark(now))
        expected.push_back(row);
      std::sort(told.begin(), told.end());
      std::sort(expected.begin(), expected.end());
      REQUIRE(told == expected);
    }
  }
  REQUIRE(step.counted("late_records") == model.late);
}

} // namespace

TEST_CASE("random streams through sessions give the rows of a plain sorted list") {
  for (unsigned seed = 1; seed <= 600; ++seed)
    compare_sessions_with_model(seed);
}
