#include <leat/base/metrics.hpp>

namespace leat {

metric& metrics::get(std::string_view name, std::string_view step, std::uint32_t instance, std::string_view output) {
  const std::lock_guard lock{m_};
  for (auto& e : entries_)
    if (e.name == name && e.step == step && e.instance == instance && e.output == output)
      return e.value;
  auto& added = entries_.emplace_back();
  added.name = name;
  added.step = step;
  added.instance = instance;
  added.output = output;
  return added.value;
}

std::vector<metrics::sample> metrics::samples() const {
  const std::lock_guard lock{m_};
  std::vector<sample> all;
  all.reserve(entries_.size());
  for (const auto& e : entries_)
    all.push_back({e.name, e.step, e.instance, e.value.value(), e.output});
  return all;
}

void metrics::note(std::string_view name, std::string_view step, std::string_view text) {
  const std::lock_guard lock{m_};
  notes_.try_emplace({std::string{name}, std::string{step}}, text);
}

std::string metrics::noted(std::string_view name, std::string_view step) const {
  const std::lock_guard lock{m_};
  const auto found = notes_.find({std::string{name}, std::string{step}});
  return found == notes_.end() ? std::string{} : found->second;
}

tally& metrics::tally_of(std::string_view name, std::string_view step) {
  const std::lock_guard lock{m_};
  return tallies_[{std::string{name}, std::string{step}}];
}

const tally* metrics::tallied(std::string_view name, std::string_view step) const {
  const std::lock_guard lock{m_};
  const auto found = tallies_.find({std::string{name}, std::string{step}});
  return found == tallies_.end() ? nullptr : &found->second;
}

std::int64_t metrics::sum(std::string_view name, std::string_view step) const {
  std::int64_t total = 0;
  for (const auto& s : samples())
    if (s.name == name && (step.empty() || s.step == step))
      total += s.value;
  return total;
}

} // namespace leat
