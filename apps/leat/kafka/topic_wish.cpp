#include <leat/apps/leat/kafka/topic_wish.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace leat::cli {

std::vector<std::string>
differences(const topic_wish& wanted, const topic_facts& there, std::span<const topic_setting> settings) {
  std::vector<std::string> found;
  if (wanted.partitions && *wanted.partitions != there.partitions.size())
    found.push_back(fmt::format("{} partitions, not {}", there.partitions.size(), *wanted.partitions));
  if (wanted.replication && *wanted.replication != there.replication())
    found.push_back(fmt::format("{} copies of each record, not {}", there.replication(), *wanted.replication));
  for (const auto& [name, value] : wanted.settings) {
    const auto setting = std::ranges::find(settings, name, &topic_setting::name);
    if (setting == settings.end())
      found.push_back(fmt::format("no setting {}", name));
    else if (setting->value != value)
      found.push_back(fmt::format("{}={}, not {}", name, setting->value.value_or("(a secret)"), value));
  }
  return found;
}

} // namespace leat::cli
