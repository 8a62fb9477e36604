#pragma once

#include <leat/connectors/files/rolling_file.hpp>

namespace leat {

/// Completes the files that a run before this one has left in progress in `o.folder`, those with `o.extension`: what follows
/// the last whole record is cut off, as it was never reported to be delivered, and the file gets its final name. One without
/// any record is removed. Files that a running program holds are left alone.
/// @throws connector_error when that is not possible.
void complete_leftovers(const rolling_options& o, const format& of);

} // namespace leat
