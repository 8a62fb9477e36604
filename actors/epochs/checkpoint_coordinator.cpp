#include <leat/actors/epochs/checkpoint_coordinator.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace leat {

namespace {

constexpr std::chrono::milliseconds longest_wait{100}; // between two looks at the time
constexpr std::chrono::milliseconds shortest_wait{1};
constexpr std::chrono::milliseconds first_retry{100}; // after a failure, when somebody waits; then twice that, and so on

} // namespace

void checkpoint_coordinator_state::init(caf::event_based_actor* self, checkpoint_tools tools) {
  self_ = self;
  ledger_.emplace(std::move(tools.ledger));
  store_ = std::move(tools.store);
  alignment_timeout_ = tools.alignment_timeout;
  storage_ = std::move(tools.storage);
  retain_ = tools.retain;
  if (const auto age = retain_.count > 0 ? storage_->since_retained() : std::nullopt)
    retained_at_ = self_->clock().now() - *age;
  self_->link_to(store_);
  tolerable_failures_ = tools.tolerable_failures;
  history_.emplace(tools.history, *tools.registry);
  completed_ = &tools.registry->get("checkpoints_completed", "job", 0);
  failed_ = &tools.registry->get("checkpoints_failed", "job", 0);
}

caf::behavior checkpoint_coordinator_state::make_behavior() {
  return {
    [this](checkpointing& options) {
      options_ = std::move(options);
      for (const auto& [id, p] : options_.sources)
        ledger_->add(id);
      for (const auto& [id, p] : options_.others) {
        ledger_->add(id);
        if (p.commits)
          commits_.emplace(id, 0);
      }
      knows_actors_ = true;
      self_->send(self_, next_epoch{});
    },
    [this](next_epoch) {
      if (looks_at_ && self_->clock().now() < *looks_at_)
        return; // another one was sent since, for an earlier time, and has come
      looks_at_.reset();
      look();
      look_in_time();
    },
    [this](const snapshot_taken& fact) {
      history_->on_snapshot(stage_of(fact.actor), fact, self_->clock().now());
      store(ledger_->on_snapshot(fact));
    },
    [this](const actor_ended& fact) {
      store(ledger_->on_ended(fact));
      end_if_over();
    },
    [](const source_ended&) {},
    [this](const checkpoint_wanted& what) { on_wanted(what); },
    [this](const epoch_committed& fact) { on_committed(fact); },
    [this](take_savepoint& request) {
      if (stop_asked_ || over_)
        return request.answer->set_value({{}, "the job is ending: its last checkpoint can be copied when it has ended"});
      asked_.push_back(std::move(request));
      wanted_ = true;
      begin_if_due();
    },
    [this](const tell_checkpoints& question) {
      question.answer->set_value({history_->last().begin(), history_->last().end()});
    },
    [this](checkpoint_retained) { retaining_ = false; },
    [this](const checkpoint_outcome& outcome) { on_outcome(outcome); },
    [this](stop_job) {
      stop_asked_ = true;
      if (joining_ && !join_granted_) {
        joining_ = false;
        self_->send(options_.supervisor, join_refused{});
      }
      stop();
    },
    [this](join_request) {
      if (stop_asked_ || over_)
        return self_->send(options_.supervisor, join_refused{});
      joining_ = true;
      grant_join();
    },
    [this](source_joined& joined) {
      joining_ = join_granted_ = false;
      ledger_->add(joined.id);
      const auto& source = options_.sources.emplace(joined.id, std::move(joined.source)).first->second;
      self_->send<caf::message_priority::high>(
        source.actor, let_read{!rests_until_}); // it may be otherwise than when it was granted
      stop();
    },
  };
}

void checkpoint_coordinator_state::look() {
  const auto now = self_->clock().now();
  if (const auto late = ledger_->give_up(now)) {
    overtakes_at_.reset();
    last_begun_ = false; // if it was that, there will be another one
    std::set<std::string> names;
    for (const auto actor : late->missing)
      names.insert(stage_of(actor));
    spdlog::warn(
      "checkpoint {} was given up: '{}' had not come to its barrier in time. The job goes on; a restart would begin at "
      "checkpoint {}. What is slow there holds checkpoints up; checkpoints.timeout says how long one may take",
      late->epoch, fmt::join(names, "', '"), ledger_->stored());
    go_on_resting(late->epoch);
    on_failed({late->epoch, fmt::format("'{}' had not come to its barrier in time", fmt::join(names, "', '"))});
  }
  if (overtakes_at_ && now >= *overtakes_at_)
    overtake();
  begin_if_due();
}

/// When something is next due: called again whenever that may have changed.
void checkpoint_coordinator_state::look_in_time() {
  const auto now = self_->clock().now();
  auto wait = ledger_->due_in(now).value_or(longest_wait);
  if (overtakes_at_)
    wait = std::min<checkpoint_ledger::clock::duration>(wait, *overtakes_at_ - now);
  wait = std::clamp<checkpoint_ledger::clock::duration>(wait, shortest_wait, longest_wait);
  if (looks_at_ && *looks_at_ <= now + wait)
    return;
  looks_at_ = now + wait;
  self_->delayed_send(self_, wait, next_epoch{});
}

