#include <leat/actors/stage_shell.hpp>

namespace leat {

caf::behavior stage_shell_state::make_behavior() {
  return {
    [this](start_stage& message) {
      task_ = std::move(message.task);
      task_->attach(*this);
      if (early_)
        task_->on_overtake(*early_);
    },
    [this](resend_in_flight) { task_->resend(); },
    [this](data_message& message) { task_->on_data(std::move(message)); },
    [this](const signal_message& message) { task_->on_signal(message); },
    [this](const credit_message& message) { task_->on_credit(message); },
    [this](run_again) { task_->run(); },
    [this](processing_time_due) { task_->on_processing_time(); },
    [this](wake_up) {
      options().gate->answer();
      if (task_)
        task_->on_wake();
    },
    [this](const overtake_barrier& message) {
      if (task_)
        task_->on_overtake(message);
      else
        early_ = message;
    },
    [this](const trigger_barrier& message) { task_->on_trigger(message); },
    [this](const settle_epoch& message) { task_->on_settle(message); },
    [this](const checkpoint_stored& message) { task_->on_stored(message); },
    [this](const checkpoint_failed& message) {
      if (task_)
        task_->on_failed(message);
    },
    [this](const tell_time& question) { answer(question, task_ ? task_->time() : actor_time{}); },
    [this](add_input& message) {
      task_->add_input(
        message.input, message.first_epoch, message.credit, std::move(message.sender), message.stage, message.to_input,
        std::move(message.identity), message.copies);
      if (message.answer_to)
        self_->send(message.answer_to, input_added{});
    },
  };
}

caf::behavior stage_actor(caf::stateful_actor<stage_shell_state>* self, shell_options options) {
  self->state.init(self, std::move(options));
  return self->state.make_behavior();
}

} // namespace leat
