#pragma once

#include <leat/actors/caf.hpp>
#include <leat/actors/running_job.hpp>
#include <leat/persistence/checkpoint_ledger.hpp>
#include <leat/persistence/checkpoint_storage.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace leat {

// What the coordinator leaves to others, because it waits for the disk: each needs a thread of its own.

/// To the actor that stores: do it. Answered with `checkpoint_outcome`.
struct store_checkpoint {
  std::shared_ptr<const complete_checkpoint> what;
};
struct checkpoint_outcome {
  std::uint64_t epoch = 0;
  std::string failure; ///< why it is not stored; empty: it is
};

/// To itself: do some of what is left to do between two checkpoints.
struct tidy_store {};

/// Stores one checkpoint after the other, and tidies up between them.
caf::behavior checkpoint_store_actor(caf::event_based_actor* self, const std::shared_ptr<checkpoint_storage>& storage);

/// To the coordinator: take a checkpoint now, and keep a copy. The promise breaks when the job ends before.
struct take_savepoint {
  std::shared_ptr<std::promise<savepoint_outcome>> answer;
};

/// Those who copy are no actors of the job's: a restart does not wait for them.
inline constexpr auto copies_aside = caf::detached + caf::hidden;

/// Copies the last checkpoint for those who asked for it. @param under_way how many do; one less when it is done.
void copy_savepoint(
  caf::event_based_actor* self, const std::shared_ptr<checkpoint_storage>& storage,
  const std::vector<take_savepoint>& requests, const std::shared_ptr<std::atomic<std::size_t>>& under_way);

/// From who has copied a checkpoint that is to be retained.
struct checkpoint_retained {};

/// Copies it to be retained, and removes the oldest but `count`. @param coordinator is told with `checkpoint_retained`.
void copy_retained(
  caf::event_based_actor* self, const std::shared_ptr<checkpoint_storage>& storage, std::size_t count,
  const caf::actor& coordinator);

} // namespace leat

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::store_checkpoint)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::checkpoint_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::tidy_store)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::take_savepoint)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(leat::checkpoint_retained)
