#pragma once

#include <leat/base/settings.hpp>
#include <leat/messages/partition.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace leat {

class kafka_client;

/// How far a group has come in a partition.
struct group_position {
  partition of;
  std::int64_t next = 0;  ///< the first offset that is not read
  std::string metadata{}; ///< stored beside that; brokers take 4096 bytes
};

/// Stores how far a consumer group has come, for a group that nobody is in. What it has stored is asked of `committed_by`.
class group_offsets {
public:
  /// @throws config_error when a property is refused.
  group_offsets(const settings& config, std::string group);
  ~group_offsets();

  group_offsets(const group_offsets&) = delete;
  group_offsets& operator=(const group_offsets&) = delete;

  /// @throws connector_error when it is not stored: no permission, or somebody is in the group.
  void store(const std::vector<group_position>& positions);

private:
  const std::string group_;
  std::unique_ptr<kafka_client> client_;
};

} // namespace leat
