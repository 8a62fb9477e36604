#include <leat/persistence/epoch_ledger.hpp>

#include <algorithm>

namespace leat {

epoch_ledger::epoch_ledger(std::set<actor_id> sinks, timestamp settled) : sinks_{std::move(sinks)}, settled_{settled} {}

std::uint64_t epoch_ledger::begin() {
  open_.try_emplace(++last_);
  return last_;
}

std::optional<settle_epoch> epoch_ledger::on_arrived(const barrier_arrived& fact) {
  const auto found = open_.find(fact.epoch);
  if (found == open_.end())
    return std::nullopt; // a later epoch was completed first
  auto& e = found->second;
  e.arrived[fact.sink] = fact;
  if (e.arrived.size() < sinks_.size())
    return std::nullopt;
  e.settled = settling_time(e);
  return settle_epoch{fact.epoch, e.settled};
}

std::optional<commit_epoch> epoch_ledger::on_settled(const epoch_settled& fact) {
  const auto found = open_.find(fact.epoch);
  if (found == open_.end())
    return std::nullopt;
  auto& e = found->second;
  e.settled_by.insert(fact.sink);
  if (e.settled_by.size() < sinks_.size())
    return std::nullopt;
  return complete(fact.epoch);
}

std::optional<commit_epoch> epoch_ledger::on_ended(const sink_ended& fact) {
  ended_[fact.sink] = fact.fired_until;
  if (!ended())
    return std::nullopt;
  auto fired_until = max_timestamp;
  for (const auto& [sink, until] : ended_)
    fired_until = std::min(fired_until, until);
  for (auto e = open_.rbegin(); e != open_.rend(); ++e)
    if (e->second.arrived.size() == sinks_.size() && e->second.settled <= fired_until) {
      // More has fired since, and none of it holds a record from before the barrier: a restart need not repeat it.
      if (fired_until != max_timestamp)
        e->second.settled = fired_until;
      return complete(e->first);
    }
  return std::nullopt;
}

timestamp epoch_ledger::settling_time(const epoch& e) const {
  auto settles = settled_;
  auto fired_by_all = max_timestamp;
  for (const auto& [sink, fact] : e.arrived) {
    settles = std::max(settles, fact.settles_at);
    fired_by_all = std::min(fired_by_all, fact.fired_until);
  }
  // +inf, of a job without windows or at the end of a bounded stream, says nothing about event time.
  return fired_by_all == max_timestamp ? settles : std::max(settles, fired_by_all);
}

commit_epoch epoch_ledger::complete(std::uint64_t number) {
  settled_ = std::max(settled_, open_.at(number).settled);
  open_.erase(open_.begin(), open_.upper_bound(number));
  return {number, settled_};
}

} // namespace leat
