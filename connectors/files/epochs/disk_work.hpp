#pragma once

#include <functional>

namespace leat {

/// Does work that waits for the disk, piece by piece in the order in which it is given, elsewhere than where it is asked for.
using disk_work = std::function<void(std::function<void()>)>;

/// What has just been done for an epoch, for tests that end the process then.
enum class epoch_step {
  stored,       ///< what an epoch has written is on the disk
  renamed,      ///< a file has its name
  names_stored, ///< and the name is on the disk
  marked,       ///< the marker says so
};

} // namespace leat
