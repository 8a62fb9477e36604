#pragma once

#include <leat/connectors/kafka/blocking/cluster_view.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace leat::cli {

/// What somebody wants a topic to be; what is not said may be anything.
struct topic_wish {
  std::optional<std::uint32_t> partitions;
  std::optional<std::uint16_t> replication;
  std::map<std::string, std::string> settings; ///< by name

  [[nodiscard]] bool says_nothing() const noexcept { return !partitions && !replication && settings.empty(); }
};

/// Where a topic is another than is wanted, a text for each: "3 partitions, not 4".
[[nodiscard]] std::vector<std::string>
differences(const topic_wish& wanted, const topic_facts& there, std::span<const topic_setting> settings);

} // namespace leat::cli
