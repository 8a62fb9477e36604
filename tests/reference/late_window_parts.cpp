#include <leat/tests/reference/functions.hpp>
#include <leat/tests/reference/parts.hpp>

namespace leat::reference {

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

/// Which of two late records comes first decides whether the other still finds a session open.
both sessions(pipeline_builder& b, const both& from) {
  if (!from.in_order())
    return windowed(b, from);
  const session_kind kind{2 + b.below(15), b.lateness(true), b.coin(), b.below(2) * (1 + b.below(9))};
  const auto made = [&](const auto& windows, const char* name) {
    const side_output<fact> late{"late"};
    const auto rows = by_key(from)
                        .window(windows)
                        .allowed_lateness(duration{kind.lateness})
                        .late_output(late)
                        .template aggregate<summary>(key, count, sum(&fact::value), max(&fact::value));
    const auto fired = rows.map(fact_of);
    auto& model = b.add<session_model>({from}, kind);
    return b.behind({from}, kind.late_aside ? fired.merge(rows.side_output(late)) : fired, model, name);
  };
  return kind.patient == 0 ? made(session(duration{kind.gap}), "session")
                           : made(session(gap_of_record(kind)), "session with gaps of the records");
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
    const session_kind kind{.gap = 2 + 2 * b.below(8), .patient = b.below(2) * 2 * b.below(5)};
    auto& model = b.add<session_model>({from}, kind, &b.clock());
    if (kind.patient != 0)
      return emitted(
        by_key(from).window(processing_time_session(gap_of_record(kind))), model,
        "session by the clock with gaps of the records");
    return emitted(by_key(from).window(processing_time_session(duration{kind.gap})), model, "session by the clock");
  }
  const window_kind kind{.size = 4 + 2 * b.below(10), .slide = 4 + 2 * b.below(6), .offset = 1};
  auto& model = b.add<clock_window_model>({from}, kind, b.clock());
  return emitted(by_key(from).window(processing_time(spec_of(kind))), model, "window by the clock");
}

} // namespace leat::reference
