#include <leat/tests/reference/parts.hpp>
#include <leat/tests/reference/remembering.hpp>

namespace leat::reference {

namespace {

template <class Function>
stream<fact> remembering_rows(const auto& windows, bool lists) {
  return lists
           ? windows.template process<fact>(Function{})
           : windows.template aggregate_then<summary, fact>(Function{}, key, count, sum(&fact::value), max(&fact::value));
}

} // namespace

both remembering_windows(pipeline_builder& b, const both& from) {
  auto kind = any_windows(b);
  kind.lateness = b.lateness(from.in_order());
  const bool lists = from.in_order() && b.coin();
  const bool aside = b.coin();
  const auto windows = by_key(from).window(spec_of(kind)).allowed_lateness(duration{kind.lateness});
  auto& model = b.add<window_model>({from}, kind, lists ? remembered(ordered_digest, aside) : remembered(digest, aside));
  return b.behind(
    {from}, with_behind_time(remembering_rows<remembering>(windows, lists), aside), model,
    lists ? "window function" : "window function of rows");
}

both remembering_sessions(pipeline_builder& b, const both& from) {
  if (!from.in_order())
    return remembering_windows(b, from);
  const session_kind kind{2 + b.below(15), b.lateness(true), b.coin(), b.below(2) * (1 + b.below(9))};
  const bool lists = b.coin();
  const bool aside = b.coin();
  const auto made = [&](const auto& windows) {
    const side_output<fact> late{"late"};
    const auto rows = remembering_rows<remembering_of_key>(
      by_key(from).window(windows).allowed_lateness(duration{kind.lateness}).late_output(late), lists);
    const auto fired = with_behind_time(rows, aside);
    auto& model = b.add<session_model>({from}, kind, nullptr, remembered(digest, aside));
    return b.behind(
      {from}, kind.late_aside ? fired.merge(rows.side_output(late)) : fired, model,
      lists ? "session function" : "session function of rows");
  };
  return kind.patient == 0 ? made(session(duration{kind.gap})) : made(session(gap_of_record(kind)));
}

} // namespace leat::reference
