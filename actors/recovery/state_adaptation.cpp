#include <leat/actors/recovery/state_adaptation.hpp>

#include <leat/actors/epochs/in_flight.hpp>
#include <leat/actors/epochs/state_snapshot.hpp>
#include <leat/actors/sinks/exactly_once_end.hpp>
#include <leat/base/encoding.hpp>
#include <leat/base/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace leat {

namespace {

/// Whether a state belongs to a stage, and not to a step of its.
bool is_of_stage(std::string_view state) {
  return state == positions_state || state == input_watermark_state || state == epoch_logs_state ||
         state == in_flight_state;
}

const state_description* find(const std::vector<state_description>& states, std::string_view name) {
  const auto found = std::ranges::find(states, name, &state_description::name);
  return found == states.end() ? nullptr : &*found;
}

void convert(const type_change& change, std::string_view value, std::string& made) {
  made.clear();
  byte_reader from{value};
  byte_writer to{made};
  change.convert(from, to);
  from.expect_end();
}

} // namespace

stored_state stored_form_of(const state_description& state) {
  return {
    state.name, state.key ? type_text(*state.key) : "", state.value ? type_text(*state.value) : "", 0, state.kept_for};
}

void check_places(const checkpoint_manifest& stored, const dataflow_plan& job) {
  std::vector<std::string> moved;
  std::string example;
  for (std::size_t s = 0; s < job.stages.size(); ++s)
    for (std::size_t k = 0; k < job.stages[s].steps.size(); ++k) {
      const auto place = place_of(job, s, k);
      const auto* const before = stored.step(uid_of(job.stages[s].steps[k]));
      if (!before || place.empty() || before->place.empty() || before->place == place)
        continue;
      moved.push_back(fmt::format("'{}' was \"{}\", is \"{}\"", before->uid, before->place, place));
      example = before->uid;
    }
  if (!moved.empty())
    throw state_error{fmt::format(
      "checkpoint {} does not fit this job. Steps with state that are known by a number only stand elsewhere now, so each "
      "might take "
      "what another has kept: {}. Give steps with state a uid; .uid(\"{}\") to the one that is to go on with that state",
      stored.checkpoint, fmt::join(moved, "; "), example)};
}

state_adapter::state_adapter(
  const checkpoint_manifest& stored, std::set<std::string> steps, const wanted_states& wanted, bool allow_dropped)
  : stored_{stored}, steps_{std::move(steps)}, wanted_{wanted}, allow_dropped_{allow_dropped} {}

std::optional<stored_entry> state_adapter::adapted(const stored_entry& entry) {
  const auto& at = place_of(entry);
  if (!at.change) {
    ++stepless_.at(at.step);
    return std::nullopt;
  }
  switch (at.change->what) {
  case state_change::kind::none:
    return entry;
  case state_change::kind::converted: {
    convert(*at.change->values, entry.value, value_);
    auto made = entry;
    made.value = value_;
    return made;
  }
  default:
    return std::nullopt;
  }
}

const state_adapter::place& state_adapter::place_of(const stored_entry& entry) {
  if (last_ && last_->state == entry.state && last_->step == entry.step)
    return *last_;
  last_ = place{std::string{entry.step}, std::string{entry.state}, nullptr};
  if (!steps_.contains(last_->step)) {
    if (stepless_.try_emplace(last_->step, 0).second)
      drop(last_->step);
    return *last_;
  }
  const auto [at, fresh] = changes_.try_emplace({last_->step, last_->state});
  if (fresh && !is_of_stage(entry.state)) {
    at->second = change_of(last_->step, last_->state);
    take_note(last_->step, at->second);
  }
  last_->change = &at->second;
  return *last_;
}

void state_adapter::drop(const std::string& uid) {
  if (!allow_dropped_)
    return;
  spdlog::warn("state is dropped: that of step '{}', which this job does not have", uid);
  done_.dropped.insert(uid);
}

state_adapter::state_change state_adapter::change_of(const std::string& uid, const std::string& state) const {
  const auto of_step = wanted_.find(uid);
  const auto* const now = of_step == wanted_.end() ? nullptr : find(of_step->second, state);
  state_change change;
  if (!now) {
    change.what = state_change::kind::dropped;
    (allow_dropped_ ? change.notes : change.refused).push_back(fmt::format("state \"{}\" of step '{}'", state, uid));
    return change;
  }
  const auto* const step = stored_.step(uid);
  const auto* const before = step ? step->state(state) : nullptr;
  if (!before)
    return change; // nothing is known of its types
  const auto compare =
    [&change](const std::string& what, const std::string& stored, const encoded_type* wanted, auto role) {
      if (stored.empty() || !wanted || stored == type_text(*wanted))
        return;
      auto type = parse_encoded_type(stored);
      auto values = std::make_unique<const type_change>(*type, *wanted, role);
      if (!values->possible()) {
        change.what = state_change::kind::impossible;
        change.refused.push_back(fmt::format("{}: {}", what, fmt::join(values->refused(), ", ")));
        return;
      }
      if (!values->converted().empty())
        change.notes.push_back(fmt::format("{} is converted: {}", what, fmt::join(values->converted(), ", ")));
      if (values->same_bytes() || change.what == state_change::kind::impossible)
        return;
      change.what = state_change::kind::converted;
      change.stored = std::move(type);
      change.values = std::move(values);
    };
  compare(fmt::format("step '{}', keys of \"{}\"", uid, state), before->key_type, now->key, type_change::changing::key);
  compare(fmt::format("step '{}', \"{}\"", uid, state), before->value_type, now->value, type_change::changing::value);
  if (!before->kept_for.empty() && !now->kept_for.empty() && before->kept_for != now->kept_for) {
    change.what = state_change::kind::impossible;
    change.refused.push_back(
      fmt::format("step '{}', \"{}\": was kept for {}, is now {}", uid, state, before->kept_for, now->kept_for));
  }
  return change;
}

void state_adapter::take_note(const std::string& uid, const state_change& change) {
  using kind = state_change::kind;
  for (const auto& note : change.notes)
    change.what == kind::dropped ? spdlog::warn("state is dropped: {}", note) : spdlog::info("{}", note);
  auto& refused = change.what == kind::dropped ? lost_ : impossible_;
  refused.insert(refused.end(), change.refused.begin(), change.refused.end());
  if (change.what == kind::dropped || change.what == kind::converted)
    done_.changed.insert(uid);
}

bool state_adapter::stays(const std::string& uid, const std::function<bool(const std::string& state)>& has_entries) const {
  const auto* const step = stored_.step(uid);
  return !step || std::ranges::all_of(step->states, [&](const stored_state& s) {
    return is_of_stage(s.name) || change_of(uid, s.name).what == state_change::kind::none || !has_entries(s.name);
  });
}

adapted_state state_adapter::finish() const {
  auto lost = lost_;
  for (const auto& [uid, entries] : stepless_)
    if (!allow_dropped_)
      lost.push_back(fmt::format(
        "step '{0}', which this job does not have ({1} entries): give the step that has taken its place .uid(\"{0}\")", uid,
        entries));
  if (impossible_.empty() && lost.empty())
    return done_;
  auto text = fmt::format("checkpoint {} does not fit this job.", stored_.checkpoint);
  if (!impossible_.empty())
    text += fmt::format(
      " What cannot be converted: {}. Give the step another uid to begin empty, or go back to what it was.",
      fmt::join(impossible_, "; "));
  if (!lost.empty())
    text += fmt::format(" State without a place: {}. To begin without it: --allow-dropped-state.", fmt::join(lost, "; "));
  throw state_error{text};
}

} // namespace leat
