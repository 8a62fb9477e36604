#include <leat/tests/support/steps/conformance.hpp>
#include <leat/tests/support/steps/triggered_fixture.hpp>

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

  friend std::string to_text(const everything& e) {
    auto text = std::to_string(e.key) + " [" + testing::to_text(e.start) + "," + testing::to_text(e.end) + ")";
    for (const auto n : {e.count, e.sum, e.least, e.most, e.different, e.least_record.time, e.first, e.last})
      text += ' ' + std::to_string(n);
    for (const auto n : e.best)
      text += " top " + std::to_string(n);
    return text + ' ' + std::to_string(e.mean) + ' ' + std::to_string(e.median);
  }
};
BOOST_DESCRIBE_STRUCT(
  everything, (), (key, start, end, count, sum, mean, least, most, different, least_record, first, last, best, median))

const auto every_column =
  [](auto... columns) {
    return columns_aggregation<event, std::int64_t, everything, decltype(columns)...>{columns...};
  }(key, window_start, window_end, count, sum(&event::value), avg(&event::value), min(&event::value), max(&event::value),
    count_distinct(&event::value), min_by(&event::value), first(&event::value), last(&event::value),
    top(3, &event::value, &event::value), quantile(0.5, &event::value));

/// The sum of the values, with the time of the newest.
event sum_of(const event& older, const event& newer) {
  return {older.key, older.value + newer.value, std::max(older.time, newer.time)};
}
using summing = reduce_aggregation<event, std::int64_t, decltype(&sum_of)>;

/// Two rows of each window: what the aggregates come to, and whose it is.
struct two_rows {
  void operator()(std::int64_t key, const time_window&, const everything& row, collector<std::string>& out) const {
    out.push(to_text(row));
    out.push("of " + std::to_string(key));
  }
};

template <class Aggregation>
auto sliced(window_spec spec, Aggregation aggregation) {
  return [=](step_context c) {
    return make_window_step<event, std::int64_t, key_of>(std::move(c), spec, &event::key, aggregation);
  };
}

template <class Windows, class Trigger, class Contents>
auto holding(Contents contents, Windows windows, Trigger trigger, lateness<event> late = {}) {
  using function = triggered_windows<event, std::int64_t, Windows, Trigger, Contents>;
  using out = typename Contents::output;
  return [=](step_context c) {
    if (late.late)
      c.side_outputs = {{late.late->name, &typeid(event)}};
    return std::make_unique<keyed_process_step<event, std::int64_t, key_of, out, function>>(
      std::move(c), &event::key, function{windows, trigger, contents, late});
  };
}

template <class Windows, class Trigger, class Evictor = no_evictor>
auto listed(Windows windows, Trigger trigger, duration allowed = 0ms, Evictor evictor = {}) {
  using contents = listed_contents<event, std::int64_t, std::string, list_values, Evictor>;
  return holding(contents{{}, evictor}, windows, trigger, {.allowed = allowed, .late = {}});
}

template <class Windows, class Trigger>
auto aggregated(Windows windows, Trigger trigger, duration allowed = 0ms) {
  using contents = aggregated_contents<event, std::int64_t, std::decay_t<decltype(every_column)>>;
  return holding(contents{every_column}, windows, trigger, {.allowed = allowed, .late = {}});
}

template <class Windows, class Trigger>
auto aggregated_and_processed(Windows windows, Trigger trigger, duration allowed = 0ms) {
  using columns = std::decay_t<decltype(every_column)>;
  using contents = aggregated_then_processed<event, std::int64_t, std::string, columns, two_rows>;
  return holding(contents{every_column, two_rows{}}, windows, trigger, {.allowed = allowed, .late = {}});
}

const side_output<event> too_late{"late"};

template <class Windows, class Trigger>
auto reduced(Windows windows, Trigger trigger, duration allowed = 0ms) {
  return holding(
    aggregated_contents<event, std::int64_t, summing>{summing{sum_of}}, windows, trigger,
    {.allowed = allowed, .late = too_late});
}

/// A trigger of a user's own: emits with each third record, some time after each by either clock, and at the end.
struct impatient_trigger : trigger_base {
  struct state {
    std::int64_t seen = 0;
    BOOST_DESCRIBE_CLASS(state, (), (seen), (), ())
  };

