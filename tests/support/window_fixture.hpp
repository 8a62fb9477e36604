#pragma once

#include <leat/operators/aggregation.hpp>
#include <leat/operators/window.hpp>
#include <leat/tests/support/step_fixture.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace leat::testing {

/// A record of a windowed test: something with a value happened to `key` at `time`.
struct event {
  std::int64_t key = 0;
  std::int64_t value = 0;
  std::int64_t time = 0; // in milliseconds
};
BOOST_DESCRIBE_STRUCT(event, (), (key, value, time))

/// What the windowed test jobs make of events.
struct window_row {
  std::int64_t key = 0;
  timestamp window_start, window_end;
  std::int64_t events = 0;
  std::int64_t sum = 0;

  friend auto operator<=>(const window_row&, const window_row&) = default;
};
BOOST_DESCRIBE_STRUCT(window_row, (), (key, window_start, window_end, events, sum))

/// "key 1 [0,10): 2 events, sum 7".
inline std::string to_text(const window_row& r) {
  return "key " + std::to_string(r.key) + " [" + to_text(r.window_start) + ',' + to_text(r.window_end) +
         "): " + std::to_string(r.events) + " events, sum " + std::to_string(r.sum);
}

/// Makes a `window_step` over batches of `T` for `step_fixture::add`; `columns` fill the members of `Out`.
template <class T, class Key, class Out, class KeyOf, class... Columns>
auto windowed(window_spec spec, KeyOf key_of, Columns... columns) {
  using aggregation = columns_aggregation<T, Key, Out, Columns...>;
  return [=](step_context context) {
    return make_window_step<T, Key>(std::move(context), spec, key_of, aggregation{columns...});
  };
}

/// A window step over events, summed by key, and the recorder behind it.
class window_fixture {
public:
  explicit window_fixture(window_spec spec) {
    f.add(
      "totals", windowed<event, std::int64_t, window_row>(
                  spec, &event::key, leat::key, window_start, window_end, count, sum(&event::value)));
  }

  void events(const std::vector<event>& all) {
    auto in = batch<event>::fresh();
    for (const auto& e : all)
      in->push(e, from_millis(e.time), key_hash(e.key));
    f.give(std::move(in));
  }

  void watermark(std::int64_t millis) { f.give(testing::watermark(millis)); }
  void give(const signal& s) { f.give(s); }

  /// What has come out since the last call. Rows that fire together come in no order among their keys: by key here.
  story said() {
    auto told = std::exchange(f.out.told, {});
    const auto is_signal = [](const std::string& s) { return !s.starts_with("key "); };
    const auto window_of = [](const std::string& s) { return s.substr(s.find('['), s.find(':') - s.find('[')); };
    for (auto from = told.begin(); from != told.end();) {
      const auto to = std::find_if(from + 1, told.end(), [&](const std::string& s) {
        return is_signal(*from) || is_signal(s) || window_of(s) != window_of(*from);
      });
      std::sort(from, to);
      from = to;
    }
    return told;
  }

  [[nodiscard]] std::int64_t counted(std::string_view metric) const { return f.registry.sum(metric, "totals"); }

  step_fixture<window_row> f;
};

} // namespace leat::testing
