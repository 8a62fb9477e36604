#pragma once

#include <leat/actors/caf.hpp>
#include <leat/actors/wake_gate.hpp>
#include <leat/base/error.hpp>
#include <leat/base/steady_wall_clock.hpp>

#include <algorithm>
#include <exception>
#include <memory>
#include <string>

namespace leat {

/// What every actor of a dataflow knows of its surroundings.
struct shell_options {
  actor_id self = 0;
  std::string name; ///< for errors: "spending[1]"
  caf::actor supervisor;
  caf::actor coordinator;
  caf::actor aligner;              ///< none when no source is aligned
  std::shared_ptr<wake_gate> gate; ///< shared with whoever wakes the actor from outside
};

/// The part that all shells share: carries what a task reports to the coordinator, and failures to the supervisor.
class shell : public task_host {
public:
  void init(caf::event_based_actor* self, shell_options options) {
    self_ = self;
    options_ = std::move(options);
    // An exception ends the job: the supervisor hears the text, which CAF's own down message does not carry.
    self->set_exception_handler([this](std::exception_ptr& e) {
      fail(text_of(e), is_final(e));
      return caf::make_error(caf::sec::runtime_error);
    });
  }

  void run_later() override { self_->send(self_, run_again{}); }
  [[nodiscard]] timestamp now() const override { return steady_wall_clock(); }
  void wake_at(timestamp when) override {
    self_->delayed_send(self_, std::max(when - now(), duration::zero()), processing_time_due{});
  }
  void report(const source_ended& what) override { tell_coordinator(what); }
  void report(const watermark_report& what) override { self_->send<caf::message_priority::high>(options_.aligner, what); }
  void report(const barrier_arrived& what) override { tell_coordinator(what); }
  void report(const epoch_settled& what) override { tell_coordinator(what); }
  void report(const sink_ended& what) override { tell_coordinator(what); }
  void report(const snapshot_taken& what) override { tell_coordinator(what); }
  void report(const actor_ended& what) override { tell_coordinator(what); }
  void report(const checkpoint_wanted& what) override { tell_coordinator(what); }
  void report(const epoch_committed& what) override { tell_coordinator(what); }

protected:
  [[nodiscard]] const shell_options& options() const noexcept { return options_; }

  /// @param now what the task knows; may be empty when there is none.
  void answer(const tell_time& question, actor_time now) {
    now.actor = options_.self;
    self_->send<caf::message_priority::high>(question.answer_to, std::move(now));
  }

  template <class Message>
  void tell_supervisor(Message what) {
    self_->send<caf::message_priority::high>(options_.supervisor, std::move(what));
  }

  caf::event_based_actor* self_ = nullptr;

private:
  template <class Message>
  void tell_coordinator(Message what) {
    self_->send<caf::message_priority::high>(options_.coordinator, std::move(what));
  }

  void fail(std::string reason, bool final) {
    tell_supervisor(actor_failed{options_.self, options_.name, std::move(reason), final});
  }

  shell_options options_;
};

/// A callback for client libraries that wakes `target` once, however often it is called before the actor looks.
inline waker make_waker(const caf::actor& target, std::shared_ptr<wake_gate> gate) {
  return [target = caf::actor_cast<caf::weak_actor_ptr>(target), gate = std::move(gate)] {
    if (!gate->ring())
      return;
    if (const auto alive = caf::actor_cast<caf::actor>(target))
      caf::anon_send(alive, wake_up{});
  };
}

} // namespace leat
