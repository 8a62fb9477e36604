#pragma once

#include <string>

namespace leat::testing {

/// Waits until a consumer group has committed more than the beginning of a topic, in any of its partitions.
void wait_for_commit(const std::string& group, const std::string& topic);

} // namespace leat::testing
