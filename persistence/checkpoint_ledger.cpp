#include <leat/persistence/checkpoint_ledger.hpp>

#include <leat/persistence/merged_deltas.hpp>

#include <algorithm>
#include <cassert>
#include <utility>

namespace leat {

namespace {

/// Puts newer changes of an actor behind older ones, if there are any.
void append(std::shared_ptr<const actor_state>& to, const std::shared_ptr<const actor_state>& newer) {
  to = to ? std::make_shared<const actor_state>(merge_deltas(*to, *newer)) : newer;
}

} // namespace

std::optional<checkpoint_ledger::clock::duration> checkpoint_ledger::due_in(clock::time_point now) const {
  if (!idle())
    return std::nullopt;
  auto wait = clock::duration::zero();
  if (begun_)
    wait = std::max(wait, *begun_ + limits_.interval - now);
  if (done_)
    wait = std::max(wait, *done_ + limits_.min_pause - now);
  return wait;
}

std::uint64_t checkpoint_ledger::begin(clock::time_point now) {
  assert(idle());
  begun_ = now;
  open_.emplace(checkpoint{++last_, now, actors_});
  for (const auto& [actor, lasting] : ended_)
    hand_over(actor, lasting);
  return last_;
}

std::optional<complete_checkpoint> checkpoint_ledger::on_snapshot(const snapshot_taken& fact) {
  if (!open_ || open_->epoch != fact.epoch || open_->storing) { // it was given up meanwhile
    append(kept_[fact.actor], fact.state);
    return std::nullopt;
  }
  hand_over(fact.actor, fact.state);
  return complete();
}

std::optional<complete_checkpoint> checkpoint_ledger::on_ended(const actor_ended& fact) {
  ended_[fact.actor] = std::make_shared<const actor_state>(lasting_deltas(*fact.state));
  if (!open_ || open_->storing || open_->states.contains(fact.actor)) {
    append(kept_[fact.actor], fact.state);
    return std::nullopt;
  }
  hand_over(fact.actor, fact.state);
  return complete();
}

/// For the checkpoint under way, behind what is kept.
void checkpoint_ledger::hand_over(actor_id actor, const changes& what) {
  auto& handed_over = open_->states[actor];
  if (const auto kept = kept_.extract(actor))
    append(handed_over, kept.mapped());
  append(handed_over, what);
}

/// What was handed over for the checkpoint under way is kept, in front of what already is.
void checkpoint_ledger::come_to_nothing() {
  for (const auto& [actor, what] : open_->states) {
    const auto newer = std::exchange(kept_[actor], what);
    if (newer)
      append(kept_[actor], newer);
  }
}

std::optional<complete_checkpoint> checkpoint_ledger::complete() {
  if (!missing().empty())
    return std::nullopt;
  open_->storing = true;
  complete_checkpoint all{open_->epoch, {}};
  for (const auto& [actor, state] : open_->states)
    all.states.push_back(state);
  return all;
}

void checkpoint_ledger::on_stored(std::uint64_t epoch, bool stored, clock::time_point now) {
  if (!open_ || open_->epoch != epoch)
    return;
  if (stored)
    stored_ = epoch;
  else
    come_to_nothing();
  done_ = now;
  open_.reset();
}

std::optional<aborted_checkpoint> checkpoint_ledger::give_up(clock::time_point now) {
  if (!open_ || open_->storing || now - open_->begun < limits_.timeout)
    return std::nullopt;
  aborted_checkpoint aborted{open_->epoch, missing()};
  come_to_nothing();
  done_ = now;
  open_.reset();
  return aborted;
}

std::set<actor_id> checkpoint_ledger::missing() const {
  std::set<actor_id> waiting;
  if (open_)
    for (const auto actor : open_->actors)
      if (!open_->states.contains(actor))
        waiting.insert(actor);
  return waiting;
}

bool checkpoint_ledger::ended(const std::set<actor_id>& sources) const {
  return !actors_.empty() &&
         std::all_of(actors_.begin(), actors_.end(), [&](actor_id a) { return sources.contains(a) || ended_.contains(a); });
}

} // namespace leat
