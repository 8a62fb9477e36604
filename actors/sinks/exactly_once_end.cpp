#include <leat/actors/sinks/exactly_once_end.hpp>

#include <leat/base/encoding.hpp>
#include <leat/base/error.hpp>

#include <algorithm>
#include <utility>

namespace leat {

saved_epoch_log epoch_log_of(const state_entry& entry) {
  return {decoded<epoch_log_name>(entry.key), std::string{entry.value}};
}

exactly_once_end::exactly_once_end(
  actor_id self, std::string uid, std::unique_ptr<transactional_writer> writer, origin from, flow& chain,
  metric& records_out, metric& dead_letters)
  : sink_end{self, chain, records_out, dead_letters}, uid_{std::move(uid)}, writer_{std::move(writer)},
    last_epoch_{from.checkpoint}, decided_{from.checkpoint} {
  writer_->restore(from.checkpoint, std::move(from.logs));
}

std::size_t exactly_once_end::write(const batch_base& in, std::size_t from) {
  report_held(); // none of this batch is part of them
  if (waits_for_barrier_ && writer_->room() >= epoch_room::unstored)
    return 0;
  const auto taken = writer_->write(in, from);
  look_at_room(taken != 0);
  return taken;
}

void exactly_once_end::look_at_room(bool took_some) {
  const auto room = writer_->room();
  const bool goes_away = room < epoch_room::full && (took_some || last_epoch_ > decided_);
  if (room >= epoch_room::unstored && !waits_for_barrier_ && !goes_away)
    throw connector_error{writer_->epoch_too_large()};
  const bool waits = room >= epoch_room::unstored && waits_for_barrier_;
  if (room == epoch_room::plenty || (asked_ && (!waits || std::exchange(said_to_wait_, true))))
    return;
  asked_ = true;
  said_to_wait_ = waits;
  host().report(checkpoint_wanted{self(), waits});
}

void exactly_once_end::on_snapshot(snapshot_taken taken) {
  held_.push_back(std::move(taken));
  report_held();
  write_waiting(); // the epoch may have been full
}

void exactly_once_end::on_ended(actor_ended ended) {
  ended_ = std::move(ended);
  report_held();
}

void exactly_once_end::report_held() {
  cut_held();
  while (!cut_.empty() && writer_->prepared(cut_.front().epoch)) {
    reports().on_taken(std::move(cut_.front()));
    cut_.pop_front();
  }
  if (last_ && cut_.empty() && writer_->prepared(last_epoch_)) {
    reports().on_ended(std::move(*last_));
    last_.reset();
  }
}

/// At another parallelism, other actors have the keys whose last results this one still writes out: theirs must not come first, and do
/// not while no checkpoint is complete.
void exactly_once_end::cut_held() {
  if ((held_.empty() && !ended_) || !writer_->restored())
    return;
  for (auto& taken : std::exchange(held_, {})) {
    last_epoch_ = taken.epoch;
    add_logs(writer_->cut(taken.epoch), *taken.state);
    cut_.push_back(std::move(taken));
  }
  if (auto ended = std::exchange(ended_, std::nullopt)) {
    // What is left is an epoch of its own: it comes with the first checkpoint from now on, whatever its number.
    add_logs(writer_->finish(++last_epoch_), *ended->state);
    last_ = std::move(ended);
  }
}

void exactly_once_end::add_logs(const epoch_cut& changes, actor_state& to) {
  asked_ = said_to_wait_ = false;
  delta_writer logs{uid_, group_of_anyone};
  for (const auto& name : changes.done)
    logs.remove(epoch_logs_state, encoded(name));
  if (changes.log)
    to.push_back(logs.take_with(epoch_logs_state, encoded(changes.log->name), changes.log->bytes));
  else if (!logs.empty())
    to.push_back(logs.take());
}

void exactly_once_end::on_stored(const checkpoint_stored& what) {
  decided_ = std::max(decided_, what.epoch);
  writer_->commit(what.epoch);
  report_news();
}

void exactly_once_end::on_failed(const checkpoint_failed& what) {
  decided_ = std::max(decided_, what.epoch);
  asked_ = said_to_wait_ = false;
  if (waits_for_barrier_ && writer_->room() >= epoch_room::unstored)
    look_at_room(false); // nothing is offered to the writer before another one
  write_waiting();       // throws when it waits for that
}

void exactly_once_end::report_news() {
  (void)writer_->restored(); // throws when it cannot be
  report_held();
  write_waiting(); // likewise
  const auto out = writer_->committed();
  count_rejected();
  if (out != std::exchange(committed_, out))
    host().report(epoch_committed{self(), out});
}

} // namespace leat
