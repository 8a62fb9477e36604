#include <leat/apps/fraud_alerts/demo/latency_log.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace leat::fraud {

latency_log::latency_log(const rules& what, duration late, const std::vector<injected_fraud>& frauds)
  : late_{late}, step_{std::gcd(what.rate.slide.count(), what.spending.window.count())} {
  for (const auto& f : frauds)
    fraud_ends_.push_back(f.last + duration{1});
  std::sort(fraud_ends_.begin(), fraud_ends_.end());
}

void latency_log::transaction_sent(const std::string& transaction_id, clock::time_point now) {
  const std::lock_guard lock{m_};
  sent_.emplace(transaction_id, now);
}

void latency_log::all_reached(timestamp newest, clock::time_point now) {
  if (newest < min_timestamp + late_ + step_)
    return;
  const auto ended = newest - late_;
  const auto passed = ended - ended.time_since_epoch() % step_;
  const auto first_end = next_end_;
  while (next_end_ < fraud_ends_.size() && fraud_ends_[next_end_] <= ended)
    ++next_end_;
  if (passed <= passed_ && next_end_ == first_end)
    return;
  passed_ = passed;
  const std::lock_guard lock{m_};
  passed_at_.emplace_back(ended, now);
}

std::optional<latency_log::clock::time_point> latency_log::knowable_since(const alert& raised) const {
  if (raised.window_end) {
    const auto found = std::lower_bound(
      passed_at_.begin(), passed_at_.end(), *raised.window_end, [](const auto& p, timestamp end) { return p.first < end; });
    return found == passed_at_.end() ? std::nullopt : std::optional{found->second};
  }
  const auto found = sent_.find(raised.transaction_id.value_or(""));
  return found == sent_.end() ? std::nullopt : std::optional{found->second};
}

void latency_log::alert_read(const alert& raised, clock::time_point now) {
  const std::lock_guard lock{m_};
  if (const auto since = knowable_since(raised))
    milliseconds_[raised.rule].push_back(std::chrono::duration<double, std::milli>(now - *since).count());
}

std::map<std::string, std::vector<double>> latency_log::milliseconds() const {
  const std::lock_guard lock{m_};
  auto all = milliseconds_;
  for (auto& [rule, values] : all)
    std::sort(values.begin(), values.end());
  return all;
}

std::optional<double> percentile(const std::vector<double>& ascending, double q) {
  if (ascending.empty())
    return std::nullopt;
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(ascending.size())));
  return ascending[std::clamp<std::size_t>(rank, 1, ascending.size()) - 1];
}

} // namespace leat::fraud
