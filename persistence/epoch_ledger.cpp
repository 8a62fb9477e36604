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
  found->second.arrived[fact.sink] = fact;
  return ask_to_settle(fact.epoch, found->second);
}

std::optional<commit_epoch> epoch_ledger::on_settled(const epoch_settled& fact) {
  const auto found = open_.find(fact.epoch);
  if (found == open_.end())
    return std::nullopt;
  found->second.settled_by.insert(fact.sink);
  if (!settled_by_all(found->second))
    return std::nullopt;
  return complete(fact.epoch);
}

epoch_decisions epoch_ledger::on_ended(const sink_ended& fact) {
  ended_[fact.sink] = fact.fired_until;
  epoch_decisions decided;
  for (auto& [number, e] : open_)
    if (const auto request = ask_to_settle(number, e))
      decided.settle.push_back(*request);
  for (auto e = open_.rbegin(); e != open_.rend(); ++e)
    if (settled_by_all(e->second)) {
      // More has fired since, and none of it holds a record from before the barrier: a restart need not repeat it.
      if (const auto until = fired_at_end(); until != max_timestamp)
        e->second.settled = std::max(e->second.settled, until);
      decided.commit = complete(e->first);
      break;
    }
  return decided;
}

std::optional<epoch_wait> epoch_ledger::waits_for() const {
  if (open_.empty())
    return std::nullopt;
  const auto& [number, e] = *open_.begin();
  epoch_wait wait{number, std::nullopt, {}};
  if (e.asked)
    wait.settled = e.settled;
  for (const auto sink : sinks_)
    if (e.asked ? !settled_by(e, sink) : !arrived_at(e, sink))
      wait.sinks.insert(sink);
  return wait;
}

std::optional<settle_epoch> epoch_ledger::ask_to_settle(std::uint64_t number, epoch& e) {
  const bool everywhere = std::all_of(sinks_.begin(), sinks_.end(), [&](actor_id sink) { return arrived_at(e, sink); });
  if (e.asked || !everywhere)
    return std::nullopt;
  e.asked = true;
  e.settled = settling_time(e);
  return settle_epoch{number, e.settled};
}

bool epoch_ledger::arrived_at(const epoch& e, actor_id sink) const {
  const auto end = ended_.find(sink);
  return e.arrived.contains(sink) || (end != ended_.end() && end->second == max_timestamp);
}

bool epoch_ledger::settled_by(const epoch& e, actor_id sink) const {
  const auto end = ended_.find(sink);
  return e.settled_by.contains(sink) || (end != ended_.end() && end->second >= e.settled);
}

bool epoch_ledger::settled_by_all(const epoch& e) const {
  return e.asked && std::all_of(sinks_.begin(), sinks_.end(), [&](actor_id sink) { return settled_by(e, sink); });
}

timestamp epoch_ledger::fired_at_end() const {
  auto least = max_timestamp;
  if (ended())
    for (const auto& [sink, until] : ended_)
      least = std::min(least, until);
  return least;
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
