#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace leat::cli {

/// Which letters of one partition were sent again: docs/formats/replay_metadata.md.
class replayed_offsets {
public:
  /// None.
  replayed_offsets() = default;

  /// @param next all before it. @param metadata and those that it names.
  /// @throws state_error when that is no text of ours.
  replayed_offsets(std::int64_t next, std::string_view metadata);

  void add(std::int64_t offset);

  /// Offsets that hold no letter any more count as sent.
  void skip_to(std::int64_t begin);

  [[nodiscard]] bool contains(std::int64_t offset) const;

  /// The first one that was not sent.
  [[nodiscard]] std::int64_t next() const noexcept { return next_; }

  /// The others that were, behind it.
  [[nodiscard]] std::string metadata() const;

private:
  void absorb();

  std::int64_t next_ = 0;
  std::map<std::int64_t, std::int64_t> ranges_; // behind `next_`, by their first offset: their last
};

} // namespace leat::cli