/// Sources read nothing before the next checkpoint to begin, or one that follows, is stored.
void checkpoint_coordinator_state::rest() {
  if (!rests_until_)
    tell_sources(let_read{false});
  rests_until_ = ledger_->next();
}

void checkpoint_coordinator_state::end_rest(std::uint64_t epoch) {
  if (!rests_until_ || epoch < *rests_until_)
    return;
  rests_until_.reset();
  tell_sources(let_read{true});
}

/// What had to be stored is not: it would take more and more memory. Who asked does not ask again, as nothing comes to it.
void checkpoint_coordinator_state::go_on_resting(std::uint64_t failed) {
  if (!rests_until_ || failed < *rests_until_)
    return;
  rests_until_ = ledger_->next();
  wanted_ = true;
}

void checkpoint_coordinator_state::on_wanted(const checkpoint_wanted& what) {
  const bool one_under_way_will_do = what.rests && what.waits && !ledger_->idle(); // who asks has still to pass it
  wanted_ |= !one_under_way_will_do;
  urgent_ |= what.waits && !one_under_way_will_do;
  if (!knows_actors_) // one that has much to restore may ask before
    return;
  if (what.rests && !one_under_way_will_do)
    rest();
  if (what.waits && alignment_timeout_ && !ledger_->idle())
    overtake();
  begin_if_due();
}

/// Barriers have waited long enough.
void checkpoint_coordinator_state::overtake() {
  overtakes_at_.reset();
  const overtake_barrier what{ledger_->next() - 1};
  if (std::exchange(overtaken_, what.epoch) == what.epoch)
    return;
  tell_sources(what);
  for (const auto& [id, p] : options_.others)
    self_->send<caf::message_priority::high>(p.actor, what);
}

const std::string& checkpoint_coordinator_state::stage_of(actor_id actor) const {
  const auto found = options_.sources.find(actor);
  return (found != options_.sources.end() ? found->second : options_.others.at(actor)).stage;
}

/// Not while barriers that may overtake are under way: what comes from the partition would overtake them, and be no part of it.
void checkpoint_coordinator_state::grant_join() {
  const bool may_overtake = alignment_timeout_ && !ledger_->idle();
  if (!joining_ || join_granted_ || may_overtake)
    return;
  join_granted_ = true;
  self_->send(options_.supervisor, join_granted{ledger_->next(), let_read{!rests_until_}});
}

void checkpoint_coordinator_state::begin_if_due() {
  grant_join();
  stop();
  end_if_over();
  const auto due = ledger_->due_in(self_->clock().now());
  const bool may_begin = !stopping_ || urgent_; // who has no room for more cannot end without a barrier
  const bool now = !asked_.empty() || (wanted_ && self_->clock().now() >= retry_at_);
  if (!joining_ && may_begin && !over_ && due && (now || *due == checkpoint_ledger::clock::duration::zero()))
    begin_checkpoint();
}

void checkpoint_coordinator_state::begin_checkpoint() {
  wanted_ = false;
  const auto now = self_->clock().now();
  begun_at_ = now;
  const auto epoch = ledger_->begin(now);
  history_->begin(epoch, now);
  // A savepoint is for a job whose edges and types may be others. Who copies it may come to this one instead.
  const bool waits = !asked_.empty() || *copying_ != 0;
  if (!asked_.empty())
    savepoints_.emplace(epoch, std::exchange(asked_, {}));
  const bool urgent = std::exchange(urgent_, false);
  const bool at_once = alignment_timeout_ && (urgent || (!waits && *alignment_timeout_ == duration::zero()));
  const trigger_barrier trigger{epoch, at_once};
  tell_sources(trigger);
  for (const auto& [id, p] :
       options_.others) // for those that no partition leads to; behind the inputs that are added at a start
    self_->send(p.actor, trigger);
  if (at_once)
    return overtake();
  if (alignment_timeout_ && !waits)
    overtakes_at_ = now + *alignment_timeout_;
  look_in_time();
}

void checkpoint_coordinator_state::store(std::optional<complete_checkpoint> complete) {
  if (complete)
    self_->send(store_, store_checkpoint{std::make_shared<const complete_checkpoint>(std::move(*complete))});
}

