#include <leat/actors/partition_source.hpp>

namespace leat {

void partition_source_state::start(std::shared_ptr<source_task> task) {
  task_ = std::move(task);
  task_->attach(*this);
  if (!early_reads_.may)
    task_->on_let_read(early_reads_);
  task_->start(self_->clock().now());
  if (early_limit_)
    task_->on_limit(*early_limit_);
  for (const auto& request : early_)
    task_->on_trigger(request);
  if (stop_early_)
    task_->on_stop();
}

caf::behavior partition_source_state::make_behavior() {
  return {
    [this](start_source& message) { start(std::move(message.task)); },
    [this](wake_up) {
      options().gate->answer();
      if (task_)
        task_->run();
    },
    [this](run_again) {
      if (task_)
        task_->run();
    },
    [this](const credit_message& message) {
      if (task_)
        task_->on_credit(message);
    },
    [this](const tick& message) {
      if (task_)
        task_->on_tick(message.now);
    },
    [this](const trigger_barrier& message) {
      if (task_)
        task_->on_trigger(message);
      else if (!closed_)
        early_.push_back(message);
    },
    [this](const overtake_barrier& message) {
      if (task_)
        task_->on_overtake(message);
      else if (!closed_ && !early_.empty() && early_.back().epoch == message.epoch)
        early_.back().overtakes = true;
    },
    [this](const commit_epoch& message) {
      if (task_)
        task_->on_commit(message);
    },
    [this](let_read message) {
      if (task_)
        task_->on_let_read(message);
      else
        early_reads_ = message;
    },
    [this](const watermark_limit& message) {
      if (task_)
        task_->on_limit(message);
      else if (!closed_)
        early_limit_ = message;
    },
    [this](stop_reading) {
      if (task_)
        task_->on_stop();
      else
        stop_early_ = true;
    },
    [this](const tell_time& question) {
      auto now = task_ ? task_->time() : actor_time{};
      now.ended |= closed_;
      answer(question, std::move(now));
    },
    [this](close_reader) {
      closed_ = true;
      task_.reset();
      tell_supervisor(reader_closed{options().self});
    },
  };
}

caf::behavior partition_source(caf::stateful_actor<partition_source_state>* self, shell_options options) {
  self->state.init(self, std::move(options));
  return self->state.make_behavior();
}

} // namespace leat
