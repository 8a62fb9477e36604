#pragma once

#include <leat/actors/stage_task.hpp>
#include <leat/actors/tasks/task_assembly.hpp>
#include <leat/actors/wake_gate.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace leat::testing {

class virtual_task;

/// What tasks have in common that run in one thread: the messages on their way, in the order in which they were sent, and the
/// time. Only `wake` may be called from other threads.
class virtual_surroundings {
public:
  struct run_again {};
  using message = std::variant<data_message, signal_message, credit_message, run_again>;

  void send(virtual_task& to, message what) { waiting_.emplace_back(&to, std::move(what)); }
  [[nodiscard]] std::optional<std::pair<virtual_task*, message>> next();
  void drop_messages() { waiting_.clear(); }

  [[nodiscard]] timestamp now() const noexcept { return now_; }
  void set_now(timestamp t) noexcept { now_ = t; }

  /// Tasks that something outside has woken; shared with it, because it may call when the test is over.
  class wake_ups {
  public:
    void add(virtual_task* task);
    [[nodiscard]] std::vector<virtual_task*> take();

    /// Waits for one. @returns false when none has come by `deadline`.
    [[nodiscard]] bool wait(std::chrono::steady_clock::time_point deadline);

  private:
    std::mutex m_;
    std::condition_variable any_come_;
    std::vector<virtual_task*> woken_; // guarded by m_; never looked into when the test is over
    std::atomic<bool> any_{false};
  };
  [[nodiscard]] const std::shared_ptr<wake_ups>& woken() const noexcept { return woken_; }

private:
  std::deque<std::pair<virtual_task*, message>> waiting_;
  timestamp now_{};
  const std::shared_ptr<wake_ups> woken_ = std::make_shared<wake_ups>();
};

/// A subtask in a test: the engine that actors have, without an actor. Sources are stages like all others here, with one input
/// that the test feeds.
class virtual_task final : public task_host {
public:
  virtual_task(subtask place, const std::string& stage, metrics& registry, virtual_surroundings& around);

  [[nodiscard]] const subtask& place() const noexcept { return place_; }
  [[nodiscard]] stage_task& engine() noexcept { return engine_; }
  [[nodiscard]] const stage_task& engine() const noexcept { return engine_; }

  /// Its parts, once they are assembled.
  assembled_task parts;

  void handle(virtual_surroundings::message& what);

  /// What the task may be woken by, from any thread.
  [[nodiscard]] std::function<void()> waker();
  void on_wake();

  /// When it wants to hear of processing time; `max_timestamp`: not at all.
  [[nodiscard]] timestamp wakes_at() const noexcept { return wakes_at_; }
  void on_processing_time();

  void run_later() override { around_.send(*this, virtual_surroundings::run_again{}); }
  [[nodiscard]] timestamp now() const override { return around_.now(); }
  void wake_at(timestamp when) override { wakes_at_ = std::min(wakes_at_, when); }

  // There are no epochs and nobody waits for the end.
  void report(const source_ended&) override {}
  void report(const watermark_report&) override {}
  void report(const barrier_arrived&) override {}
  void report(const epoch_settled&) override {}
  void report(const sink_ended&) override {}
  void report(const snapshot_taken&) override {}
  void report(const actor_ended&) override {}
  void report(const checkpoint_wanted&) override {}
  void report(const epoch_committed&) override {}

private:
  const subtask place_;
  virtual_surroundings& around_;
  stage_task engine_;
  const std::shared_ptr<wake_gate> gate_ = std::make_shared<wake_gate>();
  timestamp wakes_at_ = max_timestamp;
};

/// The way to a task's mailbox.
class virtual_downstream final : public downstream_link {
public:
  virtual_downstream(virtual_surroundings& around, virtual_task& receiver) : around_{around}, receiver_{receiver} {}
  void deliver(data_message message) override { around_.send(receiver_, std::move(message)); }
  void deliver(signal_message message) override { around_.send(receiver_, message); }

private:
  virtual_surroundings& around_;
  virtual_task& receiver_;
};

/// The way of credit back.
class virtual_upstream final : public upstream_link {
public:
  virtual_upstream(virtual_surroundings& around, virtual_task& sender, output_id output)
    : around_{around}, sender_{sender}, output_{output} {}
  void refund(std::uint32_t batches) override { around_.send(sender_, credit_message{output_, batches}); }

private:
  virtual_surroundings& around_;
  virtual_task& sender_;
  const output_id output_;
};

} // namespace leat::testing
