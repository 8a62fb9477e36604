#include <leat/actors/recovery/refusal_limit.hpp>

#include <leat/base/tally.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace leat {

namespace {

constexpr std::size_t reasons_told = 3;

std::string letters_place(const dataflow_plan& plan, const stage_plan& stage) {
  const auto* const writer = stage.dead_letters ? plan.stages[*stage.dead_letters].sink.get() : stage.sink.get();
  return writer ? writer->dead_letters_in() : std::string{};
}

} // namespace

refusal_limit::refusal_limit(
  refusal_limit_options how, const dataflow_plan& plan, const metrics& registry, clock::time_point now)
  : how_{how}, registry_{registry} {
  if (!how_.share)
    return;
  for (const auto& stage : plan.stages) {
    if (stage.kind == stage_kind::source)
      places_.push_back({"source", stage.name, {"records_in"}, letters_place(plan, stage), {}});
    if (stage.kind == stage_kind::sink && !stage.takes_dead_letters)
      places_.push_back({"sink", stage.name, {"records_out", "dead_letters"}, letters_place(plan, stage), {}});
    for (const auto& s : stage.steps)
      if (s.has_dead_letters)
        places_.push_back({"step", s.name, {"examined_records"}, {}, {}});
  }
  read(now);
  for (auto& p : places_)
    p.before.push_back(p.now);
}

void refusal_limit::read(clock::time_point now) {
  for (auto& p : places_)
    p.now = {now};
  for (const auto& s : registry_.samples())
    for (auto& p : places_)
      if (s.step == p.name) {
        if (std::ranges::find(p.counters, s.name) != p.counters.end())
          p.now.records += s.value;
        if (s.name == "dead_letters")
          p.now.refused += s.value;
      }
}

std::optional<std::string> refusal_limit::look(clock::time_point now) {
  if (!how_.share)
    return std::nullopt;
  read(now);
  for (auto& p : places_) {
    while (p.before.size() > 1 && now - p.before[1].when >= how_.window)
      p.before.pop_front();
    const auto& since = p.before.front();
    const auto refused = p.now.refused - since.refused;
    const auto records = std::max(p.now.records - since.records, refused);
    if (refused >= how_.least && static_cast<double>(refused) > *how_.share * static_cast<double>(records))
      return explain(p, since);
    if (now - p.before.back().when >= how_.window / samples_kept)
      p.before.push_back(p.now);
  }
  return std::nullopt;
}

std::string refusal_limit::explain(const place& of, const sample& since) const {
  const auto refused = of.now.refused - since.refused;
  const auto records = std::max(of.now.records - since.records, refused);
  auto text = fmt::format(
    "{} '{}' has refused {} of the last {} records, more than dead-letters.limit allows ({:g} % within {})", of.kind,
    of.name, refused, records, *how_.share * 100, format_duration(how_.window));
  if (const auto* const reasons = registry_.tallied("refusals", of.name))
    for (const auto& [reason, count] : reasons->most_frequent(reasons_told))
      text += fmt::format("; {} times: {}", count, reason.empty() ? "other reasons" : reason);
  text += of.letters_in.empty() ? "" : fmt::format(". They are in {}, or on their way there", of.letters_in);
  return text +
         ". Nothing is lost: the job goes on from its last commit or checkpoint when it is started again. Mend what writes "
         "such "
         "records, or the program; or start it with a higher --set dead-letters.limit=…, or none, to let it go on as it is";
}

} // namespace leat
