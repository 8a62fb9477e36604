#include <leat/actors/stage_task.hpp>

#include <leat/base/encoding.hpp>

#include <algorithm>
#include <cassert>
#include <utility>

namespace leat {

stage_task::stage_task(const std::string& name, std::uint32_t instance, metrics& registry)
  : chain_{name, registry}, keep_merged_{[this](const signal& s) { merged_.push_back(s); }},
    inputs_{name, instance, registry}, records_in_{registry.get("stage_records_in", name, instance)},
    batches_in_{registry.get("stage_batches_in", name, instance)}, input_watermark_{
                                                                     registry.get("input_watermark", name, instance)} {
  input_watermark_.set(to_millis(min_timestamp));
}

void stage_task::add_input(
  input_id input, std::uint64_t first_epoch, std::uint32_t credit, std::shared_ptr<upstream_link> sender,
  std::optional<std::size_t> stage, std::size_t to_input, std::shared_ptr<const in_flight_channel> identity, bool copies) {
  inputs_.add(input, {std::move(sender), credit, to_input, std::move(identity)});
  merge_.add(input, first_epoch, stage);
  arrivals_.add(input, first_epoch);
  never_overtakes_ |= copies;
}

void stage_task::take_snapshots(
  actor_id self, std::string stage, state_snapshot what, std::shared_ptr<const in_flight_channel> end) {
  self_ = self;
  snapshot_.emplace(std::move(what));
  unstored_.emplace(self, chain_);
  pending_.emplace(std::move(stage), outputs_, *snapshot_);
  end_identity_ = std::move(end);
  if (end_)
    end_->take_snapshots(*pending_);
}

void stage_task::set_in_flight(std::vector<restored_batch> records) {
  in_flight_ = std::move(records);
  resends_ = true;
}

void stage_task::resend() {
  resends_ = false;
  for (auto& [edge, records] : std::exchange(in_flight_, {}))
    end_ ? end_->on_batch(std::move(records)) : outputs_.of_edge(edge).on_batch(std::move(records));
  work();
}

void stage_task::on_data(data_message message) {
  auto& from = inputs_.receive(message.input, message.sequence);
  inputs_.hold(message.input, from);
  if (recording_ && arrivals_.before(*recording_, message.input, message.sequence))
    pending_->log().add(*from.identity, in_flight_place::received, *message.batch);
  inbox_.emplace_back(std::move(message));
  work();
}

void stage_task::on_signal(const signal_message& message) {
  inputs_.receive(message.input, message.sequence);
  inbox_.emplace_back(message);
  if (snapshot_)
    note_barrier(message);
  work();
}

void stage_task::on_credit(const credit_message& message) {
  outputs_.refund(message.output, message.batches);
  work();
}

void stage_task::on_wake() {
  if (end_)
    end_->on_wake();
  work();
}

void stage_task::on_settle(const settle_epoch& request) {
  assert(end_);
  end_->on_settle(request);
}

void stage_task::on_stored(const checkpoint_stored& what) {
  if (snapshot_) {
    snapshot_->on_stored(what.epoch);
    unstored_->on_settled(what.epoch);
  }
  if (end_)
    end_->on_stored(what);
  work(); // it may have waited for that
}

void stage_task::on_failed(const checkpoint_failed& what) {
  if (end_)
    end_->on_failed(what);
  if (snapshot_) {
    snapshot_->on_failed();
    unstored_->on_settled(what.epoch);
  }
  work();
}

void stage_task::run() {
  flush_scheduled_ = false;
  outputs_.flush();
}

void stage_task::on_processing_time() {
  wake_up_at_ = max_timestamp;
  work();
}

void stage_task::work() {
  if (resends_)
    return;
  chain_.clock().advance_to(host_->now());
  if (settled_ != min_timestamp)
    into_chain(signal::watermark(std::exchange(settled_, min_timestamp)));
  while (!overtaking_ || overtake()) {
    if (!chain_.resume())
      break;
    if (passing_)
      take_snapshot();
    if (end_)
      end_->on_fired_until(merge_.fired_until());
    if (!merged_.empty()) {
      const auto next = merged_.front();
      merged_.pop_front();
      into_chain(next);
      continue;
    }
    finish_batch();
    if (chain_.next_processing_time() <= chain_.clock().now()) {
      chain_.on_processing_time();
      continue;
    }
    if (inbox_.empty() || has_to_wait())
      break;
    auto next = std::move(inbox_.front());
    inbox_.pop_front();
    if (set_aside(next))
      continue;
    std::visit([this](auto& message) { work_on(message); }, next);
  }
  if (pending_)
    pending_->report_to(*host_);
  ask_for_wake_up();
  if (!flush_scheduled_ && outputs_.flushable()) {
    flush_scheduled_ = true;
    host_->run_later();
  }
}

/// Whether there is no room for what records would change before a checkpoint is stored; but a barrier that has come, and does not
/// overtake them, has to be reached.
bool stage_task::has_to_wait() {
  if (!waits_when_full_ || !unstored_->full() || (newest_ > passed_ && newest_ > overtakes_until_))
    return false;
  if (const auto wanted = unstored_->while_full())
    host_->report(*wanted);
  return true;
}

void stage_task::into_chain(const signal& s) {
  if (s.kind == signal_kind::watermark)
    input_watermark_.set(to_millis(s.time));
  auto said = s;
  if (snapshot_ && s.kind == signal_kind::barrier) {
    passed_ = s.epoch;
    said.overtakes = s.epoch <= overtakes_until_;
  }
  if (snapshot_ && (s.kind == signal_kind::barrier || s.kind == signal_kind::end))
    passing_ = said;
  chain_.on_signal(said);
}

/// Puts a message aside that belongs behind a barrier which other inputs have still to pass.
bool stage_task::set_aside(std::variant<data_message, signal_message>& message) {
  if (!snapshot_)
    return false;
  const auto input = std::visit([](const auto& m) { return m.input; }, message);
  if (!merge_.ahead(input))
    return false;
  aside_.push_back(std::move(message));
  return true;
}

/// What has waited for a barrier comes before what came after it.
void stage_task::end_alignment() {
  inbox_.insert(inbox_.begin(), std::move_iterator{aside_.begin()}, std::move_iterator{aside_.end()});
  aside_.clear();
}

/// A signal has come that may be a barrier, or stand for one.
void stage_task::note_barrier(const signal_message& message) {
  const auto& s = message.signal;
  if (s.kind != signal_kind::barrier && s.kind != signal_kind::end)
    return;
  arrivals_.on_signal(message);
  if (s.kind == signal_kind::barrier && s.epoch > newest_) { // those before are given up
    newest_ = s.epoch;
    newest_came_ = host_->now();
    overtaking_.reset();
    if (std::exchange(recording_, std::nullopt))
      pending_->give_up();
  }
  if (s.overtakes)
    overtakes_until_ = std::max(overtakes_until_, s.epoch);
  if (recording_ && arrivals_.all(*recording_)) {
    recording_.reset();
    pending_->set_recording(false);
  }
  look_for_overtaking();
}

void stage_task::on_trigger(const trigger_barrier& request) {
  if (!snapshot_ || !inputs_.empty() || ended_ || request.epoch <= passed_)
    return;
  newest_ = request.epoch;
  newest_came_ = host_->now();
  merged_.push_back(request.overtakes ? signal::overtaking_barrier(request.epoch) : signal::barrier(request.epoch));
  work();
}

void stage_task::on_overtake(const overtake_barrier& request) {
  if (!snapshot_)
    return;
  overtakes_until_ = std::max(overtakes_until_, request.epoch);
  if (passed_ == request.epoch && passing_) { // it is in the chain
    chain_.flow().force(true);
    if (chain_.resume())
      take_snapshot();
    chain_.flow().force(false);
  }
  if (pending_->is(request.epoch)) {
    outputs_.pull_forward(request.epoch);
    outputs_.log_overtaken(pending_->log());
  }
  look_for_overtaking();
  work();
}

/// A barrier that overtakes passes as soon as it has come on one input, or each has ended.
void stage_task::look_for_overtaking() {
  const auto epoch = overtakes_until_;
  if (epoch <= passed_ || overtaking_ == epoch)
    return;
  if (ended_)
    return overtake_behind_end(epoch);
  if (never_overtakes_ || !(arrivals_.any(epoch) || arrivals_.all_ended()))
    return;
  overtaking_ = epoch;
  merge_.overtake(epoch);
  std::erase_if(merged_, [](const signal& s) { return s.kind == signal_kind::barrier; });
  end_alignment();
}

/// @returns false when the chain cannot finish what it is in the middle of, as it waits for something outside.
bool stage_task::overtake() {
  chain_.flow().force(true);
  bool passes = finish_chain();
  if (passes) {
    const auto epoch = *std::exchange(overtaking_, std::nullopt);
    if (ended_) { // the end was in the chain
      overtake_behind_end(epoch);
    } else {
      into_chain(signal::overtaking_barrier(epoch));
      passes = chain_.resume();
      if (passes)
        take_snapshot();
    }
  }
  chain_.flow().force(false);
  return passes;
}

/// All but the end that has come from every input: the barrier goes before it.
bool stage_task::finish_chain() {
  while (chain_.resume()) {
    if (passing_)
      take_snapshot();
    if (end_)
      end_->on_fired_until(merge_.fired_until());
    if (merged_.empty() || merged_.front().kind == signal_kind::end) {
      finish_batch();
      return true;
    }
    const auto next = merged_.front();
    merged_.pop_front();
    into_chain(next);
  }
  return false;
}

/// The stream has ended, but what it has led to may not be sent: then the barrier goes ahead of it, and nothing has changed since.
void stage_task::overtake_behind_end(std::uint64_t epoch) {
  const auto* const ended = pending_->waiting_end();
  if (end_ || !ended)
    return; // the end stands for the barrier
  passed_ = epoch;
  pending_->begin(epoch);
  outputs_.on_signal(signal::overtaking_barrier(epoch));
  outputs_.log_overtaken(pending_->log());
  pending_->on_taken({self_, epoch, std::make_shared<actor_state>(*ended->state)});
}

/// The chain has let the barrier through, and been given nothing since.
void stage_task::take_snapshot() {
  const auto passed = *std::exchange(passing_, std::nullopt);
  if (passed.kind == signal_kind::end)
    snapshot_->add_group(group_of_all); // of barriers that may still overtake it, nothing stays
  auto state = snapshot_->take(merge_.watermark(), watermark_to_say(passed));
  if (passed.kind == signal_kind::end) {
    ended_ = true;
    actor_ended ended{self_, std::move(state)};
    end_ ? end_->on_ended(std::move(ended)) : pending_->on_ended(std::move(ended));
    return look_for_overtaking();
  }
  snapshot_->taken_for(passed.epoch);
  unstored_->on_snapshot(passed.epoch);
  pending_->begin(passed.epoch);
  if (passed.overtakes) {
    if (!never_overtakes_)
      log_waiting(passed.epoch);
    outputs_.log_overtaken(pending_->log());
  }
  snapshot_taken taken{self_, passed.epoch, std::move(state)};
  if (passed.epoch == newest_)
    taken.alignment = host_->now() - newest_came_;
  end_ ? end_->on_snapshot(std::move(taken)) : pending_->on_taken(std::move(taken));
  end_alignment();
}

/// Where barriers overtake, another subtask may have been told of a watermark and this one of none: then that counts.
std::span<const saved_entry> stage_task::watermark_to_say(const signal& passed) const {
  static const saved_entry none{std::string{input_watermark_state}, encoded(min_timestamp), {}, state_owner::all};
  if (!passed.overtakes || merge_.watermark() != min_timestamp)
    return {};
  return {&none, 1};
}

/// What is here, and what still comes, of records that belong before the barrier.
void stage_task::log_waiting(std::uint64_t epoch) {
  if (end_)
    end_->log_waiting(pending_->log(), *end_identity_);
  for (const auto& message : inbox_)
    if (const auto* const data = std::get_if<data_message>(&message);
        data && arrivals_.before(epoch, data->input, data->sequence))
      pending_->log().add(*inputs_.at(data->input).identity, in_flight_place::received, *data->batch);
  if (arrivals_.all(epoch))
    return;
  recording_ = epoch;
  pending_->set_recording(true);
}

actor_time stage_task::time() const {
  actor_time now;
  now.watermark = watermark();
  now.idle = merge_.idle();
  now.ended = merge_.ended();
  now.blocked = !chain_.ready();
  now.steps = chain_.watermarks();
  now.inputs = merge_.inputs();
  now.held_by = merge_.held_by();
  now.waiting = inputs_.held();
  return now;
}

/// A chain whose flow is blocked hears of the time when it is not: no wake-up helps it.
void stage_task::ask_for_wake_up() {
  const auto next = chain_.next_processing_time();
  if (next >= wake_up_at_ || chain_.flow().blocked())
    return;
  wake_up_at_ = next;
  host_->wake_at(next);
}

void stage_task::work_on(data_message& message) {
  records_in_.add(static_cast<std::int64_t>(message.batch->size()));
  batches_in_.add(1);
  merge_.on_data(message.input);
  unfinished_ = &inputs_.at(message.input);
  chain_.on_batch(std::move(message.batch), unfinished_->to_input);
}

void stage_task::work_on(const signal_message& message) { merge_.on_signal(message.input, message.signal, keep_merged_); }

void stage_task::finish_batch() {
  if (!unfinished_)
    return;
  inputs_.finish(*std::exchange(unfinished_, nullptr));
  if (unstored_)
    if (const auto wanted = unstored_->after_batch())
      host_->report(*wanted);
}

} // namespace leat
