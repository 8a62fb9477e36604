#pragma once

#include <leat/apps/leat/checkpoint_place.hpp>
#include <leat/apps/leat/text_table.hpp>

#include <string>
#include <vector>

namespace leat::cli {

/// The commands `leat savepoint …`. Objects of JSON, or tables.

/// Asks the job that runs in a state directory for a savepoint, and says where it is. @param stop with it, the job ends.
/// @throws config_error when there is no such directory; connector_error when no job runs there or it does not answer; state_error
/// with the job's reason when there is no savepoint.
void create_savepoint(const std::string& directory, bool stop, const text_sink& out, bool json);

/// The checkpoints of a state directory, by what they say of themselves.
void list_checkpoints(const std::string& directory, const text_sink& out, bool json);

/// What one says of itself, where the job's sources are, and which epochs are not written out yet.
void inspect_checkpoint(const checkpoint_place& place, const checkpoint_view& view, const text_sink& out, bool json);

/// Reads every byte that counts, and says what is damaged.
/// @returns whether all are whole.
bool verify_checkpoints(
  const std::vector<checkpoint_place>& places, std::chrono::milliseconds max_age, const text_sink& out, bool json);

/// Deletes a retained checkpoint or savepoint, or with `checkpoint_place::copy` false the last checkpoint, which a job goes on from.
/// @throws state_error when a running job holds it, or it cannot be deleted.
void delete_checkpoint(const checkpoint_place& place);

} // namespace leat::cli
