#pragma once

#include <leat/operators/windows/window_function.hpp>
#include <leat/tests/reference/functions.hpp>

#include <algorithm>

/// Functions of windows that keep something, and what they come to.
namespace leat::reference {

inline const side_output<fact> behind_time{"behind time"};

/// Of how much later than its last millisecond a window emits, or earlier: 100 is neither.
inline std::int64_t lag(std::int64_t watermark, std::int64_t last) {
  return std::clamp<std::int64_t>(watermark, last - 100, last + 100) - last + 100;
}

/// Says a window's digest with all that it knows and keeps for the key, and to a side output how late it is.
struct remembering_of_key {
  value_state<std::int64_t> emitted_of_key{};
  value_state<std::int64_t> dropped_of_key{};
  using context = window_context<std::int64_t>;

  void open(state_registry& r) {
    r.add("emitted of key", emitted_of_key);
    r.add("dropped of key", dropped_of_key);
  }
  void process(const summary& s, context& w, collector<fact>& out) { say(fact_of(s).value, 0, w, out); }
  void process(std::span<const timed_record<fact>> records, context& w, collector<fact>& out) {
    say(digest(values_of(records)), 0, w, out);
  }
  void clear(context&) { ++dropped_of_key.edit(); }

protected:
  void say(std::int64_t digest, std::int64_t emitted, context& w, collector<fact>& out) {
    out.push(fact{w.key(), ordered_digest({digest, emitted, emitted_of_key.edit()++, dropped_of_key.edit()})});
    w.emit(behind_time, fact{w.key(), lag(to_millis(w.watermark()), to_millis(w.window().last()))});
  }
};

/// With what it keeps for each window too.
struct remembering : remembering_of_key {
  window_state<std::int64_t> emitted{};

  void open(state_registry& r) {
    remembering_of_key::open(r);
    r.add("emitted", emitted);
  }
  void process(const summary& s, context& w, collector<fact>& out) { say(fact_of(s).value, emitted.edit()++, w, out); }
  void process(std::span<const timed_record<fact>> records, context& w, collector<fact>& out) {
    say(ordered_digest(values_of(records)), emitted.edit()++, w, out);
  }
};

/// What they emit: of a window's digest, and with `aside` to the side output.
inline window_function remembered(std::int64_t (*digest)(const values&), bool aside) {
  return [=](const window_contents& w) {
    values all{ordered_digest({digest(w.first), w.emitted, w.emitted_of_key, w.dropped_of_key})};
    if (aside)
      all.push_back(lag(w.watermark, w.last));
    return all;
  };
}

inline stream<fact> with_behind_time(const stream<fact>& rows, bool aside) {
  return aside ? rows.merge(rows.side_output(behind_time)) : rows;
}

} // namespace leat::reference
