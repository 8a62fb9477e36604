#pragma once

#include <leat/base/time.hpp>
#include <leat/messages/dead_letter.hpp>
#include <leat/messages/partition.hpp>

#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// What one read has taken from a partition, as bytes: dead letters of steps show it for the records that were made of it.
///
/// Filled by the reader, then shared and never changed.
class raw_records : public boost::intrusive_ref_counter<raw_records, boost::thread_safe_counter> {
public:
  explicit raw_records(partition from) : from_{std::move(from)} {}

  void reserve(std::size_t records, std::size_t bytes) {
    records_.reserve(records);
    bytes_.reserve(bytes);
  }

  /// Copies one. @param time its own time at its source.
  void
  add(std::int64_t offset, timestamp time, std::optional<std::string_view> key, std::optional<std::string_view> payload) {
    records_.push_back({offset, time, store(key), store(payload)});
  }

  /// Writes place, time, key and payload of record `index` to a letter.
  void describe(std::uint32_t index, dead_letter& letter) const;

private:
  struct piece {
    std::size_t begin = 0;
    std::size_t size = 0;
    bool null = true;
  };
  struct record {
    std::int64_t offset;
    timestamp time;
    piece key;
    piece payload;
  };

  piece store(std::optional<std::string_view> of) {
    if (!of)
      return {};
    const auto begin = bytes_.size();
    bytes_.append(*of);
    return {begin, of->size(), false};
  }

  [[nodiscard]] std::optional<std::string> copy(const piece& p) const {
    return p.null ? std::nullopt : std::optional{bytes_.substr(p.begin, p.size)};
  }

  const partition from_;
  std::string bytes_;
  std::vector<record> records_;
};

inline void raw_records::describe(std::uint32_t index, dead_letter& letter) const {
  const auto& r = records_[index];
  letter.topic = from_.topic;
  letter.partition = from_.number;
  letter.offset = r.offset;
  letter.time = r.time;
  letter.key = copy(r.key);
  letter.payload = copy(r.payload);
}

} // namespace leat
