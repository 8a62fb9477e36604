#include <leat/actors/job_supervisor.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace leat {

void job_supervisor_state::init(caf::event_based_actor* self, duration tick_interval) {
  self_ = self;
  tick_interval_ = tick_interval;
  self_->set_down_handler([this](caf::down_msg& down) {
    if (!ended_ && down.reason && !closing_)
      fail("an actor", "it ended with " + caf::to_string(down.reason));
  });
  self_->set_exception_handler([this](std::exception_ptr& e) {
    try {
      std::rethrow_exception(e);
    } catch (const std::exception& caught) {
      end({true, caught.what()});
    }
    return caf::make_error(caf::sec::runtime_error);
  });
}

caf::behavior job_supervisor_state::make_behavior() {
  return {
    [this](supervise& message) {
      options_ = std::move(message.what);
      if (early_end_)
        return end(std::move(*early_end_));
      for (const auto& i : options_->actors->instances())
        watch(*i);
      for (const auto& coordinator : options_->actors->coordinators())
        self_->monitor(coordinator);
      if (const auto& aligner = options_->actors->aligner())
        self_->monitor(aligner);
      refusals_.emplace(options_->actors->limit_refusals(self_->clock().now()));
      tick_sources();
    },
    [this](tick) { on_tick(); },
    [this](const actor_failed& failure) { fail(failure.name, failure.reason, failure.final); },
    [this](stop_job) {
      for (const auto& coordinator : options_->actors->coordinators())
        self_->send<caf::message_priority::high>(coordinator, stop_job{});
    },
    [this](const report_time& request) {
      if (options_ && !ended_)
        options_->actors->report_time(request);
    },
    [this](abandon_job) {
      end({true, "it was abandoned before its end"});
    },
    [this](dataflow_ended) { on_dataflow_ended(); },
    [this](const reader_closed& closed) {
      open_readers_.erase(closed.source);
      if (closing_ && open_readers_.empty())
        end({});
    },
    [this](partition_found& found) {
      found_.push_back(std::move(found));
      begin_join();
    },
    [this](const join_granted& granted) { on_join_granted(granted); },
    [this](join_refused) { on_join_refused(); },
    [this](input_added) { on_input_added(); },
  };
}

void job_supervisor_state::watch(const deployment::instance& i) {
  self_->monitor(i.actor);
  if (options_->actors->plan().stages[i.stage].kind != stage_kind::source)
    return;
  sources_.emplace(i.id, i.actor);
  open_readers_.insert(i.id);
}

void job_supervisor_state::end(job_result result) {
  if (ended_)
    return;
  if (!options_) { // only then does it know whom to end
    if (!early_end_)
      early_end_ = std::move(result);
    return;
  }
  ended_ = true;
  options_->actors->kill();
  for (const auto& coordinator : options_->actors->coordinators())
    caf::anon_send_exit(coordinator, caf::exit_reason::kill);
  options_->outcome->set(std::move(result));
  self_->quit();
}

void job_supervisor_state::fail(const std::string& who, const std::string& reason, bool final) {
  if (ended_)
    return;
  end({true, fmt::format("{} failed: {}", who, reason), final});
}

void job_supervisor_state::on_dataflow_ended() {
  if (++ended_components_ == options_->actors->component_count())
    close_sources();
}

void job_supervisor_state::close_sources() {
  closing_ = true;
  for (const auto& [id, source] : sources_)
    self_->send<caf::message_priority::high>(source, close_reader{});
  if (sources_.empty())
    end({});
}

/// What is refused is looked at as often as the sources hear the time: a job that throws everything away ends at once, and
/// no batch and no record pays for it.
void job_supervisor_state::on_tick() {
  if (auto too_many = refusals_->look(self_->clock().now()))
    return end({true, std::move(*too_many), true});
  tick_sources();
}

void job_supervisor_state::tick_sources() {
  for (const auto& [id, source] : sources_)
    self_->send(source, tick{self_->clock().now()});
  self_->delayed_send(self_, tick_interval_, tick{});
}

void job_supervisor_state::begin_join() {
  if (joining_ || found_.empty() || closing_)
    return;
  joining_.emplace();
  joining_->what = std::move(found_.front());
  found_.pop_front();
  self_->send<caf::message_priority::high>(coordinator_of(joining_->what.stage), join_request{});
}

void job_supervisor_state::on_join_refused() {
  spdlog::info("new partition {} is left to the next run: this one is ending", to_string(joining_->what.which));
  joining_.reset();
  begin_join();
}

const caf::actor& job_supervisor_state::coordinator_of(std::size_t stage) const {
  return options_->actors->coordinators()[options_->actors->component_of(stage)];
}

void job_supervisor_state::on_join_granted(const join_granted& granted) {
  auto& actors = *options_->actors;
  joining_->source = &actors.spawn_partition(joining_->what.stage, joining_->what.which);
  watch(*joining_->source);
  joining_->connections = actors.connect(*joining_->source);
  joining_->missing = joining_->connections.size();
  joining_->reads = granted.reads;
  for (auto& c : joining_->connections) {
    c.input.first_epoch = granted.first_epoch;
    c.input.answer_to = self_;
    self_->send(c.receiver, c.input);
  }
}

void job_supervisor_state::on_input_added() {
  if (--joining_->missing != 0)
    return;
  self_->send(joining_->source->actor, joining_->reads);
  options_->actors->start_partition(*joining_->source, joining_->connections);
  self_->send<caf::message_priority::high>(
    coordinator_of(joining_->what.stage),
    source_joined{joining_->source->id, options_->actors->participant_of(*joining_->source)});
  spdlog::info("new partition {} is being read", to_string(joining_->what.which));
  joining_.reset();
  begin_join();
}

caf::behavior job_supervisor(caf::stateful_actor<job_supervisor_state>* self, duration tick_interval) {
  self->state.init(self, tick_interval);
  return self->state.make_behavior();
}

} // namespace leat
