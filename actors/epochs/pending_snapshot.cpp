#include <leat/actors/epochs/pending_snapshot.hpp>

#include <memory>

namespace leat {

void pending_snapshot::on_taken(snapshot_taken taken) {
  if (is(taken.epoch))
    pending_->taken = std::move(taken);
  else
    given_up_.push_back(std::move(taken));
}

void pending_snapshot::give_up() {
  if (pending_ && pending_->taken)
    given_up_.push_back(std::move(*pending_->taken));
  pending_.reset();
}

void pending_snapshot::report_to(task_host& host) {
  for (const auto& taken : std::exchange(given_up_, {}))
    host.report(taken);
  if (pending_ && pending_->taken && !pending_->recording && outputs_.passed(pending_->epoch))
    host.report(complete());
  if (!ended_ || pending_ || outputs_.backlogged())
    return;
  host.report(*ended_);
  ended_.reset();
}

/// With the records on their way.
snapshot_taken pending_snapshot::complete() {
  auto all = std::move(*pending_);
  pending_.reset();
  if (all.log.bytes() != 0) {
    all.taken->in_flight_bytes = all.log.bytes();
    all.log.move_to(*all.taken->state);
    snapshots_.add_group(group_of_all);
  }
  return std::move(*all.taken);
}

} // namespace leat
