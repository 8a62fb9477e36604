#pragma once

#include <leat/messages/saved_state.hpp>
#include <leat/persistence/delta_index.hpp>
#include <leat/persistence/lmdb_environment.hpp>
#include <leat/persistence/manifest.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// Finds single entries of one step in the last checkpoint of a store that is being written to: in the deltas of the entry's
/// group, newest first, then in the base. Of a delta it keeps where which entry stands, 16 bytes each, from the first time that
/// somebody looks for something in its group until it is folded; so a look costs a search in a few sorted arrays and one in
/// LMDB's tree, whose pages the system may have to read from the disk.
///
/// Holds a read transaction from one `refresh` to the next: pages that were in use then are not used again meanwhile. The first
/// look or `refresh` begins it, so a step that never looks holds none.
class entry_lookup final : public stored_entries {
public:
  /// @param step its uid.
  entry_lookup(std::shared_ptr<lmdb_environment> env, std::string step, std::uint32_t max_parallelism);

  [[nodiscard]] std::optional<std::string_view>
  find(std::string_view state, std::uint64_t hash, std::string_view key) override;
  void refresh() override;

private:
  /// Where an entry stands in its delta.
  struct place {
    std::uint32_t hash;   // of state and key
    std::uint32_t offset; // of the bytes of the key, in those of the delta
    std::uint32_t bytes;  // so many of them
    std::uint16_t state;
    bool removed;
  };
  struct known_delta {
    delta_ref ref;
    bool indexed = false;
    bool replaces = false;
    std::vector<place> places{}; // by hash
  };
  using known_group = std::vector<known_delta>; // oldest first

  void take_new_deltas();
  void forget_folded();
  void index(std::uint16_t group, known_delta& of) const;
  [[nodiscard]] std::string_view bytes_of(std::uint16_t group, const delta_ref& ref) const;
  [[nodiscard]] static const place*
  find(const known_delta& in, std::uint32_t hash, std::uint16_t state, std::string_view key, std::string_view bytes);

  const std::shared_ptr<lmdb_environment> env_;
  const std::string step_name_;
  std::optional<lmdb_transaction> txn_;
  std::uint64_t seen_ = 0;          // the last checkpoint of which the deltas are known
  std::optional<stored_step> step_; // none: the checkpoint has nothing of it
  std::vector<known_group> groups_; // by number
};

} // namespace leat
