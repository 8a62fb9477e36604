#include <leat/tests/reference/parts.hpp>
#include <leat/tests/reference/window_functions.hpp>
#include <leat/tests/reference/window_models.hpp>

namespace leat::reference {

namespace {

/// Records of a reduction.
fact sum_of(const fact& older, const fact& newer) { return {older.key, small(older.value + newer.value)}; }
fact fold_of(const fact& older, const fact& newer) { return {older.key, folded(older.value, newer.value)}; }

window_kind any_windows(pipeline_builder& b) {
  return {.size = 5 + b.below(20), .slide = 3 + b.below(12), .offset = b.below(5)};
}

window_spec spec_of(const window_kind& kind) {
  return sliding(duration{kind.size}, duration{kind.slide}, duration{kind.offset});
}

} // namespace

both windowed(pipeline_builder& b, const both& from) {
  const auto kind = any_windows(b);
  const auto real = by_key(from).window(spec_of(kind)).aggregate<summary>(key, count, sum(&fact::value), max(&fact::value));
  auto& model = b.add<window_model>({from}, kind);
  return b.behind({from}, real.map(fact_of), model, "window");
}

both reduced_windows(pipeline_builder& b, const both& from) {
  auto kind = any_windows(b);
  if (!from.in_order() || b.coin()) {
    auto& model = b.add<window_model>({from}, kind, [](const window_contents& w) {
      return values{reduced(w.first, [](std::int64_t older, std::int64_t newer) { return small(older + newer); })};
    });
    return b.behind({from}, by_key(from).window(spec_of(kind)).reduce(sum_of), model, "reduced window");
  }
  kind.slide = kind.size; // a record of a sliding window may come in a later slice than the next
  auto& model =
    b.add<window_model>({from}, kind, [](const window_contents& w) { return values{reduced(w.first, folded)}; });
  return b.behind({from}, by_key(from).window(spec_of(kind)).reduce(fold_of), model, "reduced window");
}

both windows_over_all(pipeline_builder& b, const both& from) {
  const auto kind = any_windows(b);
  const auto real =
    from.real.all().window(spec_of(kind)).aggregate<summary>(key, count, sum(&fact::value), max(&fact::value));
  const auto of_one_key = b.stateless(
    from, from.real,
    [](const fact& f) {
      return std::vector{fact{0, f.value}};
    },
    "all");
  auto& model = b.add<window_model>({of_one_key}, kind);
  return b.behind({of_one_key}, real.map(fact_of), model, "window");
}

both late_windowed(pipeline_builder& b, const both& from) {
  window_kind kind{.size = 5 + b.below(20), .slide = 0, .offset = 0, .lateness = b.lateness(from.in_order())};
  kind.slide = kind.size;
  const bool ordered = from.in_order() && b.coin();
  kind.late_aside = b.coin();
  const side_output<fact> late{"late"};
  const auto windows =
    by_key(from).window(tumbling(duration{kind.size})).allowed_lateness(duration{kind.lateness}).late_output(late);
  const auto with_late = [&](const auto& rows, const stream<fact>& fired) {
    return kind.late_aside ? fired.merge(rows.side_output(late)) : fired;
  };
  if (ordered) {
    auto& model = b.add<window_model>({from}, kind, ordered_digest_of_first);
    const auto rows = windows.process<fact>(list_digest{});
    return b.behind({from}, with_late(rows, rows), model, "late window of lists");
  }
  auto& model = b.add<window_model>({from}, kind);
  const auto rows = windows.aggregate<summary>(key, count, sum(&fact::value), max(&fact::value));
  return b.behind({from}, with_late(rows, rows.map(fact_of)), model, "late window");
}

both aggregated_then_processed_windows(pipeline_builder& b, const both& from) {
  auto kind = any_windows(b);
  kind.lateness = b.lateness(from.in_order());
  const auto with_times = [](std::int64_t key, const time_window& w, const summary& s, collector<fact>& out) {
    out.push(fact{key, folded(fact_of(s).value, to_millis(w.start) + 1'000)});
    out.push(fact{key, to_millis(w.end) + 1'000});
  };
  const auto real = by_key(from)
                      .window(spec_of(kind))
                      .allowed_lateness(duration{kind.lateness})
                      .aggregate_then<summary, fact>(with_times, key, count, sum(&fact::value), max(&fact::value));
  auto& model = b.add<window_model>({from}, kind, [kind](const window_contents& w) {
    return values{folded(digest(w.first), w.start + 1'000), w.start + kind.size + 1'000};
  });
  return b.behind({from}, real, model, "aggregate then process");
}

/// Which of two late records comes first decides whether the other still finds a session open.
both sessions(pipeline_builder& b, const both& from) {
  if (!from.in_order())
    return windowed(b, from);
  const session_kind kind{2 + b.below(15), b.lateness(true), b.coin()};
  const side_output<fact> late{"late"};
  const auto rows = by_key(from)
                      .window(session(duration{kind.gap}))
                      .allowed_lateness(duration{kind.lateness})
                      .late_output(late)
                      .aggregate<summary>(key, count, sum(&fact::value), max(&fact::value));
  const auto fired = rows.map(fact_of);
  auto& model = b.add<session_model>({from}, kind);
  return b.behind({from}, kind.late_aside ? fired.merge(rows.side_output(late)) : fired, model, "session");
}

both by_the_clock(pipeline_builder& b, const both& from) {
  if (from.timed)
    return windowed(b, from);
  const auto emitted = [&](const auto& windows, node& model, const char* name) {
    const auto real = windows.template aggregate<summary>(key, count, sum(&fact::value), max(&fact::value));
    auto made = b.behind({from}, real.map(fact_of), model, name);
    made.timed = true;
    return made;
  };
  if (b.coin()) {
    const auto gap = 2 + 2 * b.below(8);
    auto& model = b.add<session_model>({from}, session_kind{gap}, &b.clock());
    return emitted(by_key(from).window(processing_time_session(duration{gap})), model, "session by the clock");
  }
  const window_kind kind{.size = 4 + 2 * b.below(10), .slide = 4 + 2 * b.below(6), .offset = 1};
  auto& model = b.add<clock_window_model>({from}, kind, b.clock());
  return emitted(by_key(from).window(processing_time(spec_of(kind))), model, "window by the clock");
}

} // namespace leat::reference
