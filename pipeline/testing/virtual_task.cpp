#include <leat/pipeline/testing/virtual_task.hpp>

namespace leat::testing {

std::optional<std::pair<virtual_task*, virtual_surroundings::message>> virtual_surroundings::next() {
  if (waiting_.empty())
    return std::nullopt;
  auto first = std::move(waiting_.front());
  waiting_.pop_front();
  return first;
}

void virtual_surroundings::wake_ups::add(virtual_task* task) {
  {
    const std::lock_guard lock{m_};
    woken_.push_back(task);
    any_.store(true, std::memory_order_release);
  }
  any_come_.notify_one();
}

std::vector<virtual_task*> virtual_surroundings::wake_ups::take() {
  if (!any_.load(std::memory_order_acquire))
    return {};
  const std::lock_guard lock{m_};
  any_.store(false, std::memory_order_release);
  return std::exchange(woken_, {});
}

bool virtual_surroundings::wake_ups::wait(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock{m_};
  return any_come_.wait_until(lock, deadline, [this] { return !woken_.empty(); });
}

virtual_task::virtual_task(subtask place, const std::string& stage, metrics& registry, virtual_surroundings& around)
  : place_{std::move(place)}, around_{around}, engine_{stage, place_.index, registry} {
  engine_.attach(*this);
}

void virtual_task::handle(virtual_surroundings::message& what) {
  if (auto* data = std::get_if<data_message>(&what))
    engine_.on_data(std::move(*data));
  else if (const auto* s = std::get_if<signal_message>(&what))
    engine_.on_signal(*s);
  else if (const auto* credit = std::get_if<credit_message>(&what))
    engine_.on_credit(*credit);
  else
    engine_.run();
}

std::function<void()> virtual_task::waker() {
  return [this, gate = gate_, woken = around_.woken()] {
    if (gate->ring())
      woken->add(this);
  };
}

void virtual_task::on_wake() {
  gate_->answer();
  engine_.on_wake();
}

void virtual_task::on_processing_time() {
  wakes_at_ = max_timestamp;
  engine_.on_processing_time();
}

} // namespace leat::testing
