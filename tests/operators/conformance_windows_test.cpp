#include <leat/tests/support/conformance.hpp>
#include <leat/tests/support/triggered_fixture.hpp>

#include <leat/operators/aggregates/count_distinct.hpp>
#include <leat/operators/aggregates/picked_record.hpp>
#include <leat/operators/aggregates/quantile.hpp>
#include <leat/operators/aggregates/top.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;

namespace {

using key_of = std::int64_t event::*;

/// What every aggregate there is makes of a window.
struct everything {
  std::int64_t key;
  timestamp start, end;
  std::int64_t count, sum;
  double mean;
  std::int64_t least, most, different;
  event least_record;
  std::int64_t first, last;
  std::vector<std::int64_t> best;
  double median;
};
BOOST_DESCRIBE_STRUCT(
  everything, (), (key, start, end, count, sum, mean, least, most, different, least_record, first, last, best, median))

std::string to_text(const everything& e) {
  auto text = std::to_string(e.key) + " [" + testing::to_text(e.start) + "," + testing::to_text(e.end) + ")";
  for (const auto n : {e.count, e.sum, e.least, e.most, e.different, e.least_record.time, e.first, e.last})
    text += ' ' + std::to_string(n);
  for (const auto n : e.best)
    text += " top " + std::to_string(n);
  return text + ' ' + std::to_string(e.mean) + ' ' + std::to_string(e.median);
}

auto aggregated(window_spec spec) {
  return windowed<event, std::int64_t, everything>(
    spec, &event::key, key, window_start, window_end, count, sum(&event::value), avg(&event::value), min(&event::value),
    max(&event::value), count_distinct(&event::value), min_by(&event::value), first(&event::value), last(&event::value),
    top(3, &event::value, &event::value), quantile(0.5, &event::value));
}

template <class Windows, class Trigger, class Evictor = no_evictor>
auto triggered(Windows windows, Trigger trigger, duration lateness_allowed = 0ms, Evictor evictor = {}) {
  using contents = listed_contents<event, std::int64_t, std::string, list_values, Evictor>;
  using function = triggered_windows<event, std::int64_t, Windows, Trigger, contents>;
  return [=](step_context c) {
    return std::make_unique<keyed_process_step<event, std::int64_t, key_of, std::string, function>>(
      std::move(c), &event::key,
      function{windows, trigger, contents{{}, evictor}, {.allowed = lateness_allowed, .late = {}}});
  };
}

} // namespace

TEST_CASE("conformance: windows of event time, with every aggregate") {
  check_conformance<everything>(aggregated(tumbling(10ms)), {.same = in_any_order});
  check_conformance<everything>(aggregated(tumbling(10ms, 3ms)), {.same = in_any_order});
  check_conformance<everything>(aggregated(sliding(20ms, 5ms)), {.same = in_any_order});
  check_conformance<everything>(aggregated(sliding(15ms, 7ms)), {.same = in_any_order});
}

TEST_CASE("conformance: windows whose contents are listed, and late records") {
  check_conformance<std::string>(triggered(aligned_windows{tumbling(10ms)}, at_the_end));
  check_conformance<std::string>(triggered(aligned_windows{sliding(20ms, 5ms)}, event_time_trigger{}, 10ms));
  check_conformance<std::string>(
    triggered(aligned_windows{tumbling(50ms), time_domain::processing}, end_of_window_trigger{true}));
}

TEST_CASE("conformance: sessions") {
  check_conformance<std::string>(triggered(session(10ms), at_the_end));
  check_conformance<std::string>(triggered(session(6ms), event_time_trigger{}, 20ms));
  check_conformance<std::string>(triggered(session_windows{40ms, time_domain::processing}, end_of_window_trigger{true}));
}

TEST_CASE("conformance: triggers and evictors") {
  check_conformance<std::string>(triggered(global_windows{}, purging(every_count(3))));
  check_conformance<std::string>(triggered(global_windows{}, every_count(2), 0ms, keep_last(3)));
  check_conformance<std::string>(triggered(aligned_windows{tumbling(30ms)}, every(10ms)));
  check_conformance<std::string>(triggered(session(12ms), every(5ms), 5ms));
}
