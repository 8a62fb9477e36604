#include <leat/connectors/epochs/epoch_decision.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace leat {

namespace {

/// What is wrong with the marker.
std::optional<epoch_action> objection(const epoch_facts& facts) {
  const bool expected = !facts.logs.empty() && facts.after > 0;
  if (!facts.marker)
    return expected ? std::optional{epoch_action::refuse_missing} : std::nullopt;
  if (*facts.marker > facts.checkpoint)
    return epoch_action::refuse_newer;
  if (facts.logs.empty())
    return std::nullopt;
  if (*facts.marker < facts.after)
    return epoch_action::refuse_older;
  if (*facts.marker != facts.after && !std::ranges::binary_search(facts.logs, *facts.marker))
    return epoch_action::refuse_foreign;
  return std::nullopt;
}

} // namespace

epoch_decision decide_epoch(const epoch_facts& facts) {
  const auto wrong = objection(facts);
  if (wrong && !facts.duplicates_allowed)
    return {*wrong, 0, 0};
  const auto from = wrong ? 0 : facts.marker.value_or(0); // another history's marker says nothing of these logs
  const auto last = facts.logs.empty() ? facts.checkpoint : facts.logs.back();
  if (wrong || (!facts.logs.empty() && last > from))
    return {epoch_action::write, from, last};
  return {epoch_action::nothing, 0, 0};
}

std::string explain_refusal(epoch_action refused, const epoch_facts& facts, const marker_words& of) {
  const auto or_else = fmt::format(" To go on all the same, and maybe write records twice, set {}", of.setting);
  switch (refused) {
  case epoch_action::refuse_missing:
    return fmt::format(
      "{} holds no marker, but checkpoint {} says that epoch {} was written out. {} Nobody can tell now whether the last "
      "records "
      "are there: compare what is there with the job's input.{}",
      of.marker, facts.checkpoint, facts.after, of.how_lost, or_else);
  case epoch_action::refuse_newer:
    if (facts.checkpoint == 0)
      return fmt::format(
        "{} says that epoch {} was written out by an earlier run of this job, whose checkpoints are not here. Start from "
        "them, or give the job or the step another name.{}",
        of.marker, *facts.marker, or_else);
    return fmt::format(
      "{} says that epoch {} is written out, but the job starts from checkpoint {}, which is older: what came in between "
      "would be written twice. Start from the latest checkpoint; if there is none, does another instance of this job "
      "run?{}",
      of.marker, *facts.marker, facts.checkpoint, or_else);
  case epoch_action::refuse_older:
    return fmt::format(
      "{} says that epoch {} is written out, but checkpoint {} knows of epoch {}: the records in between are missing, or "
      "the "
      "marker was set back by hand. Was what the sink writes to, or the marker, restored from a copy?{}",
      of.marker, *facts.marker, facts.checkpoint, facts.after, or_else);
  case epoch_action::refuse_foreign:
    return fmt::format(
      "{} says that epoch {} is written out, which no run that led to checkpoint {} has written: another instance of this "
      "job has. End it, and start from its checkpoint.{}",
      of.marker, *facts.marker, facts.checkpoint, or_else);
  default:
    return {};
  }
}

} // namespace leat
