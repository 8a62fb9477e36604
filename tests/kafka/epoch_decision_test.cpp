#include <leat/connectors/epochs/epoch_decision.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace leat;
using Catch::Matchers::Contains;

namespace {

using epochs = std::vector<std::uint64_t>;

std::string text(const epoch_decision& d) {
  switch (d.action) {
  case epoch_action::nothing:
    return "nothing";
  case epoch_action::write:
    return "write behind " + std::to_string(d.from) + ", mark " + std::to_string(d.mark);
  case epoch_action::refuse_missing:
    return "missing";
  case epoch_action::refuse_newer:
    return "newer";
  case epoch_action::refuse_older:
    return "older";
  case epoch_action::refuse_foreign:
    return "foreign";
  }
  return "?";
}

struct row {
  std::uint64_t checkpoint;
  std::uint64_t after;
  epochs logs;
  std::optional<std::uint64_t> marker;
  std::string expected;
  std::string with_duplicates; ///< expected when they are allowed
};

/// All that can be: no checkpoint, one without logs, one with a first log, one with logs behind a marker; and each
/// place that a marker can have to them.
const std::vector<row> table{
  // a job that starts for the first time, or whose state is gone
  {0, 0, {}, {}, "nothing", "nothing"},
  {0, 0, {}, 5, "newer", "write behind 0, mark 0"},
  // a shard that the checkpoint knows nothing of: it is new, or was there long ago
  {20, 0, {}, {}, "nothing", "nothing"},
  {20, 0, {}, 7, "nothing", "nothing"},
  {20, 0, {}, 20, "nothing", "nothing"},
  {20, 0, {}, 21, "newer", "write behind 0, mark 20"},
  // the first epoch of a shard
  {20, 0, {20}, {}, "write behind 0, mark 20", "write behind 0, mark 20"},
  {20, 0, {20}, 20, "nothing", "nothing"},
  {20, 0, {20}, 19, "foreign", "write behind 0, mark 20"},
  {20, 0, {20}, 21, "newer", "write behind 0, mark 20"},
  // the usual one: the epoch before is out
  {20, 19, {20}, {}, "missing", "write behind 0, mark 20"},
  {20, 19, {20}, 18, "older", "write behind 0, mark 20"},
  {20, 19, {20}, 19, "write behind 19, mark 20", "write behind 19, mark 20"},
  {20, 19, {20}, 20, "nothing", "nothing"},
  {20, 19, {20}, 21, "newer", "write behind 0, mark 20"},
  // epochs without records set no marker
  {20, 12, {20}, 12, "write behind 12, mark 20", "write behind 12, mark 20"},
  {20, 12, {20}, 15, "foreign", "write behind 0, mark 20"},
  {20, 12, {20}, 11, "older", "write behind 0, mark 20"},
  // several logs: earlier checkpoints came to nothing, or Kafka was away
  {20, 12, {15, 18, 20}, {}, "missing", "write behind 0, mark 20"},
  {20, 12, {15, 18, 20}, 11, "older", "write behind 0, mark 20"},
  {20, 12, {15, 18, 20}, 12, "write behind 12, mark 20", "write behind 12, mark 20"},
  {20, 12, {15, 18, 20}, 14, "foreign", "write behind 0, mark 20"},
  {20, 12, {15, 18, 20}, 15, "write behind 15, mark 20", "write behind 15, mark 20"},
  {20, 12, {15, 18, 20}, 18, "write behind 18, mark 20", "write behind 18, mark 20"},
  {20, 12, {15, 18, 20}, 20, "nothing", "nothing"},
  {20, 12, {15, 18, 20}, 21, "newer", "write behind 0, mark 20"},
  // the last log is older than the checkpoint: its shard had not started then
  {20, 12, {15}, 12, "write behind 12, mark 15", "write behind 12, mark 15"},
  {20, 12, {15}, 15, "nothing", "nothing"},
  {20, 12, {15}, 17, "foreign", "write behind 0, mark 15"},
};

epoch_facts facts_of(const row& r) { return {r.checkpoint, r.after, r.logs, r.marker, false}; }

} // namespace

TEST_CASE("the marker says which logs of a checkpoint are out") {
  for (const auto& r : table) {
    CAPTURE(r.checkpoint, r.after, r.logs, r.marker.value_or(0));
    CHECK(text(decide_epoch(facts_of(r))) == r.expected);
  }
}

TEST_CASE("nothing is refused when duplicates are allowed, and the marker is set to where the job goes on") {
  for (const auto& r : table) {
    CAPTURE(r.checkpoint, r.after, r.logs, r.marker.value_or(0));
    auto facts = facts_of(r);
    facts.duplicates_allowed = true;
    CHECK(text(decide_epoch(facts)) == r.with_duplicates);
  }
}

TEST_CASE("what was decided once is nothing to do the next time") {
  for (const auto& r : table) {
    CAPTURE(r.checkpoint, r.after, r.logs, r.marker.value_or(0));
    auto facts = facts_of(r);
    facts.duplicates_allowed = true;
    const auto decided = decide_epoch(facts);
    if (decided.action != epoch_action::write)
      continue;
    facts.duplicates_allowed = false;
    facts.marker = decided.mark == 0 ? std::nullopt : std::optional{decided.mark};
    CHECK(text(decide_epoch(facts)) == "nothing");
  }
}

TEST_CASE("a refusal says what was found, where, and how to go on all the same") {
  for (const auto& r : table) {
    const auto facts = facts_of(r);
    const auto decided = decide_epoch(facts);
    if (decided.action == epoch_action::nothing || decided.action == epoch_action::write)
      continue;
    const auto said = explain_refusal(decided.action, facts, {"group \"g\" on k:9092", "Was it lost?", "the.setting"});
    CHECK_THAT(said, Contains("group \"g\" on k:9092"));
    if (r.marker)
      CHECK_THAT(said, Contains("epoch " + std::to_string(*r.marker)));
    if (r.checkpoint > 0)
      CHECK_THAT(said, Contains("checkpoint " + std::to_string(r.checkpoint)));
    if (decided.action != epoch_action::refuse_foreign)
      CHECK_THAT(said, Contains("the.setting"));
  }
}
