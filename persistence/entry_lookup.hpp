#pragma once

#include <leat/messages/saved_state.hpp>
#include <leat/persistence/delta_index.hpp>
#include <leat/persistence/delta_places.hpp>
#include <leat/persistence/lmdb/lmdb_environment.hpp>
#include <leat/persistence/manifest.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// Finds single entries of one step in the last checkpoint of a store that is being written to: in the deltas of the entry's
/// group, or else in the base. Of the deltas it keeps where which entry stands, about 30 bytes each, from the first time that
/// somebody looks for something in their group until they are folded; so a look costs one in a hash table and one in LMDB's tree,
/// whose pages the system may have to read from the disk.
///
/// Holds a read transaction from one `refresh` to the next: pages that were in use then are not used again meanwhile. The first
/// look or `refresh` begins it, so a step that never looks holds none, and `close` ends it.
class entry_lookup final : public stored_entries {
public:
  /// @param step its uid.
  entry_lookup(std::shared_ptr<lmdb_environment> env, std::string step, std::uint32_t max_parallelism);

  [[nodiscard]] std::optional<std::string_view>
  find(std::string_view state, std::uint64_t hash, std::string_view key) override;
  void refresh() override;
  void close() override;

private:
  struct known_delta {
    delta_ref ref;
    std::size_t end = 0; // of its entries in `places`, counted from the first that the group ever had; once they are there
  };
  struct known_group {
    std::deque<known_delta> deltas; // oldest first
    std::size_t indexed = 0;        // of them, the oldest
    delta_places places;
    std::size_t folded = 0;        // places that are there no more
    std::uint64_t replaced_in = 0; // the checkpoint that hides all older ones, and the base
  };

  void take_new_deltas();
  void forget_folded();
  void index(std::uint16_t group);
  [[nodiscard]] std::string_view bytes_of(std::uint16_t group, const known_delta& of) const;
  [[nodiscard]] std::uint16_t id_of(std::string_view state) const;
  [[nodiscard]] state_error missing(std::uint64_t checkpoint) const;

  const std::shared_ptr<lmdb_environment> env_;
  const std::string step_name_;
  std::optional<lmdb_transaction> txn_;
  std::uint64_t seen_ = 0;          // the last checkpoint of which the deltas are known
  std::optional<stored_step> step_; // none: the checkpoint has nothing of it
  std::vector<known_group> groups_; // by number
};

} // namespace leat
