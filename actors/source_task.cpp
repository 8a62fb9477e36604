#include <leat/actors/source_task.hpp>

#include <leat/base/user_code.hpp>

#include <algorithm>
#include <utility>

namespace leat {

namespace {

/// Batches read in one turn of the actor, and between two watermarks under load: few enough that other actors get their turn
/// and windows fire in time, enough that signals cost nothing beside the records. Batches are counted from watermark to
/// watermark, however often the flow is blocked between them: what is late must not depend on that.
constexpr int batches_per_turn = 8;

} // namespace

source_task::source_task(source_task_options options, std::unique_ptr<watermark_strategy> watermarks, metrics& registry)
  : options_{std::move(options)}, chain_{options_.name, registry}, watermarks_{std::move(watermarks), options_.settled},
    records_in_{registry.get("records_in", options_.name, options_.instance)},
    dead_letters_out_{registry.get("dead_letters", options_.name, options_.instance)},
    watermark_metric_{registry.get("watermark", options_.name, options_.instance)},
    idle_metric_{registry.get("idle", options_.name, options_.instance)},
    lag_{registry.get("lag", options_.name, options_.instance)}, held_{registry.get(
                                                                   "held_by_alignment", options_.name, options_.instance)} {
  idle_metric_.set(0); // an earlier attempt may have left another value
  if (options_.max_drift)
    alignment_.emplace(options_.self, *options_.max_drift);
}

void source_task::start(clock::time_point now) {
  on_tick(now);
  for (auto& [edge, records] : std::exchange(in_flight_, {}))
    outputs_.of_edge(edge).on_batch(std::move(records));
  say_watermark();
  run();
}

void source_task::run() {
  run_scheduled_ = false;
  overtake(overtakes_until_);
  for (int i = 0; i < batches_per_turn; ++i) {
    if (phase_ == phase::ended || !chain_.resume())
      return;
    say_barriers();
    if (!chain_.ready())
      return; // the barrier has closed a batch that has no credit
    if (phase_ != phase::reading)
      return end_stream();
    if (unsaid_batches_ >= batches_per_turn)
      say_watermark();
    if (rests_)
      return rest();
    if (held())
      return hold();
    if (!read_batch())
      return;
  }
  if (!chain_.ready())
    return; // the credit that comes back leads here again
  if (unsaid_batches_ >= batches_per_turn)
    say_watermark();
  if (!run_scheduled_) {
    run_scheduled_ = true;
    host_->run_later();
  }
}

/// Whether it is too far ahead of those that it is aligned with.
bool source_task::held() const { return alignment_ && !idle_ && !alignment_->may_read(watermarks_.watermark()); }

/// Leaves the rest with the reader, and lets go of what was read: the limit that comes leads to `run` again.
void source_task::hold() {
  held_.set(1);
  say_watermark();
  report_watermark(alignment_member::precision::rough);
  outputs_.flush();
}

/// Lets go of what was read.
void source_task::rest() {
  say_watermark();
  outputs_.flush();
}

/// Reads one batch; false when there is nothing more for now.
bool source_task::read_batch() {
  held_.set(0);
  auto records = options_.records->take();
  auto rejected = take<dead_letter>(*letters_);
  const auto status = reader_->read(*records, *rejected);
  if (!records->empty() || !rejected->empty())
    drained_since_.reset();
  if (!rejected->empty())
    refuse(std::move(rejected));
  if (!records->empty())
    take_in(std::move(records));
  drained_ = status == read_status::drained;
  if (status == read_status::more)
    return true;
  lag_.set(reader_->lag());
  if (chain_.ready())
    say_watermark();
  if (status == read_status::ended) {
    phase_ = phase::completing;
    run();
  } else {
    outputs_.flush();
  }
  return false;
}

void source_task::refuse(boost::intrusive_ptr<batch<dead_letter>> rejected) {
  dead_letters_out_.add(static_cast<std::int64_t>(rejected->size()));
  records_in_.add(static_cast<std::int64_t>(rejected->size()));
  for (auto& letter : rejected->records()) {
    letter.step = options_.name;
    if (options_.refusals)
      options_.refusals->add(letter, dead_letters_ != nullptr, now_);
  }
  if (dead_letters_)
    dead_letters_->on_batch(std::move(rejected));
}

void source_task::take_in(batch_ptr records) {
  records_in_.add(static_cast<std::int64_t>(records->size()));
  if (std::exchange(idle_, false)) { // every receiver waits for this partition again before it sees a record
    idle_metric_.set(0);
    say(signal::watermark(watermarks_.watermark()));
    report_watermark(alignment_member::precision::exact);
  }
  run_user_code(options_.name, "watermarks", [&] { watermarks_.on_times(records->timestamps()); });
  chain_.on_batch(std::move(records));
  ++unsaid_batches_;
}

void source_task::on_credit(const credit_message& message) {
  outputs_.refund(message.output, message.batches);
  report_snapshot();
  run();
}

void source_task::on_trigger(const trigger_barrier& request) {
  if (request.overtakes)
    overtakes_until_ = request.epoch;
  if (phase_ == phase::ended) {
    pass(request.epoch);
  } else {
    barriers_.push_back(request.epoch);
    if (chain_.resume())
      say_barriers();
  }
  on_overtake({overtakes_until_});
}

void source_task::on_overtake(const overtake_barrier& request) {
  overtakes_until_ = std::max(overtakes_until_, request.epoch);
  overtake(request.epoch);
  if (!pending_ || !pending_->is(request.epoch))
    return;
  if (phase_ == phase::ended)
    outputs_.on_signal(signal::overtaking_barrier(request.epoch));
  else
    outputs_.pull_forward(request.epoch);
  outputs_.log_overtaken(pending_->log());
  report_snapshot();
}

/// Says barrier `epoch` if it waits to be said; those before are given up.
void source_task::overtake(std::uint64_t epoch) {
  if (std::ranges::find(barriers_, epoch) == barriers_.end())
    return;
  chain_.flow().force(true);
  if (chain_.resume()) {
    while (barriers_.front() != epoch)
      barriers_.pop_front();
    say_barriers();
  }
  chain_.flow().force(false);
}

void source_task::on_commit(const commit_epoch& request) {
  const auto at = positions_.find(request.epoch);
  if (at == positions_.end())
    return; // a partition that joined after this epoch
  reader_->commit(at->second, request.settled);
  positions_.erase(positions_.begin(), std::next(at));
}

void source_task::on_limit(const watermark_limit& message) {
  alignment_->set_limit(message.limit);
  run();
}

void source_task::on_let_read(const let_read& message) {
  rests_ = !message.may;
  if (!rests_)
    run();
}

void source_task::on_stop() {
  if (phase_ == phase::reading)
    phase_ = phase::stopping;
  run();
}

void source_task::on_tick(clock::time_point now) {
  now_ = now;
  if (reader_)
    lag_.set(reader_->lag());
  fall_idle(now);
  report_watermark(alignment_member::precision::exact);
}

void source_task::fall_idle(clock::time_point now) {
  if (!drained_ || idle_ || phase_ != phase::reading || rests_ || held() || !reader_->caught_up()) {
    drained_since_.reset();
    return;
  }
  if (!drained_since_)
    drained_since_ = now;
  if (now - *drained_since_ < options_.idle_timeout || !chain_.resume())
    return;
  idle_ = true;
  idle_metric_.set(1);
  say(signal::idle());
}

actor_time source_task::time() const {
  actor_time now;
  now.watermark = chain_.root().watermark();
  now.idle = idle_;
  now.ended = phase_ == phase::ended;
  now.blocked = !chain_.ready();
  now.steps = chain_.watermarks();
  now.newest = watermarks_.newest();
  if (held())
    now.limit = alignment_->limit();
  now.caught_up = drained_ && reader_->caught_up();
  now.lag = reader_->lag();
  return now;
}

void source_task::say(const signal& s) {
  chain_.on_signal(s);
  if (dead_letters_)
    dead_letters_->on_signal(s);
}

void source_task::say_watermark() {
  unsaid_batches_ = 0;
  const auto now = watermarks_.watermark();
  if (now == said_ || idle_)
    return;
  said_ = now;
  watermark_metric_.set(to_millis(now));
  say(signal::watermark(now));
  report_watermark(alignment_member::precision::rough);
}

void source_task::report_watermark(alignment_member::precision how) {
  if (!alignment_)
    return;
  if (const auto news = alignment_->report(watermarks_.watermark(), idle_, phase_ == phase::ended, how))
    host_->report(*news);
}

void source_task::say_barriers() {
  while (!barriers_.empty() && chain_.ready()) {
    const auto epoch = barriers_.front();
    barriers_.pop_front();
    auto barrier = signal::barrier(epoch);
    barrier.overtakes = epoch <= overtakes_until_;
    say(barrier);
    pass(epoch);
  }
}

/// The barrier has gone out; or would have, if the stream had not ended.
void source_task::pass(std::uint64_t epoch) {
  positions_[epoch] = reader_->position();
  if (!snapshot_)
    return;
  const auto position = saved_position(partition_, {reader_->position(), said_, reader_->evidence()});
  pending_->begin(epoch);
  outputs_.log_overtaken(pending_->log());
  pending_->on_taken(snapshot_taken{options_.self, epoch, snapshot_->take(min_timestamp, {&position, 1})});
  report_snapshot();
}

void source_task::report_snapshot() {
  if (pending_)
    pending_->report_to(*host_);
}

void source_task::end_stream() {
  const bool complete = phase_ == phase::completing;
  phase_ = phase::ended;
  host_->report(source_ended{options_.self, watermarks_.watermark()});
  report_watermark(alignment_member::precision::exact);
  if (complete) {
    watermark_metric_.set(to_millis(max_timestamp));
    say(signal::watermark(max_timestamp));
  }
  say(signal::end());
}

} // namespace leat
