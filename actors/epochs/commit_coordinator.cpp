#include <leat/actors/epochs/commit_coordinator.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>

namespace leat {

namespace {

std::set<actor_id> ids_of(const std::map<actor_id, participant>& participants) {
  std::set<actor_id> ids;
  for (const auto& [id, p] : participants)
    ids.insert(id);
  return ids;
}

} // namespace

void commit_coordinator_state::start(coordinator_options options) {
  options_ = std::move(options);
  ledger_.emplace(ids_of(options_.sinks), options_.settled);
  self_->delayed_send(self_, interval_, next_epoch{});
}

caf::behavior commit_coordinator_state::make_behavior() {
  return {
    [this](coordinator_options& options) { start(std::move(options)); },
    [this](next_epoch) {
      warn_of_stall();
      if (ledger_->idle() && !joining_ && !stopping_ && !ended_)
        begin_epoch();
      self_->delayed_send(self_, interval_, next_epoch{});
    },
    [this](const barrier_arrived& fact) {
      if (const auto request = ledger_->on_arrived(fact))
        tell(options_.sinks, *request);
    },
    [this](const epoch_settled& fact) {
      if (const auto what = ledger_->on_settled(fact))
        commit(*what);
    },
    [this](const source_ended& fact) {
      ended_sources_.insert(fact.source);
      newest_ = std::max(newest_, fact.watermark);
    },
    [this](const sink_ended& fact) { on_sink_ended(fact); },
    [this](stop_job) {
      stop_asked_ = true;
      if (!joining_)
        stop();
    },
    [this](join_request) {
      if (stop_asked_ || ended_)
        return self_->send(options_.supervisor, join_refused{});
      joining_ = true;
      self_->send(options_.supervisor, join_granted{ledger_->next(), let_read{true}});
    },
    [this](source_joined& joined) {
      joining_ = false;
      options_.sources.emplace(joined.id, std::move(joined.source));
      if (stop_asked_)
        stop();
    },
  };
}

void commit_coordinator_state::begin_epoch() { tell(options_.sources, trigger_barrier{ledger_->begin()}); }

void commit_coordinator_state::stop() {
  if (stopping_)
    return;
  stopping_ = true;
  if (options_.sources.empty()) { // nothing was ever to be read, so nobody will say that it has ended
    ended_ = true;
    return self_->send<caf::message_priority::high>(options_.supervisor, dataflow_ended{});
  }
  begin_epoch();
  tell(options_.sources, stop_reading{});
}

void commit_coordinator_state::commit(const commit_epoch& what) { tell(options_.sources, what); }

void commit_coordinator_state::on_sink_ended(const sink_ended& fact) {
  const auto decided = ledger_->on_ended(fact);
  for (const auto& request : decided.settle)
    tell(options_.sinks, request);
  if (decided.commit)
    commit(*decided.commit);
  if (!ledger_->ended())
    return;
  ended_ = true;
  if (!stopping_) {
    // Every source has come to its end, every window has fired: the final positions can be committed as they are.
    const auto last = ledger_->begin();
    tell(options_.sources, trigger_barrier{last});
    commit(commit_epoch{last, newest_});
  }
  self_->send<caf::message_priority::high>(options_.supervisor, dataflow_ended{});
}

void commit_coordinator_state::warn_of_stall() {
  const auto wait = ledger_->waits_for();
  std::map<actor_id, std::string> sinks;
  std::map<std::string, timestamp> sources;
  if (wait) {
    for (const auto& [id, p] : options_.sinks)
      sinks.emplace(id, p.stage);
    for (const auto& [id, p] : options_.sources)
      if (!ended_sources_.contains(id)) {
        const auto millis = p.watermark->value(); // 0: none said yet
        auto& newest = sources.try_emplace(p.stage, min_timestamp).first->second;
        newest = std::max(newest, millis == 0 ? min_timestamp : from_millis(millis));
      }
  }
  if (const auto text = stall_.observe(self_->clock().now(), wait, sinks, sources); !text.empty())
    spdlog::warn("{}", text);
}

caf::behavior commit_coordinator(caf::stateful_actor<commit_coordinator_state>* self, duration interval) {
  self->state.init(self, interval);
  return self->state.make_behavior();
}

} // namespace leat