void checkpoint_coordinator_state::on_outcome(const checkpoint_outcome& outcome) {
  const bool stored = outcome.failure.empty();
  ledger_->on_stored(outcome.epoch, stored, self_->clock().now());
  overtakes_at_.reset();
  if (stored) {
    completed_->add(1);
    failures_ = retries_ = 0;
    counts_at_ = begun_at_ + ledger_->interval();
    retry_at_ = {};
    history_->end(true, self_->clock().now());
    tell_sources(commit_epoch{outcome.epoch, min_timestamp});
    for (const auto& [id, p] : options_.others)
      self_->send<caf::message_priority::high>(p.actor, checkpoint_stored{outcome.epoch});
  }
  log(outcome);
  if (stored) {
    end_rest(outcome.epoch);
    answer_savepoints(outcome);
    retain_if_due();
  } else {
    go_on_resting(outcome.epoch);
    on_failed(outcome);
  }
  if (!last_begun_ || !ledger_->idle()) {
    begin_if_due();
    return look_in_time();
  }
  over_ = true;
  if (stored) {
    awaited_commits_ = outcome.epoch;
    return end_if_committed();
  }
  self_->send<caf::message_priority::high>(
    options_.supervisor,
    actor_failed{0, "the last checkpoint", outcome.failure + "; the next start begins at the one before"});
  self_->send<caf::message_priority::high>(options_.supervisor, dataflow_ended{});
}

/// One has come to nothing, which the job takes some of.
void checkpoint_coordinator_state::on_failed(const checkpoint_outcome& outcome) {
  for (const auto& [id, p] : options_.others)
    self_->send<caf::message_priority::high>(p.actor, checkpoint_failed{outcome.epoch});
  failed_->add(1);
  history_->end(false, self_->clock().now());
  answer_savepoints(outcome);
  const auto now = self_->clock().now();
  retry_at_ = now + first_retry * (1 << std::min<std::uint32_t>(retries_, 6));
  ++retries_;
  if (now < counts_at_)
    return; // one in each interval is counted
  counts_at_ = begun_at_ + ledger_->interval();
  ++failures_;
  if (!tolerable_failures_ || failures_ <= *tolerable_failures_)
    return;
  self_->send<caf::message_priority::high>(
    options_.supervisor,
    actor_failed{
      0, "taking checkpoints",
      fmt::format(
        "{} in a row came to nothing, the last, {}, because {}; checkpoints.tolerable-failures allows {}", failures_,
        outcome.epoch, outcome.failure, *tolerable_failures_)});
}

void checkpoint_coordinator_state::answer_savepoints(const checkpoint_outcome& outcome) {
  const auto found = savepoints_.extract(outcome.epoch);
  if (found.empty())
    return;
  if (outcome.failure.empty()) {
    ++*copying_;
    return void(self_->spawn<copies_aside>(copy_savepoint, storage_, std::move(found.mapped()), copying_));
  }
  for (const auto& request : found.mapped())
    request.answer->set_value({{}, outcome.failure});
}

void checkpoint_coordinator_state::retain_if_due() {
  const auto now = self_->clock().now();
  if (retain_.count == 0 || retaining_ || (retained_at_ && now - *retained_at_ < retain_.interval))
    return;
  retained_at_ = now;
  retaining_ = true;
  self_->spawn<copies_aside>(copy_retained, storage_, retain_.count, caf::actor{self_});
}

void checkpoint_coordinator_state::on_committed(const epoch_committed& fact) {
  commits_[fact.actor] = fact.epoch; // who has nothing to restore may be quicker than `checkpointing`
  end_if_committed();
}

/// The job is over when what its sinks have logged is out for everybody to see.
void checkpoint_coordinator_state::end_if_committed() {
  if (!awaited_commits_)
    return;
  if (std::ranges::all_of(commits_, [&](const auto& of) { return of.second >= *awaited_commits_; })) {
    awaited_commits_.reset();
    self_->send<caf::message_priority::high>(options_.supervisor, dataflow_ended{});
  }
}

void checkpoint_coordinator_state::log(const checkpoint_outcome& outcome) {
  const auto before = std::exchange(failure_, outcome.failure);
  if (outcome.failure.empty() && !before.empty())
    spdlog::info("checkpoint {} is stored: it can be done again", outcome.epoch);
  else if (outcome.failure != before)
    spdlog::error(
      "checkpoint {} could not be stored: {}. The job goes on and tries with each that follows; a restart would begin at "
      "checkpoint {}",
      outcome.epoch, outcome.failure, ledger_->stored());
}

/// Lets the sources end where they are, as soon as nothing else is under way.
void checkpoint_coordinator_state::stop() {
  if (!stop_asked_ || stopping_ || joining_)
    return;
  stopping_ = true;
  tell_sources(stop_reading{});
}

/// When every stream has ended, what all have come to is the last checkpoint.
void checkpoint_coordinator_state::end_if_over() {
  if (over_ || last_begun_ || joining_ || !ledger_->idle())
    return;
  if (stopping_ && options_.sources.empty()) { // nothing was ever to be read, so no stream ends
    over_ = true;
    return self_->send<caf::message_priority::high>(options_.supervisor, dataflow_ended{});
  }
  std::set<actor_id> sources;
  for (const auto& [id, p] : options_.sources)
    sources.insert(id);
  if (!ledger_->ended(sources))
    return;
  last_begun_ = true;
  begin_checkpoint();
}

caf::behavior checkpoint_coordinator(caf::stateful_actor<checkpoint_coordinator_state>* self, checkpoint_tools tools) {
  self->state.init(self, std::move(tools));
  return self->state.make_behavior();
}

} // namespace leat
