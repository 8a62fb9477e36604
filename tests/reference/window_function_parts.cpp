#include <leat/operators/windows/window_function.hpp>
#include <leat/tests/reference/functions.hpp>
#include <leat/tests/reference/parts.hpp>

namespace leat::reference {

namespace {

const side_output<fact> behind_time{"behind time"};

/// Of how much later than its last millisecond a window emits.
std::int64_t lag(std::int64_t watermark, std::int64_t last) { return std::min<std::int64_t>(watermark - last, 100); }

/// Says a window's digest with all that it knows and keeps, and to a side output how late it is.
struct remembering {
  window_state<std::int64_t> emitted{};
  value_state<std::int64_t> emitted_of_key{};
  value_state<std::int64_t> dropped_of_key{};
  using context = window_context<std::int64_t>;

  void open(state_registry& r) {
    r.add("emitted", emitted);
    r.add("emitted of key", emitted_of_key);
    r.add("dropped of key", dropped_of_key);
  }
  void process(const summary& s, context& w, collector<fact>& out) { say(fact_of(s).value, w, out); }
  void process(std::span<const timed_record<fact>> records, context& w, collector<fact>& out) {
    say(ordered_digest(values_of(records)), w, out);
  }
  void clear(context&) { ++dropped_of_key.edit(); }

private:
  void say(std::int64_t digest, context& w, collector<fact>& out) {
    out.push(fact{w.key(), ordered_digest({digest, emitted.edit()++, emitted_of_key.edit()++, dropped_of_key.edit()})});
    const auto shown = std::min(w.watermark(), w.window().last() + duration{100});
    w.emit(behind_time, fact{w.key(), lag(to_millis(shown), to_millis(w.window().last()))});
  }
};

} // namespace

both remembering_windows(pipeline_builder& b, const both& from) {
  auto kind = any_windows(b);
  kind.lateness = b.lateness(from.in_order());
  const bool lists = from.in_order() && b.coin();
  const bool aside = b.coin();
  const auto windows = by_key(from).window(spec_of(kind)).allowed_lateness(duration{kind.lateness});
  const auto rows =
    lists ? windows.process<fact>(remembering{})
          : windows.aggregate_then<summary, fact>(remembering{}, key, count, sum(&fact::value), max(&fact::value));
  auto& model = b.add<window_model>({from}, kind, [=](const window_contents& w) {
    const auto held = lists ? ordered_digest(w.first) : digest(w.first);
    values all{ordered_digest({held, w.emitted, w.emitted_of_key, w.dropped_of_key})};
    if (aside)
      all.push_back(lag(w.watermark, w.start + kind.size - 1));
    return all;
  });
  return b.behind(
    {from}, aside ? rows.merge(rows.side_output(behind_time)) : rows, model,
    lists ? "window function" : "window function of rows");
}

} // namespace leat::reference
