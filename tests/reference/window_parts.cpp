#include <leat/tests/reference/functions.hpp>
#include <leat/tests/reference/parts.hpp>
#include <leat/tests/reference/window_models.hpp>

namespace leat::reference {

namespace {

/// Records of a reduction.
fact sum_of(const fact& older, const fact& newer) { return {older.key, small(older.value + newer.value)}; }

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
  auto& model = b.add<window_model>({from}, kind, [](const window_contents& w) {
    return values{folded(digest(w.first), w.start + 1'000), w.last + 1 + 1'000};
  });
  return b.behind({from}, real, model, "aggregate then process");
}

} // namespace leat::reference
