#pragma once

#include <leat/base/time.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// What a job says of one state of a step.
struct stored_state {
  std::string name;
  std::string key_type; ///< as text: to be compared with the type that a program has today
  std::string value_type;
  std::uint16_t id = 0;   ///< the store gives it
  std::string kept_for{}; ///< what else its entries depend on; empty: nothing
};

/// What the store holds of a step, kept up with every write: what is missing or changed is found by it.
struct step_contents {
  std::uint64_t deltas = 0;
  std::uint64_t delta_bytes = 0;
  std::uint64_t delta_digest = 0; ///< sum of their checksums
  std::uint64_t entries = 0;      ///< in the base; those hidden by a delta as well
  std::uint64_t entry_bytes = 0;
  std::uint64_t entry_digest = 0;

  step_contents& operator+=(const step_contents& other) noexcept;
  step_contents& operator-=(const step_contents& other) noexcept;
  friend bool operator==(const step_contents&, const step_contents&) = default;
};

/// One step of a job that has state.
struct stored_step {
  std::string uid; ///< by which the step is known from one run to the next
  std::string name;
  std::uint32_t parallelism = 0;
  std::vector<stored_state> states;
  std::uint32_t id = 0; ///< the store gives it
  step_contents contents{};
  std::string place{}; ///< where it stands among the others, when its uid is a number that the program counted; else empty

  /// Null when there is none.
  [[nodiscard]] const stored_state* state(std::string_view state_name) const noexcept;

  /// The id of a state, which is given to it now when it has none.
  std::uint16_t id_of_state(std::string_view state_name);
};

/// What a checkpoint says of itself. A job fills in all but what the store gives.
struct checkpoint_manifest {
  std::string job;
  timestamp time{}; ///< when the checkpoint was begun
  std::uint32_t parallelism = 0;
  std::uint32_t max_parallelism = 0;
  std::vector<stored_step> steps;
  std::uint64_t checkpoint = 0;  ///< its number; 0: the store holds none yet
  std::uint64_t transaction = 0; ///< LMDB's number of the write transaction that wrote it
  std::uint32_t next_step = 1;   ///< the id that the next new step gets

  /// Null when there is none.
  [[nodiscard]] const stored_step* step(std::string_view uid) const noexcept;
  [[nodiscard]] const stored_step* step(std::uint32_t id) const noexcept;

  /// The step with this uid, which gets an id now when it is new.
  stored_step& step_of(std::string_view uid);

  /// A step is gone; its id is given to no other.
  void forget(std::string_view uid);

  /// @throws state_error when they are of another job than this, or of one whose keys are divided into another number of groups.
  void check_job(std::string_view name) const;
  void check_key_groups(std::uint32_t count) const;

  /// What the store holds of all steps, in bytes.
  [[nodiscard]] std::uint64_t bytes() const noexcept;

  /// Takes over what a job says of itself and its steps; ids and contents stay, as do steps and states it does not name.
  /// @throws state_error when the job is another, or divides its keys into another number of groups.
  void describe(const checkpoint_manifest& said);
};

/// As the store keeps it, with its format version and checksum.
std::string encoded(const checkpoint_manifest& manifest);

/// @param where for the message.
/// @throws state_error when it is damaged, or of a format to come.
checkpoint_manifest decoded_manifest(std::string_view bytes, const std::string& where);

} // namespace leat