  trigger_result on_record(state& s, timestamp time, trigger_context& c) const {
    c.set_timer(std::min(time + 4ms, c.window().last()));
    c.set_processing_timer(c.processing_time() + 20ms);
    return ++s.seen % 3 == 0 ? trigger_result::fire : trigger_result::go_on;
  }
  trigger_result on_event_time(state&, timestamp, trigger_context&) const { return trigger_result::fire; }
  trigger_result on_processing_time(state& s, timestamp, trigger_context&) const {
    s.seen = 0;
    return trigger_result::fire_and_purge;
  }
  trigger_result on_merge(state& into, const state& other, trigger_context& c) const {
    into.seen += other.seen;
    c.set_timer(c.window().last());
    return trigger_result::go_on;
  }
};

} // namespace

TEST_CASE("conformance: windows of event time, with every aggregate") {
  check_conformance<everything>(sliced(tumbling(10ms), every_column), {.same = in_any_order});
  check_conformance<everything>(sliced(tumbling(10ms, 3ms), every_column), {.same = in_any_order});
  check_conformance<everything>(sliced(sliding(20ms, 5ms), every_column), {.same = in_any_order});
  check_conformance<everything>(sliced(sliding(15ms, 7ms), every_column), {.same = in_any_order});
}

TEST_CASE("conformance: windows of event time with a reduce") {
  check_conformance<event>(sliced(tumbling(10ms), summing{sum_of}), {.same = in_any_order});
  check_conformance<event>(sliced(sliding(20ms, 5ms), summing{sum_of}), {.same = in_any_order});
}

TEST_CASE("conformance: windows whose contents are listed, and late records") {
  check_conformance<std::string>(listed(aligned_windows{tumbling(10ms)}, at_the_end));
  check_conformance<std::string>(listed(aligned_windows{sliding(20ms, 5ms)}, event_time_trigger{}, 10ms));
  check_conformance<std::string>(
    listed(aligned_windows{tumbling(50ms), time_domain::processing}, end_of_window_trigger{true}));
}

TEST_CASE("conformance: sessions") {
  check_conformance<std::string>(listed(session(10ms), at_the_end));
  check_conformance<std::string>(listed(session(6ms), event_time_trigger{}, 20ms));
  check_conformance<std::string>(listed(session_windows{40ms, time_domain::processing}, end_of_window_trigger{true}));
}

TEST_CASE("conformance: triggers and evictors") {
  check_conformance<std::string>(listed(global_windows{}, purging(every_count(3))));
  check_conformance<std::string>(listed(global_windows{}, every_count(2), 0ms, keep_last(3)));
  check_conformance<std::string>(listed(aligned_windows{tumbling(30ms)}, every(10ms)));
  check_conformance<std::string>(listed(global_windows{}, every_count(2), 0ms, keep_last(8ms)));
  check_conformance<std::string>(listed(session(12ms), every(5ms), 5ms));
  check_conformance<std::string>(listed(session(10ms), event_time_trigger{}, 10ms, keep_last(6ms)));
  check_conformance<std::string>(listed(aligned_windows{tumbling(30ms)}, impatient_trigger{}));
  check_conformance<std::string>(listed(session(12ms), impatient_trigger{}, 5ms));
}

TEST_CASE("conformance: windows that aggregate, beside those of shared slices") {
  check_conformance<everything>(aggregated(aligned_windows{sliding(20ms, 5ms)}, event_time_trigger{}, 10ms));
  check_conformance<everything>(aggregated(session(8ms), at_the_end));
  check_conformance<everything>(aggregated(global_windows{}, purging(every_count(3))));
}

TEST_CASE("conformance: windows that aggregate and then process") {
  check_conformance<std::string>(aggregated_and_processed(aligned_windows{tumbling(10ms)}, at_the_end, 10ms));
  check_conformance<std::string>(aggregated_and_processed(session(8ms), every(5ms)));
  check_conformance<std::string>(aggregated_and_processed(processing_time(tumbling(50ms)), end_of_window_trigger{true}));
}

TEST_CASE("conformance: windows that reduce, and their late records in a side output") {
  const conformance_options with_late{.side_outputs = 1, .same = in_any_order};
  check_conformance<event>(reduced(aligned_windows{tumbling(10ms)}, at_the_end), with_late);
  check_conformance<event>(reduced(aligned_windows{sliding(20ms, 10ms)}, event_time_trigger{}, 3ms), with_late);
  check_conformance<event>(reduced(session(6ms), event_time_trigger{}, 3ms), with_late);
}
